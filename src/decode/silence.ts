/** Listens to a decoder for silence, as long as somebody waits for it. */
import type { Clock } from '../clock.ts';

/** Who listens, and what is done about silence. */
export interface SilenceListener {
  /** Whether anybody waits; if not, the listening ends. */
  isAwaited(): boolean;
  /** Not a word for an interval. `silentMs` is how long no frame has come. */
  onQuiet(silentMs: number): void;
  /** No frame for as long as is bearable. */
  onStarved(silentMs: number): void;
}

/**
 * Events are counted rather than timed: reading the clock for each costs more than all else that is done for it. And
 * intervals are added up rather than read off the clock: a machine that slept starves nobody.
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

  /** A chunk went in, or was taken. */
  heardEvent(): void {
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
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = null;
      if (!this.#listener.isAwaited()) return;
      this.#silentMs = frames === this.#frames ? this.#silentMs + this.#intervalMs : 0;
      this.#arm();
      if (events === this.#events) this.#listener.onQuiet(this.#silentMs);
      if (this.#silentMs < this.#starvationMs) return;
      const silentMs = this.#silentMs;
      this.#silentMs = 0;
      this.#listener.onStarved(silentMs);
    }, this.#intervalMs);
  }
}
