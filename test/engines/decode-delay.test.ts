/** Decoding that waits for no timer: the clock of each pool here stands still. */
import { describe, expect, test } from 'vitest';
import type { DecodedStorage, DecodeFramesOptions, FrameHandle } from '../../src/index.ts';
import { decodeFrames } from '../../src/index.ts';
import { PullQueue } from '../../src/base/pull-queue.ts';
import { pumpOf } from '../../src/decode/decode-frames.ts';
import type { PumpOptions } from '../../src/decode/decode-options.ts';
import { LimitedVideoDecoder, ManualClock } from '../../src/testing/index.ts';
import { clip, CLIPS, numbersOf, timestampsOf } from '../media/clips.ts';
import { decoderOf, timesOf } from '../support/decoder-kinds.ts';
import { hookedDecoder } from '../support/decoders.ts';
import { poolOf } from '../support/decoding.ts';
import { kindsHere } from '../support/kinds-here.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import { takeAll } from '../support/streams.ts';

/** WebKitGTK 2.50 holds back one more frame of the clip that begins before 0, which test/browser/decode-pauses has. */
const VIDEOS = CLIPS.filter(
  ({ codec, frames, file }) => codec !== null && frames <= 100 && file !== 'h264_negative.mp4',
).map(({ file }) => file);

/** A pool of one slot, whose clock stands still. */
const stillPool = (capacity = 1) => poolOf({ capacity, clock: new ManualClock() });

/** The same bytes at another time. */
function chunkAt(chunk: EncodedVideoChunk, timestamp: number, duration?: number): EncodedVideoChunk {
  const data = new Uint8Array(chunk.byteLength);
  chunk.copyTo(data);
  return new EncodedVideoChunk({
    type: chunk.type,
    timestamp,
    data,
    ...(duration !== undefined && { duration }),
  });
}

describe('[C9] without a timer, at capacity 1', () => {
  test.each(VIDEOS)('%s reaches its end', async (file) => {
    const { config, chunks } = await trackOf(file);
    const pool = stillPool();
    const timestamps = await takeAll(decodeFrames(pool, streamOf(chunks), config));
    expect(timestamps).toEqual(timestampsOf(clip(file)));
  });

  test.each(['h264_bframes.mp4', 'h264_baseline.mp4', 'vp8_hidden.webm', 'av1.mp4'])(
    'each frame of %s needs only the chunks up to it and the reorder depth',
    async (file) => {
      const { config, chunks } = await trackOf(file);
      let fed = 0;
      const decoder = hookedDecoder(() => ({ fed: () => void fed++ }));
      for (const [number, time] of timestampsOf(clip(file)).entries()) {
        const key = chunks.findLastIndex(({ type, timestamp }) => type === 'key' && timestamp <= time);
        // Its own chunk, those of all frames before it, and as many later ones as the reorder depth.
        const at = chunks.findLastIndex(({ timestamp }) => timestamp <= time);
        const options: DecodeFramesOptions = { decoder, from: time, to: time + 1 };
        fed = 0;
        const numbers: number[] = [];
        const frames = decodeFrames(stillPool(), streamOf(chunks.slice(key)), config, options);
        expect(await takeAll(frames, ({ frame }) => numbers.push(markOf(frame)))).toEqual([time]);
        expect(numbers).toEqual([numbersOf(clip(file))[number]]);
        expect(fed).toBeLessThanOrEqual(at - key + 1 + 2);
      }
    },
  );

  test('a range ends with the frames before its end, even behind chunks of later ones', async () => {
    const { config, chunks } = await trackOf('h264_bframes.mp4');
    const times = timestampsOf(clip('h264_bframes.mp4'));
    for (const count of [1, 2, 3, 4, 5, 25, 60]) {
      const options = { from: times[0] ?? 0, to: times[count] ?? Infinity };
      const frames = decodeFrames(stillPool(), streamOf(chunks), config, options);
      expect(await takeAll(frames)).toEqual(times.slice(0, count));
    }
  });

  test('the delay is read from the bitstream before it is learned', async () => {
    const { config, chunks } = await trackOf('h264_bframes.mp4');
    const delays: number[] = [];
    const onDecoderDelay = (delay: number): unknown => delays.push(delay);
    await takeAll(decodeFrames(stillPool(), streamOf(chunks), config, { onDecoderDelay }));
    expect(delays).toEqual([2]);
  });

  test('the delay is read from the first key chunk if there is no description', async () => {
    const { config, chunks } = await trackOf('h264.m2t');
    expect(config.description).toBeUndefined();
    const delays: number[] = [];
    const onDecoderDelay = (delay: number): unknown => delays.push(delay);
    await takeAll(decodeFrames(stillPool(), streamOf(chunks), config, { onDecoderDelay }));
    expect(delays).toEqual([2]);
  });
});

/** The frames of a pump with the marks of the library's own sources. */
const pumped = (
  capacity: number,
  chunks: readonly EncodedVideoChunk[],
  config: VideoDecoderConfig,
  options: PumpOptions,
): PullQueue<FrameHandle<DecodedStorage>> =>
  new PullQueue(pumpOf(stillPool(capacity), streamOf(chunks), config, options));

describe.each(kindsHere({ restarts: false, bursts: false, pictures: true }))(
  '[C9] with a decoder %s, chunks that the source marks as decode-only',
  (kind) => {
    test.each([1, 4])(
      'give no frame, also if another chunk has the same time, at capacity %i',
      async (capacity) => {
        const { config, chunks } = await trackOf('vp8.webm', 8);
        // Pairs of equal times, of which the later one is displayed.
        const twins = chunks.map((chunk, i) => chunkAt(chunk, Math.floor(i / 2) * 50_000));
        const isDecodeOnly = (chunk: EncodedVideoChunk): boolean => twins.indexOf(chunk) % 2 === 0;
        const numbers: number[] = [];
        const decoder = decoderOf(kind);
        const frames = pumped(capacity, twins, config, { isDecodeOnly, decoder });
        expect(await takeAll(frames, ({ frame }) => numbers.push(markOf(frame)))).toEqual([
          0, 50_000, 100_000, 150_000,
        ]);
        expect(numbers).toEqual([1, 3, 5, 7]);
      },
    );
  },
);

describe('a track with two configurations', () => {
  const parts = async () => {
    const first = await trackOf('h264_bframes.mp4', 24);
    const second = await trackOf('vp8.webm', 20);
    const start = 10_000_000;
    const later = second.chunks.map((chunk) => chunkAt(chunk, start + chunk.timestamp));
    const chunks = [...first.chunks, ...later];
    const configOf = (chunk: EncodedVideoChunk): VideoDecoderConfig | null =>
      chunk === first.chunks[0] ? first.config : chunk.timestamp < start ? null : second.config;
    const times = chunks.map(({ timestamp }) => timestamp).sort((a, b) => a - b);
    return { config: first.config, chunks, later, configOf, times };
  };

  describe.each(kindsHere({ restarts: false, bursts: false }))('with a decoder %s', (kind) => {
    test.each([1, 4])('gives the frames of both at capacity %i, with one decoder', async (capacity) => {
      const { config, chunks, configOf } = await parts();
      const decoder = hookedDecoder(() => ({}), decoderOf(kind));
      const times = timesOf(kind, { chunks });
      expect(await takeAll(pumped(capacity, chunks, config, { configOf, decoder }))).toEqual(times);
      expect(decoder.made).toHaveLength(1);
    });

    test('is found by a range that begins in the second', async () => {
      const { config, chunks, configOf, times } = await parts();
      const options = { configOf, from: times[30] ?? 0, decoder: decoderOf(kind) };
      expect(await takeAll(pumped(1, chunks, config, options))).toEqual(times.slice(30));
    });
  });

  test('gives the frames of both although the browser reclaims the codec in the second', async () => {
    const { config, chunks, later, configOf, times } = await parts();
    const decoder = LimitedVideoDecoder.with({ reclaimAfter: 30 });
    const asked: number[] = [];
    const restart = (timestamp: number): AsyncIterable<EncodedVideoChunk> => {
      asked.push(timestamp);
      return streamOf(later);
    };
    expect(await takeAll(pumped(4, chunks, config, { configOf, decoder, restart }))).toEqual(times);
    expect(asked).toEqual([times[29]]);
  });
});

describe.each(kindsHere({ restarts: false, bursts: false }))('with a decoder %s, a frame', (kind) => {
  test.each(['vp8.webm', 'h264_bframes.mp4', 'vp9.webm'])(
    'of %s has the duration of its chunk',
    async (file) => {
      const { config, chunks } = await trackOf(file, 12);
      const timed = chunks.map((chunk, i) => chunkAt(chunk, chunk.timestamp, 1000 + i));
      const durations = new Map(timed.map(({ timestamp, duration }) => [timestamp, duration]));
      const seen: unknown[] = [];
      const decoder = decoderOf(kind);
      const frames = decodeFrames(stillPool(), streamOf(timed), config, { decoder });
      const times = await takeAll(frames, (handle) => seen.push([handle.duration, handle.frame.duration]));
      expect(seen).toEqual(times.map((time) => [durations.get(time), durations.get(time)]));
    },
  );
});
