/** Errors, in the page and in words that say what to do. */
import { PoolStarvedError } from '../src/index.ts';
import { element } from './elements.ts';

/** What the pool is called that the player decodes into. */
export const PLAYER_POOL = 'player';

const box = element('problem', HTMLDivElement);
const text = element('problem-text', HTMLParagraphElement);

element('dismiss', HTMLButtonElement).addEventListener('click', () => hideProblem());

/** Shows what went wrong. */
export function showProblem(error: unknown): void {
  text.textContent = words(error);
  box.hidden = false;
}

/** Takes it away. */
export function hideProblem(): void {
  box.hidden = true;
}

function words(error: unknown): string {
  if (error instanceof PoolStarvedError) {
    // Those of the pools that share the player's budget are listed too, and hold none of its slots.
    const own = error.holders.filter(({ pool }) => pool === PLAYER_POOL);
    const names = [...new Set(own.map(({ holder }) => holder ?? 'somebody without a name'))];
    if (names.length === 0) return `The player waits for a frame, and none comes: ${error.message}.`;
    return `The player waits for a frame: every slot is ${names.join(', ')}. Let a frame go, or raise the capacity.`;
  }
  // Put into sentences that have an end of their own.
  const message = (error instanceof Error ? error.message : String(error)).replace(/\.$/u, '');
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotSupportedError') return `This cannot be played here: ${message}. Try another file.`;
  if (name === 'EncodingError') return `This file is not whole: ${message}. What could be read was shown.`;
  if (name === 'NetworkError')
    return `This address did not answer: ${message}. Check it and your connection.`;
  return `Something went wrong: ${message}`;
}
