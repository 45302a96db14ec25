/** What goes wrong with a camera, in words that say what to do. */
import { PoolStarvedError } from '../../src/index.ts';
import { namesIn, PLAYER_POOL, sentence } from './problem.ts';

/** By the names of `getUserMedia()`'s errors, and of what a camera is lost by. */
const WORDS: Readonly<Record<string, string>> = {
  NotAllowedError:
    'The camera may not be used: you, the browser or the system refused it. Allow it for this page, and click Camera again.',
  NotFoundError: 'There is no camera here. Plug one in, and click Camera again; or open a file.',
  NotReadableError:
    'The camera gives no picture: another program may be using it. Close that one, and click Camera again.',
  NetworkError: 'The camera is gone: it was unplugged, or taken away. Plug it in, and click Camera again.',
  SecurityError: 'A camera cannot be used here: the page must come from https or from this machine.',
};

/** The words for an error. */
export function cameraWords(error: unknown): string {
  if (error instanceof PoolStarvedError) {
    const own = error.holders.filter(({ pool, state }) => pool === PLAYER_POOL && state === 'lent');
    const count = new Set(own.map(({ slot }) => slot)).size;
    const frames = count === 1 ? 'one of its frames is' : `${count} of its frames are`;
    const names = namesIn(error).join(', ');
    return `The camera runs on, but its pictures are dropped: ${frames} ${names}, and there is room for no more. Let a frame go.`;
  }
  const name = error instanceof Error ? error.name : '';
  return WORDS[name] ?? `The camera had to stop: ${sentence(error)}.`;
}
