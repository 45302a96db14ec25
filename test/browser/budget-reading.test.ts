/** Reads a video under a budget that other pools share. */
import { describe, expect, test } from 'vitest';
import type { PoolOptions } from '../../src/index.ts';
import {
  canvasStorage,
  decodeFrames,
  FrameBudget,
  FrameDecoder,
  memoryStorage,
  VideoFramePool,
} from '../../src/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { streamOf, trackOf } from '../support/packets.ts';

const FRAME_BYTES = 320 * 180 * 4;

const macrotasks = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

describe('frames are copied within the budget that they count against', () => {
  test.each<[string, ConstructorParameters<typeof FrameBudget>[0], string]>([
    ['two frames', { maxFrames: 2 }, 'vp8.webm'],
    ['eight frames', { maxFrames: 8 }, 'vp8.webm'],
    ['eight frames, of a video in another order than its stored one', { maxFrames: 8 }, 'h264_bframes.mp4'],
    ['the bytes of two', { maxBytes: 2 * FRAME_BYTES }, 'vp8.webm'],
    ['the bytes of eight', { maxBytes: 8 * FRAME_BYTES }, 'h264_baseline.mp4'],
  ])('of %s: reading ahead leaves room for the copy [C3]', async (_, limits, file) => {
    const { chunks, config } = await trackOf(file);
    const budget = new FrameBudget(limits);
    const film = new VideoFramePool({ capacity: 8, budget });
    const strip = new VideoFramePool({
      capacity: 40,
      budget,
      storage: canvasStorage({ width: 320, height: 180 }),
    });
    const copied: number[] = [];
    for await (const handle of decodeFrames(film, streamOf(chunks), config)) {
      // Time enough to decode ahead to the limit.
      if (copied.length < 5) await macrotasks(30);
      const copy = await handle.copyTo(strip, { signal: AbortSignal.timeout(10_000) });
      handle.release();
      copied.push(copy.timestamp);
      copy.release();
    }
    expect(copied).toEqual(timestampsOf(clip(file)));
    expect(budget.frames).toBe(0);
    strip.close();
  });
});

describe('frames that grow in mid-video', () => {
  const file = 'vp8_resize.webm';

  /** The clip's second half, which is smaller, before its first one. */
  async function growing(): Promise<{ config: VideoDecoderConfig; chunks: EncodedVideoChunk[] }> {
    const { chunks, config } = await trackOf(file);
    const [[large = 0] = []] = clip(file).sizes;
    const swapped = [...chunks.slice(large), ...chunks.slice(0, large)].map((chunk, index) => {
      const data = new Uint8Array(chunk.byteLength);
      chunk.copyTo(data);
      return new EncodedVideoChunk({ type: chunk.type, timestamp: index * 40_000, data });
    });
    return { config, chunks: swapped };
  }

  const MAX_BYTES = 8 * 160 * 90 * 1.5;

  test.each<[string, Partial<PoolOptions>]>([
    ['the maxBytes of the pool', { maxBytes: MAX_BYTES }],
    ['a budget', { budget: new FrameBudget({ maxBytes: MAX_BYTES }) }],
  ])('are admitted once beyond the room of %s, and fewer are lent afterwards', async (_, limit) => {
    const { chunks, config } = await growing();
    const pool = new VideoFramePool({ capacity: 8, ...limit });
    const seen: number[] = [];
    let peak = 0;
    for await (const handle of decodeFrames(pool, streamOf(chunks), config)) {
      // Decoding ahead has reached its limit.
      await expect.poll(() => pool.decodingCount, { interval: 1 }).toBe(0);
      seen.push(handle.frame.visibleRect?.width ?? 0);
      peak = Math.max(peak, pool.bytes);
      handle.release();
    }
    expect(seen).toEqual(
      clip(file)
        .sizes.toReversed()
        .flatMap(([count, width]) => Array(count).fill(width)),
    );
    expect(peak).toBeGreaterThan(MAX_BYTES);
    expect([pool.lentCount, pool.bytes, pool.stats().refused]).toEqual([0, 0, 0]);
  });
});

test.each([Number('1920px'), -64, Infinity])(
  'a configuration of width %d that the browser rejects leaves a budget as it was',
  (codedWidth) => {
    const budget = new FrameBudget({ maxBytes: 1e9 });
    const film = new VideoFramePool({ capacity: 4, budget });
    const strip = new VideoFramePool({
      capacity: 1,
      budget,
      storage: memoryStorage({ format: 'RGBA', codedWidth: 8, codedHeight: 8 }),
    });
    const config = { codec: 'vp8', codedWidth, codedHeight: 1080 };
    const output = (): void => {};
    expect(() => new FrameDecoder({ pool: film, config, output, error: output })).toThrow(TypeError);
    const taken = [film.tryReserve(), strip.tryAcquire()];
    expect(taken).not.toContain(null);
    for (const each of taken) each?.release();
    expect(budget.frames).toBe(0);
    strip.close();
  },
);
