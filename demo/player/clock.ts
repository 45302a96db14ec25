/** Which moment of a video is due: media time in µs, from the page's time in ms. */

/** µs in a ms. */
const MILLISECOND = 1000;

/** A clock that runs at a video's pace. It stands until it is started. */
export interface MediaClock {
  /** Video per time: 1 is the video's own pace. A change goes on from where the clock is. */
  rate: number;
  /** Whether there is something to hear, so that it goes on while nothing is seen. */
  readonly isHeard: boolean;
  /** Resolves when it can be started; also where that is without what it would rather go by. */
  ready(signal: AbortSignal): Promise<void>;
  /** Runs, so that `media` is due now, or as soon as it can be heard. */
  start(media: number, now: number): void;
  /** The media time that is due. */
  at(now: number): number;
  /** Stands for a while, where it is: the pictures are late, or cannot be seen. */
  hold(now: number): void;
  /** Goes on. */
  resume(now: number): void;
  /** Stands until the next start. */
  stop(): void;
  /** Lets what it goes by rest, until the next start. */
  rest(): void;
  /** Gives back what it goes by; it is not started any more. */
  close(): void;
}

/** Goes by the page's own time. */
export class WallClock implements MediaClock {
  readonly isHeard = false;
  #rate = 1;
  /** Where it was at `#since`, in µs. */
  #media = 0;
  /** The page's time from which it runs on; null while it stands. */
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

  rest(): void {
    // The page's time is nobody's.
  }

  close(): void {
    this.stop();
  }
}
