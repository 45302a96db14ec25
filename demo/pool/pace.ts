/** Measures frames drawn and dropped per second and their latency, from drawn frames and the pool's holder reports. */
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';

const SECOND_MS = 1000;

/** Rates and latency of the recent frames. */
export class Pace {
  readonly #pool: VideoFramePool;
  /** Times at which the frames of the last second were drawn, in ms. */
  #drawnAt: number[] = [];
  #waits: number[] = [];
  /** Drop counts at the samples of the last second, with their times in ms. */
  #drops: { readonly at: number; readonly count: number }[] = [];

  /** @param pool - Must track holders: the reports have the time since which each frame is held. */
  constructor(pool: VideoFramePool) {
    this.#pool = pool;
  }

  /** Records a frame that was just drawn. */
  note({ timestamp, holder }: FrameHandle): void {
    const now = performance.now();
    this.#drawnAt.push(now);
    // The player's share was created when the decoder output the frame, and was passed on unchanged.
    const report = this.#pool
      .holders()
      .find((one) => one.state === 'lent' && one.timestamp === timestamp && one.holder === holder);
    if (report?.since !== undefined) this.#waits.push(now - report.since);
  }

  /**
   * Returns the frames drawn and dropped in the last second, and the mean latency in ms of the frames drawn since the
   * last call; null if there were none.
   *
   * @param dropped - Total of dropped frames of the current source.
   */
  take(dropped: number): { drawn: number; dropped: number; latency: number | null } {
    const now = performance.now();
    const from = now - SECOND_MS;
    this.#drawnAt = this.#drawnAt.filter((at) => at > from);
    this.#drops = [...this.#drops.filter(({ at }) => at > from), { at: now, count: dropped }];
    // The count restarts at 0 with each video.
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
