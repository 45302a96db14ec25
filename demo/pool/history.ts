/** What the charts show: the last half minute, a few looks a second. */

/** How far back it goes, in seconds. */
export const SECONDS = 30;

/** One look. Null: there was nothing to measure. */
export interface Sample {
  readonly free: number;
  readonly lent: number;
  readonly decoding: number;
  readonly waiting: number;
  /** Megabytes. */
  readonly memory: number;
  /** Frames drawn a second. */
  readonly drawn: number;
  /** Frames dropped a second. */
  readonly dropped: number;
  /** From decoded to drawn, in milliseconds. */
  readonly latency: number | null;
}

/** Samples with their times, the oldest first. */
export class History {
  #looks: { readonly at: number; readonly sample: Sample }[] = [];

  /** The newest. */
  get newest(): Sample | undefined {
    return this.#looks.at(-1)?.sample;
  }

  /** @param at - In seconds, by a clock that does not go back. */
  add(at: number, sample: Sample): void {
    this.#looks.push({ at, sample });
    while (this.#looks.length > 0 && at - (this.#looks[0]?.at ?? at) > SECONDS) this.#looks.shift();
  }

  /** When each was taken, in seconds before the newest: from -30 to 0. */
  ages(): number[] {
    const now = this.#looks.at(-1)?.at ?? 0;
    return this.#looks.map(({ at }) => at - now);
  }

  /** One figure of all of them. */
  column(name: keyof Sample): (number | null)[] {
    return this.#looks.map(({ sample }) => sample[name]);
  }
}
