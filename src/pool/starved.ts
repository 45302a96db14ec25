/** `PoolStarvedError`, the error of a wait that cannot end because holders keep their frames. */
import type { HolderReport } from './holders.ts';
import { nameHolders } from './holders.ts';

/**
 * Default number of milliseconds after which a wait fails. Software decoders on slow machines took up to a tenth of it per frame.
 */
export const DEFAULT_STARVATION_MS = 10_000;

/**
 * Error of a wait that timed out. Either a decoder has input but produces no output, because too many of its frames are held:
 * decoders stop without an error, at a number of frames that they do not report. Or a caller waited for room that other holders
 * occupy.
 *
 * @see {@link https://github.com/w3c/webcodecs/issues/612 | w3c/webcodecs#612}
 */
export class PoolStarvedError extends Error {
  /** Holders of frames of the pool, and of all pools that share its budget, at the time of the failure. */
  readonly holders: readonly HolderReport[];

  /**
   * @param pool - The pool's name.
   * @param ms - Duration of the wait in milliseconds.
   * @param waiter - Name of the caller that waited for room; undefined if a decoder produced no output.
   */
  constructor(pool: string, ms: number, holders: readonly HolderReport[], waiter?: string) {
    const what = waiter === undefined ? 'no frame came out' : `"${waiter}" found no room`;
    super(
      holders.length > 0
        ? `${what} for ${ms} ms in pool "${pool}", whose room is held by ${nameHolders(holders, pool)}`
        : `${what} for ${ms} ms although pool "${pool}" lends nothing: the decoder hangs, or clones of its ` +
            `frames are kept outside the pool`,
    );
    this.name = 'PoolStarvedError';
    this.holders = holders;
  }
}
