/** Listens to a codec for silence, as long as somebody waits for it. */
import type { Clock } from '../clock.ts';

/** Who listens, and what is done about silence. */
export interface SilenceListener {
  /** Whether anybody waits; if not, the listening ends. */
  isAwaited(): boolean;
  /** Where it is a codec: how much of what went in it has not taken yet. */
  untaken?(): number;
  /** Not a word for an interval. `silentMs` is how long no frame has come. */
  onQuiet(silentMs: number): void;
  /** No frame for as long as is bearable. */
  onStarved(silentMs: number): void;
}

/**
 * Events are counted rather than timed: reading the clock for each costs more than all else that is done for it. What
 * the codec takes is seen by its queue at the end of an interval, which only shrinks while nothing goes in: a handler of
 * `dequeue` would be called for each. And intervals are added up rather than read off the clock: a machine that slept
 * starves nobody.
 */
export class Silence {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #starvationMs: number;
  readonly #listener: SilenceListener;
  #events = 0;
  #frames = 0;
  #timer: unknown = null;
  #silentMs = 0;

  constructor(clock: Clock, intervalMs: number, starvationMs: number, listener: SilenceListener) {
    this.#clock = clock;
    this.#intervalMs = Math.min(intervalMs, starvationMs);
    this.#starvationMs = starvationMs;
    this.#listener = listener;
  }

  /** Something went in. */
  heardInput(): void {
    this.#events++;
  }

  /** A frame came out. */
  heardFrame(): void {
    this.#events++;
    this.#frames++;
  }

  /** Somebody waits from now on. Harmless when that is known. */
  listen(): void {
    if (this.#timer !== null) return;
    this.#silentMs = 0;
    this.#arm();
  }

  /** What was silent so far was not the decoder: it had nothing to decode. */
  startAnew(): void {
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
      if (isQuiet) this.#listener.onQuiet(this.#silentMs);
      if (this.#silentMs < this.#starvationMs) return;
      const silentMs = this.#silentMs;
      this.#silentMs = 0;
      this.#listener.onStarved(silentMs);
    }, this.#intervalMs);
  }
}
