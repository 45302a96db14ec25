/** Where films come from: the built-in clip, a file that is chosen, a file that is dropped. */
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

/** Tells of each file that is chosen or dropped. */
export function onChoice(choose: (choice: Choice) => void): void {
  const input = element('file', HTMLInputElement);
  const take = (file: File | undefined): void => {
    if (file !== undefined) choose({ name: file.name, source: file });
  };
  element('open', HTMLButtonElement).addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    take(input.files?.[0]);
    // So that choosing the same file again is a choice.
    input.value = '';
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
    take(event.dataTransfer?.files[0]);
  });
}
