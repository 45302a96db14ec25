/** Where videos come from: the built-in clip, a file that is chosen, dropped or pasted, an address that is given or pasted. */
import { choiceOf, onAddress } from './address.ts';
import { element } from './elements.ts';

/** What to open, and what to call it. */
export interface Choice {
  readonly name: string;
  readonly source: Blob | string;
}

/** The clip that the page opens with. */
export const builtIn: Choice = {
  name: 'built-in clip',
  source: new URL('../../test/media/demo.webm', import.meta.url).href,
};

/** Where what is chosen goes. */
export interface Chooser {
  choose(choice: Choice): void;
  /** What was dropped or pasted is nothing that could be opened. */
  refuse(words: string): void;
}

/** Tells of each choice. */
export function onChoice({ choose, refuse }: Chooser): void {
  const input = element('file', HTMLInputElement);
  const takeFile = (file: File): void => choose({ name: file.name, source: file });
  const take = (data: DataTransfer | null): void => {
    const [file] = data?.files ?? [];
    const text = data?.getData('text/plain') ?? '';
    const choice = choiceOf(text);
    if (file !== undefined) takeFile(file);
    else if (choice !== null) choose(choice);
    else
      refuse(
        'That is neither a file nor an address. Try a video file, or an address that begins with https://.',
      );
  };
  element('built-in', HTMLButtonElement).addEventListener('click', () => choose(builtIn));
  element('open', HTMLButtonElement).addEventListener('click', () => input.click());
  onAddress(choose);
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file !== undefined) takeFile(file);
    // So that choosing the same file again is a choice.
    input.value = '';
  });
  document.addEventListener('paste', (event) => {
    // Into a field, text goes as anywhere.
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
