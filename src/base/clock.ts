/** Clock interface. It is injected, so that tests need not wait and do not assert durations. */
import { inNextTask } from './next-task.ts';

/**
 * Source of time and timers.
 *
 * Pools and decoders take a clock as an option; the default is the platform's. `ManualClock` in `video-frame-pool/testing` is
 * advanced by the test.
 */
export interface Clock {
  /** Milliseconds since an arbitrary fixed moment. Never decreases. */
  now(): number;
  /** Calls back once, at least `ms` milliseconds from now. Returns the timer to give to `clearTimeout`. */
  setTimeout(callback: () => void, ms: number): unknown;
  /** Cancels a timer of `setTimeout`. Does nothing if it has already fired. */
  clearTimeout(timer: unknown): void;
}

/** Longest delay of a timer, in ms. Browsers and Node fire a timer with a longer delay immediately. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** A timer of the platform, and its callback until that was called or cleared. */
class PlatformTimer {
  #callback: (() => void) | null;
  readonly #id: ReturnType<typeof setTimeout>;

  constructor(callback: () => void, ms: number) {
    this.#callback = callback;
    this.#id = setTimeout(() => inNextTask(() => this.#call()), ms);
    // Only Node has it. No wait of the library is a reason to keep a process alive.
    (this.#id as { unref?(): void }).unref?.();
  }

  clear(): void {
    this.#callback = null;
    clearTimeout(this.#id);
  }

  #call(): void {
    const callback = this.#callback;
    this.#callback = null;
    callback?.();
  }
}

/**
 * The platform's clock. Its timers do not keep a Node process alive.
 *
 * A callback runs in a task that its timer posts. Browsers count timers that are set in the task of another timer, and slow down
 * those from the fifth on in hidden tabs: to one a second, and after five minutes to one a minute. So a wait that sets its timer
 * again and again never gets slower than one a second.
 */
export const platformClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, ms) => new PlatformTimer(callback, ms),
  clearTimeout(timer) {
    if (timer instanceof PlatformTimer) timer.clear();
  },
};
