/** Writes text only when it changes. */

/** Sets the text of an element if it differs: unchanged text is neither laid out again nor announced again. */
export function showText(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}
