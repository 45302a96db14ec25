/** Stall detector: watches a codec for missing output while a consumer waits. */
import type { Clock } from './clock.ts';

/** Callbacks from a `StallDetector` to its owner. */
export interface StallListener {
  /** Whether a consumer waits. If not, the detection ends. */
  isAwaited(): boolean;
  /** For a codec: amount of input that it has not taken yet. */
  untaken?(): number;
  /** Called after an interval without any event. `silentMs` is the time without a frame so far. */
  onIdle(silentMs: number): void;
  /** Called after the starvation time without a frame. */
  onStarved(silentMs: number): void;
}

/**
 * Events are counted rather than timed, because reading the clock for each event costs more than all other work on it. The
 * codec's queue at the end of an interval shows how much input was taken: it only shrinks while nothing is fed. A `dequeue`
 * handler would be called for each chunk. Intervals are added up rather than read from the clock, so the sleep of a machine
 * starves no consumer.
 */
export class StallDetector {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #starvationMs: number;
  readonly #listener: StallListener;
  #events = 0;
  #frames = 0;
  #timer: unknown = null;
  #silentMs = 0;

  constructor(clock: Clock, intervalMs: number, starvationMs: number, listener: StallListener) {
    this.#clock = clock;
    this.#intervalMs = Math.min(intervalMs, starvationMs);
    this.#starvationMs = starvationMs;
    this.#listener = listener;
  }

  /** Notes an input. */
  noteInput(): void {
    this.#events++;
  }

  /** Notes a frame that came out. */
  noteFrame(): void {
    this.#events++;
    this.#frames++;
  }

  /** Starts the detection when a consumer begins to wait. No effect if it already runs. */
  start(): void {
    if (this.#timer !== null) return;
    this.#silentMs = 0;
    this.#arm();
  }

  /** Resets the silent time, because the decoder had nothing to decode so far. */
  reset(): void {
    this.#silentMs = 0;
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    const events = this.#events;
    const frames = this.#frames;
    const untaken = this.#listener.untaken?.();
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      if (!this.#listener.isAwaited()) return;
      this.#silentMs = frames === this.#frames ? this.#silentMs + this.#intervalMs : 0;
      this.#arm();
      const isQuiet = events === this.#events && untaken === this.#listener.untaken?.();
      if (isQuiet) this.#listener.onIdle(this.#silentMs);
      if (this.#silentMs < this.#starvationMs) return;
      const silentMs = this.#silentMs;
      this.#silentMs = 0;
      this.#listener.onStarved(silentMs);
    }, this.#intervalMs);
  }
}
