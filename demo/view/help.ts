/** The sheet that lists the keys. */
import { nameControl } from './buttons.ts';
import { element } from './elements.ts';
import type { KeyGroup } from './key-table.ts';

const sheet = element('help', HTMLDialogElement);

/** Writes it, from the table that handles the keys. The ten digits share a line. */
export function writeHelp(table: readonly KeyGroup[]): void {
  const list = element('keys', HTMLDivElement);
  for (const { title, lines } of table) {
    const group = document.createElement('section');
    const heading = document.createElement('h3');
    heading.textContent = title;
    const pairs = document.createElement('dl');
    for (const { shown, does } of lines) {
      if (/^[1-9]$/u.test(shown)) continue;
      const isFirstDigit = shown === '0';
      const pair = document.createElement('div');
      const term = document.createElement('dt');
      if (isFirstDigit) term.append(cap('0'), ' – ', cap('9'));
      else for (const key of shown.split(', ')) term.append(cap(key), ' ');
      const words = document.createElement('dd');
      words.textContent = isFirstDigit ? 'To a tenth of the video' : does;
      pair.append(term, words);
      pairs.append(pair);
    }
    group.append(heading, pairs);
    list.append(group);
  }
  nameControl(element('help-open', HTMLButtonElement), 'Help');
  element('help-close', HTMLButtonElement).addEventListener('click', () => sheet.close());
}

/** Shows it. */
export function openHelp(): boolean {
  if (!sheet.open) sheet.showModal();
  return true;
}

function cap(key: string): HTMLElement {
  const made = document.createElement('kbd');
  made.textContent = key;
  return made;
}
