/** Clock interface. It is injected, so that tests need not wait and do not assert durations. */

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

/** The platform's clock. Its timers do not keep a Node process alive, because none of the library's work requires it. */
export const platformClock: Clock = {
  now: () => performance.now(),
  setTimeout(callback, ms) {
    const timer: unknown = setTimeout(callback, ms);
    if (
      typeof timer === 'object' &&
      timer !== null &&
      'unref' in timer &&
      typeof timer.unref === 'function'
    ) {
      timer.unref();
    }
    return timer;
  },
  clearTimeout: (timer) => clearTimeout(timer as number),
};
