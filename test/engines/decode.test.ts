/** Clips of each codec that all engines decode: whole, in order, within the cap, and nothing left behind. */
import { describe, expect, test } from 'vitest';
import { openVideo } from '../../src/media/index.ts';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { takePeak } from '../support/accounting.ts';
import { decodeBare } from '../support/bare-decoder.ts';
import { iterate, poolOf } from '../support/decoding.ts';
import { clipBlob, trackOf } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import { releaseUntil, takeAll } from '../support/streams.ts';

const FILES = [
  'h264_baseline.mp4',
  'h264_bframes.mp4',
  'vp8.webm',
  'vp8_hidden.webm',
  'vp9.webm',
  'vp9_hidden.webm',
];

const CASES = FILES.flatMap((file) => [1, 3].map((capacity) => ({ file, capacity })));

describe('decodeFrames()', () => {
  test.each(CASES)(
    '[C9] gives $file whole and in order at capacity $capacity',
    async ({ file, capacity }) => {
      const bare = await decodeBare(await trackOf(file));
      const { pool, frames } = await iterate(file, { capacity });
      takePeak();
      const numbers: number[] = [];
      const timestamps = await takeAll(frames, ({ frame }) => {
        expect(pool.freeCount + pool.lentCount + pool.decodingCount).toBe(
          capacity + pool.stats().overcommitted,
        );
        numbers.push(markOf(frame));
      });
      expect(timestamps).toEqual(timestampsOf(clip(file)));
      expect(numbers).toEqual(numbersOf(clip(file)));
      const peak = takePeak();
      expect(peak).toBeGreaterThan(0);
      expect(peak).toBeLessThanOrEqual(capacity + bare.delay);
      expect(pool.freeCount).toBe(capacity);
    },
  );

  test.each(FILES)('[C10] left in the middle of %s leaves nothing behind', async (file) => {
    const { pool, frames } = await iterate(file, { capacity: 3 });
    await releaseUntil(frames, (taken) => taken === 20);
    expect([pool.lentCount, pool.decodingCount, pool.freeCount]).toEqual([0, 0, 3]);
  });

  test('[C10] return() while a next() is pending ends both', async () => {
    const { pool, frames } = await iterate('vp8.webm', { capacity: 1 });
    const { value: held } = await frames.next();
    const pending = frames.next();
    await frames.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect([pool.lentCount, pool.decodingCount]).toEqual([1, 0]);
    held?.release();
  });
});

describe('openVideo()', () => {
  test.each(FILES)('reads %s, and finds a single frame in it', async (file) => {
    const pool = poolOf({ capacity: 2 });
    await using reader = await openVideo(await clipBlob(file));
    const timestamps = await takeAll(reader.frames({ pool }));
    expect(timestamps).toEqual(timestampsOf(clip(file)));
    const [wanted = NaN] = timestamps.slice(40);
    {
      using handle = await reader.frameAt(wanted, { pool });
      expect(handle.timestamp).toBe(wanted);
      expect(markOf(handle.frame)).toBe(numbersOf(clip(file))[40]);
    }
  });
});
