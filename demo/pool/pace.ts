/** How many frames are drawn and dropped, and how long each was on its way; read from what passes and from the pool's account. */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';

const SECOND_MS = 1000;

/** What was drawn lately. */
export class Pace {
  readonly #pool: VideoFramePool;
  /** When the frames of the last second were drawn, in ms. */
  #drawnAt: number[] = [];
  #waits: number[] = [];
  /** How many frames had been dropped at which moment of the last second, in ms. */
  #drops: { readonly at: number; readonly count: number }[] = [];

  /** @param pool - One that tracks its holders: it knows since when each frame is there. */
  constructor(pool: VideoFramePool) {
    this.#pool = pool;
  }

  /** A frame was drawn just now. */
  note({ timestamp, holder }: FrameHandle): void {
    const now = performance.now();
    this.#drawnAt.push(now);
    // The player's share was made when the decoder put the frame out, and is handed on as it is.
    const report = this.#pool
      .holders()
      .find((one) => one.state === 'lent' && one.timestamp === timestamp && one.holder === holder);
    if (report?.since !== undefined) this.#waits.push(now - report.since);
  }

  /**
   * Frames drawn and dropped in the last second, and the mean of the ways of those that were drawn since the last call, in
   * ms; null where none was.
   *
   * @param dropped - How many frames were dropped, since what is on began.
   */
  take(dropped: number): { drawn: number; dropped: number; latency: number | null } {
    const now = performance.now();
    const from = now - SECOND_MS;
    this.#drawnAt = this.#drawnAt.filter((at) => at > from);
    this.#drops = [...this.#drops.filter(({ at }) => at > from), { at: now, count: dropped }];
    // Another video begins to count at 0.
    const least = Math.min(...this.#drops.map(({ count }) => count));
    const waits = this.#waits.splice(0);
    const sum = waits.reduce((total, wait) => total + wait, 0);
    return {
      drawn: this.#drawnAt.length,
      dropped: dropped - least,
      latency: waits.length === 0 ? null : sum / waits.length,
    };
  }
}
