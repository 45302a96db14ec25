/** Text that is written often and changes seldom. */

/** Writes the text where it is another one: what stays is neither laid out again nor read out. */
export function showText(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}
