/**
 * Decoding without a timer that works in Chromium and not in every engine: the clock of each pool here stands
 * still.
 */
import { describe, expect, test } from 'vitest';
import { decodeFrames } from '../../src/index.ts';
import { LimitedVideoDecoder, ManualClock } from '../../src/testing/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { poolOf } from '../support/decoding.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { takeAll } from '../support/streams.ts';

const stillPool = (capacity: number) => poolOf({ capacity, clock: new ManualClock() });

test('a clip that begins before 0 reaches its end at capacity 1 [C9]', async () => {
  const { config, chunks } = await trackOf('h264_negative.mp4');
  const timestamps = await takeAll(decodeFrames(stillPool(1), streamOf(chunks), config));
  expect(timestamps).toEqual(timestampsOf(clip('h264_negative.mp4')));
});

describe('a loop whose codec is reclaimed', () => {
  test('continues after the frames that were put out, and loses none of the next pass', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 10);
    const decoder = LimitedVideoDecoder.with({ reclaimAfter: 15 });
    const passes = [...chunks, ...chunks, ...chunks];
    const restart = (): AsyncIterable<EncodedVideoChunk> => streamOf(passes.slice(10));
    const frames = decodeFrames(stillPool(4), streamOf(passes), config, { decoder, restart });
    expect(await takeAll(frames)).toEqual(passes.map(({ timestamp }) => timestamp));
  });
});
