/** Errors, in the page and in words that say what to do. */
import { PoolStarvedError } from '../../src/index.ts';
import { element } from './elements.ts';

/** What the pool is called that the player decodes into. */
export const PLAYER_POOL = 'player';

const box = element('problem', HTMLDivElement);
const text = element('problem-text', HTMLParagraphElement);

element('dismiss', HTMLButtonElement).addEventListener('click', () => hideProblem());

/** Shows what went wrong. */
export function showProblem(error: unknown, words: (error: unknown) => string = videoWords): void {
  text.textContent = words(error);
  box.hidden = false;
}

/** Takes it away. */
export function hideProblem(): void {
  box.hidden = true;
}

/** An error's message, without an end: it is put into sentences that have one of their own. */
export const sentence = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\.$/u, '');

/** Who has the player's slots, each once. Those of the pools that share its budget are listed too, and hold none of them. */
export function namesIn({ holders }: PoolStarvedError): string[] {
  const own = holders.filter(({ pool }) => pool === PLAYER_POOL);
  return [...new Set(own.map(({ holder }) => holder ?? 'somebody without a name'))];
}

/** The words for a worker that cannot be had. */
export const workerWords = (error: unknown): string =>
  `The video is decoded in the page, for the worker cannot be used: ${sentence(error)}.`;

function videoWords(error: unknown): string {
  const message = sentence(error);
  if (error instanceof PoolStarvedError) {
    const names = namesIn(error);
    if (names.length === 0) return `The player waits for a frame, and none comes: ${message}.`;
    return `The player waits for a frame: every slot is ${names.join(', ')}. Let a frame go, or raise the capacity.`;
  }
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotSupportedError') return `This cannot be played here: ${message}. Try another file.`;
  if (name === 'EncodingError') return `This file is not whole: ${message}. What could be read was shown.`;
  if (name === 'NetworkError')
    return `This address cannot be read: ${message}. Check it and your connection; or its server does not let other pages read it: then save the video, and open the file.`;
  return `Something went wrong: ${message}`;
}
