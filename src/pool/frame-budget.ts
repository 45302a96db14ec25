/** Public class of a budget that several pools share. */
import { requireWhole, shown } from '../base/errors.ts';
import { guardOnce } from '../base/guarded-class.ts';
import { Budget, noteBudget } from './budget.ts';

/** Limits of a budget. At least one of the two is required. */
export interface FrameBudgetOptions {
  /** Maximum bytes that all its pools may hold together, idle buffers included. No limit by default. */
  readonly maxBytes?: number;
  /** Maximum number of frames and buffers that are lent or decoding in all its pools together. No limit by default. */
  readonly maxFrames?: number;
}

/**
 * Limit shared by any number of pools; pass it to each pool as `budget`. Each pool also keeps its own `capacity` and `maxBytes`.
 *
 * All pools share one FIFO queue. A waiter that does not fit is passed over by waiters that fit: as long as its own pool is full,
 * but for at most its `starvationMs` if only the budget has no room. Then this waiter alone rejects with a `PoolStarvedError`
 * that names the waiter and the holders. When bytes run short, idle buffers of any pool are freed first, the longest idle first.
 *
 * A permit for a decoded frame counts with the bytes of its pool's last frame. Before the first frame it counts with 1.5 bytes
 * for each pixel of the decoder's configuration (4 once the engine has decoded to BGRX), or of 1080p without a configuration. If
 * there is no room for a first frame of unknown size, it exceeds the limits, one such frame at a time, so a video can start while
 * others play. Frames that a decoder outputs without a permit (its delay, at most 16 for each decoder), and frames larger than
 * their permits, can exceed the limits, too. All of these count in `bytes` and `frames`, but do not make a caller wait. A frame
 * that alone is larger than `maxBytes` is closed, and its decoding ends with `QuotaExceededError`. `decodeFrames()` reads ahead
 * only while the largest buffer or frame that any of the pools makes now would still have room, and not while the budget lacks
 * room for a waiter, so that a holder of a frame can copy it.
 *
 * A budget keeps a pool alive while the pool has idle buffers, loans or waiters. A pool that is dropped with idle buffers is
 * collected only after their `idleMs`: close pools, above all those with `idleMs: Infinity`.
 */
export class FrameBudget {
  readonly #budget: Budget;

  /** @throws `TypeError` or `RangeError` if a limit is invalid or no limit is given. */
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

  /** Maximum bytes; `Infinity` without a limit. */
  get maxBytes(): number {
    return this.#budget.maxBytes;
  }
  /** Maximum number of frames and buffers; `Infinity` without a limit. */
  get maxFrames(): number {
    return this.#budget.maxFrames;
  }
  /** Bytes that all its pools hold now, in lent frames and buffers and in idle buffers. */
  get bytes(): number {
    return this.#budget.bytes;
  }
  /** Number of frames and buffers lent or decoding now in all its pools, without idle buffers. */
  get frames(): number {
    return this.#budget.frames;
  }
}
