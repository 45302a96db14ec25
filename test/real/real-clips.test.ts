/** Real files: `decodeFrames()` gives the same frames as a bare decoder, at any capacity. */
import { describe, expect, inject, test } from 'vitest';
import { decodeFrames, VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { livePictures, takePeak } from '../support/accounting.ts';
import type { Bare } from '../support/bare-decoder.ts';
import { decodeBare } from '../support/bare-decoder.ts';
import type { Track } from '../support/packets.ts';
import { blobAt, streamOf, trackOfBlob } from '../support/packets.ts';
import { sampled } from '../support/sampled.ts';

const all = inject('realClips');
const good = all.filter(({ frames }) => frames > 0);
const bad = all.filter(({ frames }) => frames === 0);

/** Runs of equal sizes, as the manifest writes them: `400x300*59 200x150*60`. */
function runs(sizes: readonly string[]): string {
  const starts = sizes.flatMap((size, place) => (size === sizes[place - 1] ? [] : [place]));
  return starts.map((from, n) => `${sizes[from]}*${(starts[n + 1] ?? sizes.length) - from}`).join(' ');
}

/** Maximum of chunks for that: each takes another interval without a frame. */
const BUSY = 2;

test('the manifest lists good and bad clips', () => {
  expect(good.length).toBeGreaterThan(10);
  expect(bad.length).toBeGreaterThan(0);
});

describe.each(sampled(good))('$file', ({ url, packets, frames, sizes, first, last }) => {
  let known: Promise<{ track: Track; bare: Bare }> | null = null;
  const measured = (): Promise<{ track: Track; bare: Bare }> =>
    (known ??= blobAt(url)
      .then((blob) => trackOfBlob(blob, packets))
      .then(async (track) => ({ track, bare: await decodeBare(track) })));

  test.each([0, 5].flatMap((ms) => [1, 2, 8].map((capacity) => [capacity, ms] as const)))(
    '[C9] gives the manifest’s frames at capacity %i to a consumer of %i ms a frame',
    async (capacity, ms) => {
      const { track, bare } = await measured();
      const pool = new VideoFramePool({ capacity });
      takePeak();
      const timestamps: number[] = [];
      const seen: string[] = [];
      for await (const handle of decodeFrames(pool, streamOf(track.chunks), track.config)) {
        timestamps.push(handle.timestamp);
        seen.push(`${handle.frame.displayWidth}x${handle.frame.displayHeight}`);
        if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
        handle.release();
      }
      expect(timestamps).toEqual(bare.timestamps);
      expect([timestamps.length, timestamps[0], timestamps.at(-1)]).toEqual([frames, first, last]);
      expect(runs(seen)).toBe(sizes);
      // A decoder that a busy machine delays for longer than the quiet interval is treated as one with a longer
      // delay.
      expect(takePeak()).toBeLessThanOrEqual(capacity + bare.delay + BUSY);
      pool.assertNoLeaks();
    },
  );

  test('[C10] leaving the loop after three frames leaves nothing open', async () => {
    const { track } = await measured();
    const pool = new VideoFramePool({ capacity: 8 });
    let taken = 0;
    for await (const handle of decodeFrames(pool, streamOf(track.chunks), track.config)) {
      handle.release();
      if (++taken === 3) break;
    }
    expect(taken).toBe(3);
    expect(livePictures()).toBe(0);
    pool.assertNoLeaks();
  });

  test('is read by openVideo(), and its middle frame found', async () => {
    const pool = new VideoFramePool({ capacity: 2 });
    await using reader = await openVideo(await blobAt(url));
    const { bare } = await measured();
    const middle = bare.timestamps[Math.floor(bare.timestamps.length / 2)] ?? 0;
    const handle = await reader.frameAt(middle, { pool });
    expect(handle.timestamp).toBe(middle);
    handle.release();
    pool.assertNoLeaks();
  });
});

describe.each(bad)('$file', ({ url }) => {
  test('is refused with NotSupportedError', async () => {
    const pool = new VideoFramePool({ capacity: 2 });
    const read = async (): Promise<void> => {
      await using reader = await openVideo(await blobAt(url));
      const handle = await reader.frameAt(0, { pool });
      handle.release();
    };
    await expect(read()).rejects.toMatchObject({ name: 'NotSupportedError' });
    pool.assertNoLeaks();
  });
});
