/** Pool of decoded frames, with the invariants that hold at any moment. */
import { expect } from 'vitest';
import type { FrameBudget } from '../../../src/index.ts';
import { VideoFramePool } from '../../../src/index.ts';

/** A decoder's delay is no more than this. */
const MOST_SURPLUS = 16;

export class WatchedPool {
  readonly pool: VideoFramePool;
  #notices = 0;

  constructor(capacity: number, budget: FrameBudget | null = null) {
    this.pool = new VideoFramePool({ capacity, ...(budget === null ? {} : { budget }) });
    this.pool.setListener(({ reason, discarded }) => {
      expect([reason, discarded]).toEqual(['released', false]);
      this.#notices++;
    });
  }

  check(): void {
    const { capacity, freeCount, lentCount, decodingCount, surplus, released } = this.pool.stats();
    expect(freeCount + lentCount + decodingCount, 'the cap').toBe(capacity + surplus);
    expect(freeCount).toBeGreaterThanOrEqual(0);
    expect(surplus).toBeLessThanOrEqual(MOST_SURPLUS);
    expect(this.#notices, 'one notice a return').toBe(released);
  }

  /** Closes the pool, in which nothing is left. */
  close(): void {
    const { lentCount, decodingCount, waitingCount } = this.pool;
    expect([lentCount, decodingCount, waitingCount]).toEqual([0, 0, 0]);
    this.pool.close();
  }
}
