/** The keyboard: every key of the table, but for those that belong to the control that has the focus. */
import type { ActionTarget } from './actions.ts';
import type { KeyLine } from './key-table.ts';
import { KEY_TABLE } from './key-table.ts';

const LINES = KEY_TABLE.flatMap(({ lines }) => lines);

/** Keys that move what is chosen or set. */
const MOVING = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'];

/** Hears keys for as long as the page lives, and lets each button of the table do what its key does. */
export function connectKeys(driven: ActionTarget): void {
  const byKey = new Map(LINES.flatMap((line) => line.keys.map((key) => [key, line] as const)));
  for (const line of LINES) connectButton(line, driven);
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // A sheet that is open has the keys to itself.
    if (document.querySelector('dialog[open]') !== null || isKeyOf(event.target, event.key)) return;
    const line = byKey.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (line === undefined) return;
    if (event.repeat && line.repeats !== true) event.preventDefault();
    // What there is nothing to do for is left to the browser: arrows scroll.
    else if (line.act(driven)) event.preventDefault();
  });
}

function connectButton({ button: id, shown, keys, act }: KeyLine, driven: ActionTarget): void {
  const button = id === undefined ? null : document.getElementById(id);
  if (button === null) return;
  button.dataset['shortcut'] = shown;
  button.setAttribute('aria-keyshortcuts', keys.map((key) => (key === ' ' ? 'Space' : key)).join(' '));
  button.addEventListener('click', () => void act(driven));
}

/** Whether a key is the business of who has the focus. */
function isKeyOf(target: EventTarget | null, key: string): boolean {
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLInputElement) {
    switch (target.type) {
      case 'range':
        // The seek bar's keys are the player's: five seconds, not one µs.
        return target.id !== 'seek' && MOVING.includes(key);
      case 'checkbox':
        return key === ' ';
      case 'radio':
        return key === ' ' || MOVING.includes(key);
      default:
        return true;
    }
  }
  const isPressed =
    target instanceof HTMLButtonElement || (target instanceof HTMLElement && target.tagName === 'SUMMARY');
  return isPressed && key === ' ';
}
