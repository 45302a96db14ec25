/**
 * Icons, names, tooltips and texts of controls. The DOM is written only on changes, because these functions run on each
 * frame.
 */

/** Shows an icon of index.html. */
export function showIcon(button: HTMLButtonElement, name: string): void {
  const use = button.querySelector('use');
  const address = `#icon-${name}`;
  if (use !== null && use.getAttribute('href') !== address) use.setAttribute('href', address);
}

/** Sets the accessible name of a control, and its tooltip with the keyboard shortcut. */
export function nameControl(control: HTMLElement, name: string): void {
  const { shortcut } = control.dataset;
  const title = shortcut === undefined ? name : `${name} (${shortcut})`;
  if (control.ariaLabel !== name) control.ariaLabel = name;
  if (control.title !== title) control.title = title;
}

/** Sets the pressed state of a toggle button. */
export function press(button: HTMLButtonElement, isDown: boolean): void {
  if (button.ariaPressed !== String(isDown)) button.ariaPressed = String(isDown);
}

/** Writes a text if it differs. */
export function write(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}
