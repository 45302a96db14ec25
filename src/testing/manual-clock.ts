/** A clock that a test moves by hand. */
import type { Clock } from '../clock.ts';
import { requireFunction, shown } from '../errors.ts';

/** A timer that has not fired. */
interface Timer {
  readonly id: number;
  readonly dueMs: number;
  readonly callback: () => void;
}

/** As in Node, where a shorter delay counts as 1 ms. */
const SHORTEST_MS = 1;

/**
 * A clock that stands still until a test moves it, for the `clock` option of pools and decoders: idle buffers age,
 * quiet intervals pass and consumers starve in no time, and in the same order on every machine.
 *
 * A delay below 1 ms counts as 1 ms, as in Node. So a timer that sets itself again cannot hold `advance()` for ever.
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
  // In the order in which they were set, which decides between timers of the same moment.
  readonly #timers = new Map<number, Timer>();

  /**
   * @param startMs - What `now()` says first, in milliseconds. 0 by default.
   * @throws `RangeError` for what is no finite number.
   */
  constructor(startMs = 0) {
    if (!Number.isFinite(startMs)) {
      throw new RangeError(`startMs must be a finite number of milliseconds, got ${shown(startMs)}`);
    }
    this.#nowMs = startMs;
  }

  /** How many timers are set and have not fired. */
  get pendingCount(): number {
    return this.#timers.size;
  }

  /** Milliseconds: the start plus all that the clock was moved by. */
  now(): number {
    return this.#nowMs;
  }

  /**
   * Sets a timer, which fires inside a later `advance()` or `advanceAsync()`.
   *
   * @param ms - Milliseconds from now; `Infinity` never comes.
   * @returns What `clearTimeout()` takes: a number above 0.
   * @throws `TypeError` when `callback` is no function.
   */
  setTimeout(callback: () => void, ms: number): number {
    requireFunction('callback', callback);
    const id = ++this.#lastId;
    this.#timers.set(id, { id, dueMs: this.#nowMs + (ms > SHORTEST_MS ? ms : SHORTEST_MS), callback });
    return id;
  }

  /** Calls a timer off; harmless for one that has fired, and for what is no timer. */
  clearTimeout(timer: unknown): void {
    if (typeof timer === 'number') this.#timers.delete(timer);
  }

  /**
   * Moves time on and calls each timer that comes due, in the order of their times, with `now()` at that time; also those
   * that a timer sets on the way. Promises do not settle in between: see `advanceAsync()`.
   *
   * @param ms - Milliseconds, 0 or more.
   * @throws `RangeError` for what is no finite number from 0; nothing has moved then. What a timer throws comes through,
   *   with the time standing at that timer's and the later ones still set.
   */
  advance(ms: number): void {
    const endMs = this.#endAfter(ms);
    for (let timer = this.#nextUntil(endMs); timer !== null; timer = this.#nextUntil(endMs))
      this.#fire(timer);
    this.#nowMs = endMs;
  }

  /**
   * As `advance()`, and lets every pending microtask run before the first timer, after each, and at the end: what awaits
   * a timer goes on before the next one fires.
   *
   * @param ms - Milliseconds, 0 or more.
   * @throws As `advance()`, by rejection.
   */
  async advanceAsync(ms: number): Promise<void> {
    const endMs = this.#endAfter(ms);
    await microtasksDone();
    for (let timer = this.#nextUntil(endMs); timer !== null; timer = this.#nextUntil(endMs)) {
      this.#fire(timer);
      await microtasksDone();
    }
    // Somebody else may have moved the clock during the awaits; time never goes back.
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

/** Resolves in a task of its own, so after every microtask. A message, for a test may have replaced the page's timers. */
function microtasksDone(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
