/** Clock that a test advances manually. */
import type { Clock } from '../base/clock.ts';
import { requireFunction, shown } from '../base/errors.ts';
import { nextTask } from './next-task.ts';

/** A timer that has not fired. */
interface Timer {
  readonly id: number;
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Shortest delay in milliseconds. A shorter one counts as 1 ms, as in Node. */
const SHORTEST_MS = 1;

/**
 * A clock that stands still until a test advances it, for the `clock` option of pools and decoders: idle buffers age, quiet
 * intervals pass and consumers starve without real time, and in the same order on every machine.
 *
 * A delay below 1 ms counts as 1 ms, as in Node. So a timer that sets itself again cannot block `advance()` forever.
 *
 * @example
 * ```ts
 * const clock = new ManualClock();
 * const pool = new VideoFramePool({ capacity: 4, storage, idleMs: 1000, clock });
 * pool.tryAcquire()?.release();
 * clock.advance(1000);
 * expect(pool.idleCount).toBe(0);
 * ```
 */
export class ManualClock implements Clock {
  #nowMs: number;
  #lastId = 0;
  // In the order in which they were set. Timers that are due at the same time fire in this order.
  readonly #timers = new Map<number, Timer>();

  /**
   * @param startMs - Initial value of `now()`, in milliseconds. 0 by default.
   * @throws `RangeError` if `startMs` is not a finite number.
   */
  constructor(startMs = 0) {
    if (!Number.isFinite(startMs)) {
      throw new RangeError(`startMs must be a finite number of milliseconds, got ${shown(startMs)}`);
    }
    this.#nowMs = startMs;
  }

  /** Number of timers that are set and have not fired. */
  get pendingCount(): number {
    return this.#timers.size;
  }

  /** Current time in milliseconds: the start plus all advances. */
  now(): number {
    return this.#nowMs;
  }

  /**
   * Sets a timer, which fires within a later `advance()` or `advanceAsync()`.
   *
   * @param ms - Milliseconds from now. A timer with `Infinity` never fires.
   * @returns Timer id for `clearTimeout()`, a number above 0.
   * @throws `TypeError` if `callback` is not a function.
   */
  setTimeout(callback: () => void, ms: number): number {
    requireFunction('callback', callback);
    const id = ++this.#lastId;
    this.#timers.set(id, { id, dueMs: this.#nowMs + (ms > SHORTEST_MS ? ms : SHORTEST_MS), callback });
    return id;
  }

  /** Cancels a timer. No effect if the timer has fired, or if the value is not a timer. */
  clearTimeout(timer: unknown): void {
    if (typeof timer === 'number') this.#timers.delete(timer);
  }

  /**
   * Advances the time and calls each timer that comes due, in the order of their times, with `now()` at that time. This includes
   * timers that are set by these calls. Promises do not settle in between: see `advanceAsync()`.
   *
   * @param ms - Milliseconds, 0 or more.
   * @throws `RangeError` if `ms` is not a finite number from 0. The time is then unchanged. An error thrown by a timer
   *   propagates: the time stays at that of the timer, and later timers remain set.
   */
  advance(ms: number): void {
    const endMs = this.#endAfter(ms);
    for (let timer = this.#nextUntil(endMs); timer !== null; timer = this.#nextUntil(endMs))
      this.#fire(timer);
    this.#nowMs = endMs;
  }

  /**
   * As `advance()`, and runs all pending microtasks before the first timer, after each timer and at the end. So code that awaits
   * a timer continues before the next timer fires.
   *
   * @param ms - Milliseconds, 0 or more.
   * @throws As `advance()`, as a rejection.
   */
  async advanceAsync(ms: number): Promise<void> {
    const endMs = this.#endAfter(ms);
    await nextTask();
    for (let timer = this.#nextUntil(endMs); timer !== null; timer = this.#nextUntil(endMs)) {
      this.#fire(timer);
      await nextTask();
    }
    // Another caller may have advanced the clock during the awaits. Time never goes back.
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  #endAfter(ms: number): number {
    if (!Number.isFinite(ms) || ms < 0) {
      throw new RangeError(`ms must be a finite number of milliseconds from 0, got ${shown(ms)}`);
    }
    return this.#nowMs + ms;
  }

  #nextUntil(endMs: number): Timer | null {
    let next: Timer | null = null;
    for (const timer of this.#timers.values()) {
      if (timer.dueMs <= endMs && (next === null || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer.id);
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
    timer.callback();
  }
}
