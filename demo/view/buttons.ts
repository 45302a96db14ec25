/** What controls look like and are called: icons, names, reasons. Written only where they change: they are asked with each frame. */

/** Shows one of the icons that index.html has. */
export function showIcon(button: HTMLButtonElement, name: string): void {
  const use = button.querySelector('use');
  const address = `#icon-${name}`;
  if (use !== null && use.getAttribute('href') !== address) use.setAttribute('href', address);
}

/** Calls a control by what it does: for ears, and for eyes with the key that does the same. */
export function nameControl(control: HTMLElement, name: string): void {
  const { shortcut } = control.dataset;
  const title = shortcut === undefined ? name : `${name} (${shortcut})`;
  if (control.ariaLabel !== name) control.ariaLabel = name;
  if (control.title !== title) control.title = title;
}

/** Switches a button that stays down, or not. */
export function press(button: HTMLButtonElement, isDown: boolean): void {
  if (button.ariaPressed !== String(isDown)) button.ariaPressed = String(isDown);
}

/** Writes a text, where there is another. */
export function write(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}
