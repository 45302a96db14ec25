/** Dialog that lists the keyboard shortcuts. */
import { nameControl } from './buttons.ts';
import { element } from './elements.ts';
import type { KeyGroup } from './key-table.ts';

const dialog = element('help', HTMLDialogElement);

/** Fills the dialog from the table that handles the keys. The ten digits share a line. */
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
      words.textContent = isFirstDigit ? 'Jump to 0–90 %' : does;
      pair.append(term, words);
      pairs.append(pair);
    }
    group.append(heading, pairs);
    list.append(group);
  }
  nameControl(element('help-open', HTMLButtonElement), 'Help');
  element('help-close', HTMLButtonElement).addEventListener('click', () => dialog.close());
}

/** Opens the dialog. */
export function openHelp(): boolean {
  if (!dialog.open) dialog.showModal();
  return true;
}

function cap(key: string): HTMLElement {
  const made = document.createElement('kbd');
  made.textContent = key;
  return made;
}
