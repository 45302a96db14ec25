/** Progress and Cancel button of an opening source. CSS shows them after half a second (style.css). */
import { write } from './buttons.ts';
import { element } from './elements.ts';

const box = element('opening', HTMLDivElement);
const text = element('opening-text', HTMLParagraphElement);

/** Shows the name of the source that is being opened; null hides it. */
export function showOpening(name: string | null): void {
  box.hidden = name === null;
  if (name !== null) write(text, name === 'camera' ? 'Waiting for camera permission …' : `Opening ${name} …`);
}

/** Calls `cancel` for the Cancel button and for Escape. */
export function onCancel(cancel: () => void): void {
  element('opening-cancel', HTMLButtonElement).addEventListener('click', cancel);
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape' && document.querySelector('dialog[open]') === null) cancel();
  });
}
