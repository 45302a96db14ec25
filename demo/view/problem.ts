/** Error box of the page, with messages that say what to do. */
import { PoolStarvedError } from '../../src/index.ts';
import { element } from './elements.ts';

/** Name of the pool that the player decodes into. */
export const PLAYER_POOL = 'player';

const box = element('problem', HTMLDivElement);
const text = element('problem-text', HTMLParagraphElement);

element('dismiss', HTMLButtonElement).addEventListener('click', () => hideProblem());

/** Shows the message for an error. */
export function showProblem(error: unknown, messageOf: (error: unknown) => string = videoMessage): void {
  text.textContent = messageOf(error);
  box.hidden = false;
}

/** Hides the box. */
export function hideProblem(): void {
  box.hidden = true;
}

/** Returns an error's message without its final period, to be embedded in a sentence. */
export const sentence = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\.$/u, '');

/**
 * Names of the holders of the player's slots, without duplicates. The report also lists the pools that share its
 * budget; these hold none of its slots.
 */
export function namesIn({ holders }: PoolStarvedError): string[] {
  const own = holders.filter(({ pool }) => pool === PLAYER_POOL);
  return [...new Set(own.map(({ holder }) => holder ?? 'unnamed'))];
}

/** Message for a worker that cannot be used. */
export const workerMessage = (error: unknown): string =>
  `Decoding on the main thread, because the worker cannot be used: ${sentence(error)}.`;

function videoMessage(error: unknown): string {
  const message = sentence(error);
  if (error instanceof PoolStarvedError) {
    const names = namesIn(error);
    if (names.length === 0) return `The player is waiting for a frame: ${message}.`;
    return `The player is waiting for a frame. All slots are in use (${names.join(', ')}). Release a frame or raise the capacity.`;
  }
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotSupportedError') return `This video cannot be played: ${message}. Try another file.`;
  if (name === 'EncodingError') return `This file is damaged: ${message}. The readable part was shown.`;
  if (name === 'NetworkError')
    return `This URL cannot be read: ${message}. Check it and your connection. If the server does not allow cross-origin requests, save the video and open the file.`;
  return `Something went wrong: ${message}`;
}
