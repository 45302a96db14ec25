/** Keyboard input: runs the action of each shortcut, except for keys that belong to the focused control. */
import type { ActionTarget } from './actions.ts';
import type { KeyLine } from './key-table.ts';
import { KEY_TABLE } from './key-table.ts';

const LINES = KEY_TABLE.flatMap(({ lines }) => lines);

/** Keys that change the value or selection of a control. */
const MOVING = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'];

/** Handles keys for the lifetime of the page, and connects each button of the table to the action of its key. */
export function connectKeys(driven: ActionTarget): void {
  const byKey = new Map(LINES.flatMap((line) => line.keys.map((key) => [key, line] as const)));
  for (const line of LINES) connectButton(line, driven);
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // An open dialog handles its own keys.
    if (document.querySelector('dialog[open]') !== null || isKeyOf(event.target, event.key)) return;
    const line = byKey.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (line === undefined) return;
    if (event.repeat && line.repeats !== true) event.preventDefault();
    // An action that did nothing leaves the key to the browser, for example arrows for scrolling.
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

/** Whether a key belongs to the focused control. */
function isKeyOf(target: EventTarget | null, key: string): boolean {
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return true;
  if (target instanceof HTMLInputElement) {
    switch (target.type) {
      case 'range':
        // Arrow keys on the seek bar are the player's: they move by five seconds, not by one µs.
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
