/** Clocks of playback: map the page's time in ms to the media time that is due, in µs. */

/** µs in a ms. */
const MILLISECOND = 1000;

/** Media clock at the video's pace. It is stopped until `start()`. */
export interface MediaClock {
  /** Playback rate: 1 is normal speed. A change continues from the current media time. */
  rate: number;
  /** Whether sound is audible, so that the clock continues while the page is hidden. */
  readonly isAudible: boolean;
  /** Resolves when the clock can start, even if its preferred time source is not available. */
  ready(signal: AbortSignal): Promise<void>;
  /** Starts, so that `media` is due now, or as soon as it is audible. */
  start(media: number, now: number): void;
  /** Returns the media time that is due. */
  at(now: number): number;
  /** Pauses at the current media time: frames are late, or the page is hidden. */
  hold(now: number): void;
  /** Continues after `hold()`. */
  resume(now: number): void;
  /** Stops until the next `start()`. */
  stop(): void;
  /** Suspends the time source until the next `start()`. */
  suspend(): void;
  /** Releases the time source. The clock cannot be started again. */
  close(): void;
}

/** Clock on the page's own time. */
export class WallClock implements MediaClock {
  readonly isAudible = false;
  #rate = 1;
  /** Media time at `#since`, in µs. */
  #media = 0;
  /** Page time of the last start or resume, in ms; null while stopped. */
  #since: number | null = null;

  get rate(): number {
    return this.#rate;
  }

  set rate(rate: number) {
    const now = performance.now();
    this.#media = this.at(now);
    if (this.#since !== null) this.#since = now;
    this.#rate = rate;
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  start(media: number, now: number): void {
    this.#media = media;
    this.#since = now;
  }

  at(now: number): number {
    if (this.#since === null) return this.#media;
    return this.#media + (now - this.#since) * MILLISECOND * this.#rate;
  }

  hold(now: number): void {
    this.#media = this.at(now);
    this.#since = null;
  }

  resume(now: number): void {
    this.#since ??= now;
  }

  stop(): void {
    this.#since = null;
  }

  suspend(): void {
    // The page's time needs no release.
  }

  close(): void {
    this.stop();
  }
}
