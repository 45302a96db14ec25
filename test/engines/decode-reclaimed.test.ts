/**
 * Codecs that the browser reclaims: decoding continues at its place in the stream, at the next request for a
 * frame.
 */
import { describe, expect, test } from 'vitest';
import type { FrameHandle, RestartPoint } from '../../src/index.ts';
import { decodeFrames } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { LimitedVideoDecoder, ManualClock } from '../../src/testing/index.ts';
import { useBlankPlatform } from '../support/blank-platform.ts';
import type { Kind } from '../support/decoder-kinds.ts';
import { decoderOf } from '../support/decoder-kinds.ts';
import { PuppetDecoder, TAKEN } from '../support/decoders.ts';
import { poolOf } from '../support/decoding.ts';
import { kindsHere } from '../support/kinds-here.ts';
import { clipBlob, streamOf, trackOf } from '../support/packets.ts';
import { outcomeOf, takeAll, tasks } from '../support/streams.ts';

/** A class of decoders of a kind, which puts out blank pictures by default, and its instances. */
function listedDecoder(kind: Kind = 'that puts out within decode()') {
  const made: LimitedVideoDecoder[] = [];
  const base = decoderOf(kind);
  class Listed extends base {
    static override isConfigSupported(config: VideoDecoderConfig): Promise<VideoDecoderSupport> {
      return Promise.resolve({ supported: true, config });
    }

    constructor(init: VideoDecoderInit) {
      super(init);
      made.push(this);
    }
  }
  return { made, type: Listed as unknown as typeof VideoDecoder };
}

const CONFIG = { codec: 'unknown' };

/** Chunks of one byte, of which each nth is a key chunk. */
const chunksAt = (times: readonly number[], keyEvery: number): readonly EncodedVideoChunk[] =>
  times.map((timestamp, index) => {
    const type = index % keyEvery === 0 ? 'key' : 'delta';
    return new EncodedVideoChunk({ type, timestamp, duration: 1 + index, data: new Uint8Array(1) });
  });

const STREAMS: Readonly<Record<string, readonly EncodedVideoChunk[]>> = {
  'a stream': chunksAt(
    Array.from({ length: 40 }, (_, index) => index * 1000),
    10,
  ),
  'a loop': chunksAt(
    Array.from({ length: 40 }, (_, index) => (index % 10) * 1000),
    10,
  ),
  'a loop of several groups of pictures': chunksAt(
    Array.from({ length: 48 }, (_, index) => (index % 12) * 1000),
    4,
  ),
  'a stream of equal times': chunksAt(
    Array.from({ length: 20 }, () => 0),
    5,
  ),
  'a stream of pairs of equal times': chunksAt(
    Array.from({ length: 40 }, (_, index) => (index >> 1) * 1000),
    5,
  ),
};

/** Takes all frames while the decoder is reclaimed after some of them, and returns their numbers. */
async function takenThrough(
  chunks: readonly EncodedVideoChunk[],
  reclaims: readonly number[],
  restart: (point: RestartPoint, taken: number) => number,
  isIdle: boolean,
  kind?: Kind,
): Promise<unknown[]> {
  const { made, type } = listedDecoder(kind);
  const pool = poolOf({ capacity: 4, clock: new ManualClock() });
  const got: unknown[] = [];
  const frames = decodeFrames(pool, streamOf(chunks), CONFIG, {
    decoder: type,
    restart: (_timestamp, point) => streamOf(chunks.slice(restart(point, got.length))),
  });
  for (;;) {
    const next = frames.next();
    if (!isIdle && reclaims.includes(got.length)) made.at(-1)?.reclaim();
    const { value } = await next;
    if (value === undefined) break;
    got.push(value.duration);
    value.release();
    if (!isIdle || !reclaims.includes(got.length)) continue;
    await tasks(2);
    made.at(-1)?.reclaim();
  }
  return got;
}

const atIndex = ({ index }: RestartPoint): number => index;

describe.each(kindsHere())('[C9] with a decoder %s [fault: codec reclaimed]', (kind) => {
  test.each(Object.entries(STREAMS))(
    '%s loses and repeats nothing, wherever its codec is reclaimed',
    async (_, chunks) => {
      useBlankPlatform();
      const numbers = chunks.map(({ duration }) => duration);
      for (const isIdle of [true, false])
        for (let moment = 0; moment < chunks.length; moment += 3)
          expect(
            await takenThrough(chunks, [moment, moment + 5], atIndex, isIdle, kind),
            `at ${moment}`,
          ).toEqual(numbers);
    },
  );
});

describe.each(Object.entries(STREAMS))(
  '[C9] %s whose codec is reclaimed [fault: codec reclaimed]',
  (_, chunks) => {
    // The duration of a chunk is its number, so that equal times can be distinguished.
    const numbers = chunks.map(({ duration }) => duration);

    const moments = Array.from({ length: chunks.length }, (_unused, index) => index);

    test.each([true, false])(
      'loses and repeats nothing, wherever it is reclaimed (while idle: %s)',
      async (isIdle) => {
        for (const moment of moments)
          expect(await takenThrough(chunks, [moment], atIndex, isIdle), `at ${moment}`).toEqual(numbers);
      },
    );

    test('loses and repeats nothing if it is reclaimed after every frame', async () => {
      expect(await takenThrough(chunks, moments, atIndex, true)).toEqual(numbers);
    });

    test('begins again with the key chunk that it names', async () => {
      const points: RestartPoint[] = [];
      const restart = (point: RestartPoint): number => {
        points.push(point);
        return point.index;
      };
      await takenThrough(chunks, [3, 8, 13], restart, true);
      expect(points.length).toBe(3);
      for (const { chunk, index } of points) {
        expect(chunk).toBe(chunks[index]);
        expect(chunk?.type).toBe('key');
      }
    });
  },
);

describe('[C9] a loop whose source counts the frames that the app got', () => {
  test('continues with the current pass, wherever it is reclaimed', async () => {
    const chunks = STREAMS['a loop'] ?? [];
    for (let moment = 1; moment < 40; moment++) {
      const { made, type } = listedDecoder();
      const pool = poolOf({ capacity: 4, clock: new ManualClock() });
      const got: number[] = [];
      const restart = (): AsyncIterable<EncodedVideoChunk> =>
        streamOf(chunks.slice(Math.floor(got.length / 10) * 10));
      const frames = decodeFrames(pool, streamOf(chunks), CONFIG, { decoder: type, restart });
      for await (const handle of frames) {
        got.push(handle.timestamp);
        handle.release();
        if (got.length !== moment) continue;
        await tasks(2);
        made.at(-1)?.reclaim();
      }
      expect(got, `at ${moment}`).toEqual(chunks.map(({ timestamp }) => timestamp));
    }
  });
});

describe('[C9] a source that begins at another place after its codec was reclaimed', () => {
  const chunks = STREAMS['a stream'] ?? [];

  /** Times of all frames, if the source begins with this chunk after a reclaim. */
  async function takenFrom(first: number, reclaims: readonly number[]): Promise<number[]> {
    const { made, type } = listedDecoder();
    const pool = poolOf({ capacity: 4, clock: new ManualClock() });
    const restart = (): AsyncIterable<EncodedVideoChunk> => streamOf(chunks.slice(first));
    const frames = decodeFrames(pool, streamOf(chunks), CONFIG, { decoder: type, restart });
    let taken = 0;
    return takeAll(frames, async () => {
      if (!reclaims.includes(++taken)) return;
      await tasks(2);
      made.at(-1)?.reclaim();
    });
  }

  test('repeats nothing if it begins earlier, also if the codec is reclaimed again', async () => {
    const times = chunks.map(({ timestamp }) => timestamp);
    expect(await takenFrom(0, [17, 23, 24, 35])).toEqual(times);
  });

  test('continues with its own chunks if it begins later', async () => {
    const taken = await takenFrom(20, [12]);
    // Earlier frames: the taken ones, and the ready ones.
    const before = taken.length - (chunks.length - 20);
    expect(before).toBeGreaterThanOrEqual(12);
    const times = [...chunks.slice(0, before), ...chunks.slice(20)].map(({ timestamp }) => timestamp);
    expect(taken).toEqual(times);
  });
});

describe('[C9] a codec that is reclaimed while no frame is awaited [fault: codec reclaimed]', () => {
  test('is reopened for each awaited frame, with no open decoder in between', async () => {
    const { made, type } = listedDecoder();
    const chunks = STREAMS['a stream'] ?? [];
    const pool = poolOf({ capacity: 2, clock: new ManualClock() });
    const restart = (_time: number, { index }: RestartPoint) => streamOf(chunks.slice(index));
    const frames = decodeFrames(pool, streamOf(chunks), CONFIG, { decoder: type, restart });
    const held = (await frames.next()).value as FrameHandle;
    for (let reclaims = 0; reclaims < 8; reclaims++) {
      await tasks(2);
      made.at(-1)?.reclaim();
    }
    expect(made.map(({ state }) => state)).toEqual(['closed']);
    held.release();
    expect(await takeAll(frames)).toEqual(chunks.slice(1).map(({ timestamp }) => timestamp));
    expect(made.length).toBe(2);
  });

  test('ends the iteration if the source does not restart', async () => {
    const { made, type } = listedDecoder();
    const pool = poolOf({ capacity: 1, clock: new ManualClock() });
    const frames = decodeFrames(pool, streamOf(STREAMS['a stream'] ?? []), CONFIG, { decoder: type });
    (await frames.next()).value?.release();
    made[0]?.reclaim();
    expect(await outcomeOf(frames.next())).toMatchObject({ name: TAKEN.name });
  });
});

describe('[C9] a codec that is reclaimed before it was given a chunk [fault: codec reclaimed]', () => {
  test('is reopened for the first one, and is not counted', async () => {
    const { made, type } = listedDecoder();
    const chunks = STREAMS['a stream'] ?? [];
    const pool = poolOf({ capacity: 1, clock: new ManualClock() });
    const gates: (() => void)[] = [];
    // Each source waits before its first chunk.
    async function* gated(index: number): AsyncGenerator<EncodedVideoChunk> {
      await new Promise<void>((resolve) => gates.push(resolve));
      yield* chunks.slice(index);
    }
    const restart = (_time: number, { index }: RestartPoint) => gated(index);
    const frames = decodeFrames(pool, gated(0), CONFIG, { decoder: type, restart });
    const first = frames.next();
    await expect.poll(() => [made.length, gates.length]).toEqual([1, 1]);
    made[0]?.reclaim();
    await expect.poll(() => gates.length).toBe(2);
    await tasks(2);
    expect(made.length).toBe(1);
    gates[1]?.();
    (await first).value?.release();
    expect(made.length).toBe(2);
    expect(await takeAll(frames)).toHaveLength(chunks.length - 1);
  });
});

/** A class whose nth decoder is reclaimed as it receives the nth of these numbers of chunks, before their frames come out. */
function reclaimedWhileFed(limits: readonly number[], kind?: Kind) {
  const { made, type } = listedDecoder(kind);
  class Reclaimed extends type {
    #left = limits[made.length - 1] ?? Infinity;

    override decode(chunk: EncodedVideoChunk): void {
      super.decode(chunk);
      if (--this.#left === 0) made.at(-1)?.reclaim();
    }
  }
  return { made, type: Reclaimed };
}

describe('[C9] a codec that is reclaimed again [fault: codec reclaimed]', () => {
  const chunks = STREAMS['a stream'] ?? [];
  const times = chunks.map(({ timestamp }) => timestamp);
  const restart = (_time: number, { index }: RestartPoint) => streamOf(chunks.slice(index));

  test('before it has caught up repeats no frame', async () => {
    const { made, type } = reclaimedWhileFed([9, 2]);
    const pool = poolOf({ capacity: 4, clock: new ManualClock() });
    const frames = decodeFrames(pool, streamOf(chunks), CONFIG, { decoder: type, restart });
    expect(await takeAll(frames)).toEqual(times);
    expect(made.length).toBe(3);
  });

  test('three times in a row during a wait continues, although it was idle before', async () => {
    useBlankPlatform();
    const { made, type } = reclaimedWhileFed([Infinity, 1, 1, 1], 'software, unchanged');
    const pool = poolOf({ capacity: 1, clock: new ManualClock() });
    const frames = decodeFrames(pool, streamOf(chunks), CONFIG, { decoder: type, restart });
    (await frames.next()).value?.release();
    await tasks(2);
    made[0]?.reclaim();
    expect(await takeAll(frames)).toEqual(times.slice(1));
    expect(made.length).toBe(5);
  });

  test('three times in a row goes on, though it had no chunk the time before', async () => {
    useBlankPlatform();
    const { made, type } = reclaimedWhileFed([Infinity, 1, 1, 1], 'software, unchanged');
    const pool = poolOf({ capacity: 1, clock: new ManualClock() });
    let isOpen = false;
    // The first source gives no chunk.
    const silent: AsyncIterable<EncodedVideoChunk> = {
      [Symbol.asyncIterator]: () => ({ next: () => ((isOpen = true), new Promise(() => {})) }),
    };
    const frames = decodeFrames(pool, silent, CONFIG, { decoder: type, restart });
    const all = takeAll(frames);
    await expect.poll(() => isOpen).toBe(true);
    made[0]?.reclaim();
    expect(await all).toEqual(times);
    expect(made.length).toBe(5);
  });

  test('begins before a key frame whose earlier frames have not come out', async () => {
    // The last two chunks are shown before the second key frame, and need the first one.
    const open = chunksAt([0, 400, 200, 300], 1).map(({ timestamp, duration }, index) => {
      const type = index < 2 ? 'key' : 'delta';
      return new EncodedVideoChunk({ type, timestamp, duration: duration ?? 0, data: new Uint8Array(1) });
    });
    const points: RestartPoint[] = [];
    const pool = poolOf({ capacity: 6, clock: new ManualClock() });
    PuppetDecoder.newest = null;
    async function* source(): AsyncGenerator<EncodedVideoChunk> {
      yield* open;
      await new Promise(() => {});
    }
    const frames = decodeFrames(pool, source(), CONFIG, {
      decoder: PuppetDecoder.type,
      restart: (_time, point) => {
        points.push(point);
        return source();
      },
    });
    const taking = [frames.next(), frames.next(), frames.next()];
    await expect.poll(() => PuppetDecoder.newest?.decodeQueueSize).toBe(4);
    const puppet = PuppetDecoder.newest as unknown as PuppetDecoder;
    for (const time of [0, 200]) puppet.put(time);
    for (const taken of taking.slice(0, 2)) (await taken).value?.release();
    puppet.fail(TAKEN);
    expect(points.map(({ index }) => index)).toEqual([0]);
    await frames.return?.();
    expect((await taking[2])?.done).toBe(true);
  });
});

describe('[C9] a decoder that puts out in decode order', () => {
  test('continues after a reclaim at any place', async () => {
    const { chunks } = await trackOf('h264_bframes.mp4', 30);
    const times = chunks.map(({ timestamp }) => timestamp);
    for (let moment = 5; moment < 28; moment++) {
      const { made, type } = listedDecoder('that puts out in decode order');
      const pool = poolOf({ capacity: 2 });
      const restart = (_time: number, { index }: RestartPoint) => streamOf(chunks.slice(index));
      const frames = decodeFrames(pool, streamOf(chunks), CONFIG, { decoder: type, restart });
      const got: number[] = [];
      for await (const handle of frames) {
        got.push(handle.timestamp);
        handle.release();
        if (got.length === moment) made.at(-1)?.reclaim();
      }
      expect(got, `at ${moment}`).toEqual(times);
    }
  });
});

describe('reader.frames() [fault: codec reclaimed]', () => {
  test('gives every frame once, wherever the codec is reclaimed during a pause', async () => {
    const file = 'h264_bframes.mp4';
    const times = (await trackOf(file)).chunks.map(({ timestamp }) => timestamp).sort((a, b) => a - b);
    const made: LimitedVideoDecoder[] = [];
    class Listed extends LimitedVideoDecoder {
      constructor(init: VideoDecoderInit) {
        super(init);
        made.push(this);
      }
    }
    const pool = poolOf({ capacity: 4 });
    await using reader = await openVideo(await clipBlob(file), { decoder: Listed });
    let taken = 0;
    const got = await takeAll(reader.frames({ pool }), async () => {
      if (++taken % 9 !== 0) return;
      await tasks(3);
      made.at(-1)?.reclaim();
    });
    expect(got).toEqual(times);
    expect(made.length).toBe(1 + Math.floor(times.length / 9));
  });
});
