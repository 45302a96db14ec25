/** Bystander of a fault: another user of the same pool, from before the fault until after it. The fault must not affect it. */
import { expect } from 'vitest';
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { decodeFrames } from '../../src/index.ts';
import { colourFrame } from './frames.ts';
import { streamOf, trackOf } from './packets.ts';

const FRAMES = 8;

/** Holds one slot of a pool until `finish()`. */
export class Bystander {
  readonly #pool: VideoFramePool;
  readonly #held: FrameHandle;

  constructor(pool: VideoFramePool) {
    this.#pool = pool;
    this.#held = pool.adopt(colourFrame([10, 20, 30]), { holder: 'bystander' });
  }

  /**
   * Asserts that the held frame is intact, that all other holders have released theirs, and that the pool serves a decoding to
   * its end.
   */
  async finish(): Promise<void> {
    const pool = this.#pool;
    expect(this.#held.frame.codedWidth).toBe(64);
    expect([pool.lentCount, pool.decodingCount, pool.waitingCount]).toEqual([1, 0, 0]);
    this.#held.release();
    const { config, chunks } = await trackOf('vp8.webm', FRAMES);
    let taken = 0;
    for await (const handle of decodeFrames(pool, streamOf(chunks), config)) {
      taken++;
      handle.release();
    }
    expect(taken).toBe(FRAMES);
    pool.assertNoLeaks();
  }
}
