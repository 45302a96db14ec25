/** The error of a wait that would not end: frames that stay out keep it from being served. */
import type { HolderReport } from './holders.ts';
import { nameHolders } from './holders.ts';

/** Milliseconds after which a wait is given up. Software decoders on slow machines were seen to take a tenth of it for a frame. */
export const DEFAULT_STARVATION_MS = 10_000;

/**
 * A wait was given up. Either a decoder was fed and puts nothing out: it stopped because too many of its frames are held. Decoders
 * do that without an error, at a number that cannot be asked for. Or a caller waited for room that others hold.
 *
 * @see {@link https://github.com/w3c/webcodecs/issues/612 | w3c/webcodecs#612}
 */
export class PoolStarvedError extends Error {
  /** Holders of frames of the pool, and of those that share its budget, when the wait was given up. */
  readonly holders: readonly HolderReport[];

  /**
   * @param pool - The pool's name.
   * @param ms - How long nothing came out.
   * @param waiter - Name of the caller that waited for room; without it a decoder put nothing out.
   */
  constructor(pool: string, ms: number, holders: readonly HolderReport[], waiter?: string) {
    const what = waiter === undefined ? 'no frame came out' : `"${waiter}" found no room`;
    super(
      holders.length > 0
        ? `${what} for ${ms} ms in pool "${pool}", whose room is held by ${nameHolders(holders, pool)}`
        : `${what} for ${ms} ms though nothing is lent by pool "${pool}": the decoder hangs, or clones of its ` +
            `frames are kept outside the pool`,
    );
    this.name = 'PoolStarvedError';
    this.holders = holders;
  }
}
