/** Time, as the library asks for it: injected, so that tests need not wait and no test asserts a duration. */

/**
 * A source of time and timers.
 *
 * A pool and a decoder take one as an option; without it they use the platform's. `ManualClock` in
 * `video-frame-pool/testing` is one that a test moves by hand.
 */
export interface Clock {
  /** Milliseconds since any fixed moment, never going back. */
  now(): number;
  /** Calls back once, no sooner than `ms` milliseconds from now. Returns what `clearTimeout` takes. */
  setTimeout(callback: () => void, ms: number): unknown;
  /** Calls off what `setTimeout` returned; harmless when that has fired. */
  clearTimeout(timer: unknown): void;
}

/** The platform's clock. Its timers do not keep a Node process alive: nothing here is worth staying for. */
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
