/** What is being opened: progress, and the way out. It comes into view after half a second (style.css). */
import { write } from './buttons.ts';
import { element } from './elements.ts';

const box = element('opening', HTMLDivElement);
const text = element('opening-text', HTMLParagraphElement);

/** Shows what is being opened, or nothing. */
export function showOpening(name: string | null): void {
  box.hidden = name === null;
  if (name !== null) write(text, name === 'camera' ? 'Asking for the camera …' : `Opening ${name} …`);
}

/** Cancel, by button or by Escape. */
export function onCancel(cancel: () => void): void {
  element('opening-cancel', HTMLButtonElement).addEventListener('click', cancel);
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && document.querySelector('dialog[open]') === null) cancel();
  });
}
