/** The error that stands for a decoder that stopped without one. */
import type { HolderReport } from '../pool/holders.ts';
import { nameHolders } from '../pool/holders.ts';

/**
 * A decoder was fed, puts nothing out, and somebody waits for a frame: it stopped because too many of its frames are held.
 * Decoders do that without an error, at a number that nobody can ask for.
 *
 * @see {@link https://github.com/w3c/webcodecs/issues/612 | w3c/webcodecs#612}
 */
export class PoolStarvedError extends Error {
  /** Who held frames of the pool, and of those that share its budget, when the wait was given up. */
  readonly holders: readonly HolderReport[];

  /**
   * @param pool - The pool's name.
   * @param ms - How long nothing came out.
   */
  constructor(pool: string, ms: number, holders: readonly HolderReport[]) {
    super(
      holders.length > 0
        ? `no frame came out for ${ms} ms in pool "${pool}", whose room is held by ${nameHolders(holders, pool)}`
        : `no frame came out for ${ms} ms though nothing is lent by pool "${pool}": the decoder hangs, or clones of its ` +
            `frames are kept outside the pool`,
    );
    this.name = 'PoolStarvedError';
    this.holders = holders;
  }
}
