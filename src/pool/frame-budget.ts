/** The public side of a budget that pools share. */
import { requireWhole, shown } from '../errors.ts';
import { guardOnce } from '../guarded-class.ts';
import { Budget, noteBudget } from './budget.ts';

/** What a budget limits. At least one of the two. */
export interface FrameBudgetOptions {
  /** The most bytes that all its pools may hold together, idle buffers included. No limit by default. */
  readonly maxBytes?: number;
  /** The most frames and buffers that may be lent or decoding in all its pools together. No limit by default. */
  readonly maxFrames?: number;
}

/**
 * One limit for any number of pools, given to each as `budget`. Every pool keeps its own `capacity` and `maxBytes` besides.
 *
 * All pools share one FIFO queue. A waiter that does not fit is passed over by those that do: for as long as its own pool is full, and
 * for at most its `starvationMs` if it is the budget that has no room; then it alone fails with a `PoolStarvedError` that names it and
 * the holders. When bytes are short, idle buffers are given up first, those that were idle for longest, in whatever pool.
 *
 * A permit for a decoded frame counts with the bytes of the last frame of its pool; before the first frame, with 1.5 bytes for each
 * pixel of the decoder's configuration (4 once the engine has decoded to BGRX), or of 1080p without one. If there is no room for a first
 * frame of unknown size, it goes beyond the limits, one at a time: so a video can begin while others play. Frames that a decoder puts
 * out without a permit (its lag, at most 16 for each decoder), or larger than its permits said, can pass the limits, too. All of these
 * are in the sums, and make no caller wait until they are gone. One that is larger than `maxBytes` by itself is closed, and ends the
 * decoding with `QuotaExceededError`. `decodeFrames()` reads ahead only as far as the largest buffer or frame that any of the pools
 * makes now would still have room, and not while a waiter has none, so that a holder of a frame can copy it.
 *
 * A budget refers to the pools that hold, keep or wait for something, so that one which was dropped with idle buffers lives
 * until those have aged out: close pools, above all with `idleMs: Infinity`.
 */
export class FrameBudget {
  readonly #budget: Budget;

  /** @throws `TypeError` or `RangeError` for a limit that is none, or when there is none at all. */
  constructor(options: FrameBudgetOptions) {
    if (typeof options !== 'object' || options === null) {
      throw new TypeError(`options must be an object with maxBytes or maxFrames, got ${shown(options)}`);
    }
    const { maxBytes = Infinity, maxFrames = Infinity } = options;
    if (maxBytes !== Infinity) requireWhole('maxBytes', maxBytes, 1);
    if (maxFrames !== Infinity) requireWhole('maxFrames', maxFrames, 1);
    if (maxBytes === Infinity && maxFrames === Infinity) {
      throw new TypeError('a budget must have maxBytes, maxFrames or both');
    }
    this.#budget = new Budget(maxBytes, maxFrames);
    noteBudget(this, this.#budget);
    guardOnce(FrameBudget.prototype, 'FrameBudget', (made) => #budget in made);
  }

  /** The most bytes, `Infinity` without a limit. */
  get maxBytes(): number {
    return this.#budget.maxBytes;
  }
  /** The most frames and buffers, `Infinity` without a limit. */
  get maxFrames(): number {
    return this.#budget.maxFrames;
  }
  /** Bytes that all its pools hold now, lent or idle. */
  get bytes(): number {
    return this.#budget.bytes;
  }
  /** Frames and buffers that are lent or decoding now in all its pools; idle buffers are not among them. */
  get frames(): number {
    return this.#budget.frames;
  }
}
