/** Messages for camera errors, with the next step for the user. */
import { PoolStarvedError } from '../../src/index.ts';
import { namesIn, PLAYER_POOL, sentence } from './problem.ts';

/** By error name: those of `getUserMedia()`, and `NetworkError` for a camera that was disconnected. */
const MESSAGES: Readonly<Record<string, string>> = {
  NotAllowedError:
    'Camera access was denied. Allow it for this page in the browser or system settings, then click Camera again.',
  NotFoundError: 'No camera was found. Connect one and click Camera again, or open a file.',
  NotReadableError:
    'The camera sends no video. Another program may be using it: close that program, then click Camera again.',
  NetworkError: 'The camera was disconnected. Reconnect it, then click Camera again.',
  SecurityError: 'The camera requires a secure page: open this page over https or from localhost.',
};

/** Returns the message for an error. */
export function cameraMessage(error: unknown): string {
  if (error instanceof PoolStarvedError) {
    const own = error.holders.filter(({ pool, state }) => pool === PLAYER_POOL && state === 'lent');
    const count = new Set(own.map(({ slot }) => slot)).size;
    const frames = count === 1 ? '1 frame is' : `${count} frames are`;
    const names = namesIn(error).join(', ');
    return `The camera is on, but new frames are dropped because ${frames} in use (${names}). Release a frame.`;
  }
  const name = error instanceof Error ? error.name : '';
  return MESSAGES[name] ?? `The camera stopped: ${sentence(error)}.`;
}
