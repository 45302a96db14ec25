/**
 * Every clip, whole, in order, at small and large capacities, and never more live frames than the cap and the
 * delay.
 */
import { describe, expect, test } from 'vitest';
import { decodeFrames, VideoFramePool } from '../../src/index.ts';
import { CLIPS, numbersOf, timestampsOf } from '../media/clips.ts';
import { takePeak } from '../support/accounting.ts';
import type { Bare } from '../support/bare-decoder.ts';
import { decodeBare } from '../support/bare-decoder.ts';
import type { Track } from '../support/packets.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import { sampled } from '../support/sampled.ts';
import { takeAll } from '../support/taking.ts';

const CAPACITIES = [1, 2, 3, 8];
const clips = CLIPS.filter(({ codec }) => codec !== null);

test('there are clips of every kind', () => {
  expect(clips.length).toBeGreaterThan(20);
});

describe.each(sampled(clips))('$file', (clip) => {
  let known: Promise<{ track: Track; bare: Bare }> | null = null;
  const measured = (): Promise<{ track: Track; bare: Bare }> =>
    (known ??= trackOf(clip.file).then(async (track) => ({ track, bare: await decodeBare(track) })));

  test('a bare decoder gives the frames of the manifest', async () => {
    const { track, bare } = await measured();
    expect(track.chunks.length).toBe(clip.packets);
    expect(bare.timestamps).toEqual(timestampsOf(clip));
  });

  test.each(CAPACITIES)('[C9] decodes whole and in order at capacity %i', async (capacity) => {
    const { track, bare } = await measured();
    const pool = new VideoFramePool({ capacity });
    takePeak();
    const timestamps: number[] = [];
    const numbers: number[] = [];
    await takeAll(decodeFrames(pool, streamOf(track.chunks), track.config), ({ timestamp, frame }) => {
      if (capacity === 3) numbers.push(markOf(frame, clip));
      return timestamps.push(timestamp);
    });
    expect(timestamps).toEqual(bare.timestamps);
    if (capacity === 3) expect(numbers).toEqual(numbersOf(clip));
    expect(takePeak()).toBeLessThanOrEqual(capacity + bare.delay);
    pool.assertNoLeaks();
    expect(pool.freeCount).toBe(capacity);
    pool.close();
  });
});

describe('[C9] the delay that is learned', () => {
  test.each(['vp8_hidden.webm', 'vp9_hidden.webm', 'vp9_hidden_split.webm'])(
    'is zero if frames of %s are hidden',
    async (file) => {
      const { config, chunks } = await trackOf(file);
      const pool = new VideoFramePool({ capacity: 1 });
      const learned: number[] = [];
      const onDecoderDelay = (delay: number): void => void learned.push(delay);
      const overcommitted = (): number => pool.stats().overcommitted;
      const frames = decodeFrames(pool, streamOf(chunks), config, { onDecoderDelay });
      expect(await takeAll(frames, overcommitted)).toEqual(Array(60).fill(0));
      expect(learned).toEqual([]);
    },
  );

  test.each([1, 8])(
    'of h264_bframes.mp4 is at most what the decoder holds back, at capacity %i',
    async (capacity) => {
      const track = await trackOf('h264_bframes.mp4');
      const bare = await decodeBare(track);
      const pool = new VideoFramePool({ capacity });
      const learned: number[] = [0];
      const onDecoderDelay = (delay: number): void => void learned.push(delay);
      await takeAll(decodeFrames(pool, streamOf(track.chunks), track.config, { onDecoderDelay }));
      expect(Math.max(...learned)).toBeGreaterThan(0);
      expect(Math.max(...learned)).toBeLessThanOrEqual(bare.delay);
    },
  );
});
