/** "Open an address": a sheet with a field. */
import { element } from './elements.ts';
import type { Choice } from './sources.ts';

const sheet = element('address', HTMLDialogElement);
const input = element('address-input', HTMLInputElement);
const hint = element('address-hint', HTMLParagraphElement);
const HINT = hint.textContent;

/** Tells of each address that is given. */
export function onAddress(choose: (choice: Choice) => void): void {
  const complain = (isWrong: boolean): void => {
    input.ariaInvalid = String(isWrong);
    hint.textContent = isWrong
      ? 'That is no address. One begins with https:// and names a video file.'
      : HINT;
  };
  element('open-address', HTMLButtonElement).addEventListener('click', () => {
    complain(false);
    sheet.showModal();
    input.select();
  });
  element('address-cancel', HTMLButtonElement).addEventListener('click', () => sheet.close());
  element('address-form', HTMLFormElement).addEventListener('submit', (event) => {
    const choice = choiceOf(input.value);
    complain(choice === null);
    if (choice !== null) {
      choose(choice);
      return;
    }
    event.preventDefault();
    input.focus();
  });
}

/** What an address names, or null where it is none. */
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
