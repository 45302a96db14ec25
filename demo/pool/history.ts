/** History of samples over the last half minute. */

/** Length of the history in seconds. */
export const SECONDS = 30;

/** One sample. Null: nothing was measured. */
export interface Sample {
  readonly free: number;
  readonly lent: number;
  readonly decoding: number;
  readonly waiting: number;
  /** Megabytes. */
  readonly memory: number;
  /** Frames drawn per second. */
  readonly drawn: number;
  /** Frames dropped per second. */
  readonly dropped: number;
  /** Latency from decoded to drawn, in milliseconds. */
  readonly latency: number | null;
}

/** Samples with their times, oldest first. */
export class History {
  #entries: { readonly at: number; readonly sample: Sample }[] = [];

  /** Newest sample. */
  get newest(): Sample | undefined {
    return this.#entries.at(-1)?.sample;
  }

  /** @param at - Time in seconds, of a monotonic clock. */
  add(at: number, sample: Sample): void {
    this.#entries.push({ at, sample });
    while (this.#entries.length > 0 && at - (this.#entries[0]?.at ?? at) > SECONDS) this.#entries.shift();
  }

  /** Age of each sample in seconds relative to the newest, from -30 to 0. */
  ages(): number[] {
    const now = this.#entries.at(-1)?.at ?? 0;
    return this.#entries.map(({ at }) => at - now);
  }

  /** One property of all samples. */
  column(name: keyof Sample): (number | null)[] {
    return this.#entries.map(({ sample }) => sample[name]);
  }
}
