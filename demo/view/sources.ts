/** Sources of videos: the built-in clip, a chosen, dropped or pasted file, an entered or pasted URL. */
import { choiceOf, onAddress } from './address.ts';
import { element } from './elements.ts';

/** A video to open, with its display name. */
export interface Choice {
  readonly name: string;
  readonly source: Blob | string;
}

/** Clip that the page opens first. */
export const builtIn: Choice = {
  name: 'built-in clip',
  source: new URL('../../test/media/demo.webm', import.meta.url).href,
};

/** Receiver of the user's choices. */
export interface Chooser {
  choose(choice: Choice): void;
  /** Called with a message if the dropped or pasted data cannot be opened. */
  refuse(message: string): void;
}

/** Reports each choice of a source. */
export function onChoice({ choose, refuse }: Chooser): void {
  const input = element('file', HTMLInputElement);
  const takeFile = (file: File): void => choose({ name: file.name, source: file });
  const take = (data: DataTransfer | null): void => {
    const [file] = data?.files ?? [];
    const text = data?.getData('text/plain') ?? '';
    const choice = choiceOf(text);
    if (file !== undefined) takeFile(file);
    else if (choice !== null) choose(choice);
    else refuse('That is not a video file or a URL. Use a video file, or a URL that starts with https://.');
  };
  element('built-in', HTMLButtonElement).addEventListener('click', () => choose(builtIn));
  element('open', HTMLButtonElement).addEventListener('click', () => input.click());
  onAddress(choose);
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file !== undefined) takeFile(file);
    // Reset, so that choosing the same file again fires `change`.
    input.value = '';
  });
  document.addEventListener('paste', (event) => {
    // Text fields handle paste themselves.
    if (event.target instanceof HTMLInputElement && event.target.type !== 'range') return;
    event.preventDefault();
    take(event.clipboardData);
  });
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) document.body.classList.remove('dropping');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    take(event.dataTransfer);
  });
}
