/** "Open URL" dialog. */
import { element } from './elements.ts';
import type { Choice } from './sources.ts';

const dialog = element('address', HTMLDialogElement);
const input = element('address-input', HTMLInputElement);
const hint = element('address-hint', HTMLParagraphElement);
const HINT = hint.textContent;

/** Calls `choose` with each URL that the user submits. */
export function onAddress(choose: (choice: Choice) => void): void {
  const showHint = (isWrong: boolean): void => {
    input.ariaInvalid = String(isWrong);
    hint.textContent = isWrong ? 'Enter a URL that starts with https:// and points to a video file.' : HINT;
  };
  element('open-address', HTMLButtonElement).addEventListener('click', () => {
    showHint(false);
    dialog.showModal();
    input.select();
  });
  element('address-cancel', HTMLButtonElement).addEventListener('click', () => dialog.close());
  element('address-form', HTMLFormElement).addEventListener('submit', (event) => {
    const choice = choiceOf(input.value);
    showHint(choice === null);
    if (choice !== null) {
      choose(choice);
      return;
    }
    event.preventDefault();
    input.focus();
  });
}

/** Returns the video that a URL names, or null if the text is not an http(s) URL. */
export function choiceOf(address: string): Choice | null {
  const text = address.trim();
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/u.test(url.protocol)) return null;
  const file = url.pathname.split('/').at(-1) ?? '';
  return { name: file === '' ? url.hostname : decoded(file), source: url.href };
}

function decoded(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}
