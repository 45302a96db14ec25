/** Frames are delivered within the output callback of their decoder, in order, and before all later events. */
import { describe, expect, test } from 'vitest';
import { decodeFrames, FrameDecoder } from '../../src/index.ts';
import { LimitedVideoDecoder, ManualClock } from '../../src/testing/index.ts';
import { livePictures } from '../support/accounting.ts';
import { useBlankPlatform } from '../support/blank-platform.ts';
import { decoderOf } from '../support/decoder-kinds.ts';
import { BROKEN, PuppetDecoder } from '../support/decoders.ts';
import { iterate, poolOf, push } from '../support/decoding.ts';
import { kindsHere } from '../support/kinds-here.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { outcomeOf, takeAll } from '../support/streams.ts';
import { timePassesUntil } from '../support/time-passes.ts';

const CONFIG: VideoDecoderConfig = { codec: 'vp8' };

const chunkAt = (timestamp: number, type: EncodedVideoChunkType = 'delta'): EncodedVideoChunk =>
  new EncodedVideoChunk({ type, timestamp, data: new Uint8Array(1) });

const CHUNKS = [0, 1, 2, 3, 4].map((time) => chunkAt(time, time === 0 ? 'key' : 'delta'));

/** Chunks after which the source ends or waits for ever. */
async function* chunksThat(end: 'end' | 'go on'): AsyncGenerator<EncodedVideoChunk> {
  yield* CHUNKS;
  if (end === 'go on') await new Promise(() => {});
}

/**
 * A decoder with chunks in its queue. `received` lists the app's results in order: times, then `'end'` or an
 * error. `ended` resolves after that. The clock of the pool stands still.
 */
async function queuedChunks(end: 'end' | 'go on' = 'go on', to = Infinity) {
  const pool = poolOf({ capacity: 6, clock: new ManualClock() });
  PuppetDecoder.newest = null;
  const frames = decodeFrames(pool, chunksThat(end), CONFIG, { decoder: PuppetDecoder.type, to });
  const received: unknown[] = [];
  const all = takeAll(frames, ({ timestamp }) => received.push(timestamp));
  const ended = outcomeOf(all).then((outcome) => received.push(outcome === 'resolved' ? 'end' : outcome));
  // Chunks at or after `to` do not enter: VP8 is not reordered.
  await expect.poll(() => PuppetDecoder.newest?.decodeQueueSize).toBe(Math.min(CHUNKS.length, to));
  return { pool, puppet: PuppetDecoder.newest as unknown as PuppetDecoder, frames, received, ended };
}

describe('[C9] [C10] a frame is delivered in its decoder’s task, though chunks wait inside', () => {
  test('and is released by the app before the decoder takes its next chunk', async () => {
    const { pool, puppet, frames, received } = await queuedChunks();
    for (const time of [0, 1, 2]) {
      puppet.put(time);
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
      expect([received.length, livePictures(), pool.lentCount]).toEqual([time + 1, 0, 0]);
      puppet.takeChunk();
    }
    expect(received).toEqual([0, 1, 2]);
    await frames.return?.();
  });

  test('before the end that follows the last flush', async () => {
    const { puppet, received, ended } = await queuedChunks('end');
    for (const time of [0, 1, 2, 3, 4]) puppet.put(time);
    puppet.endFlush();
    await ended;
    expect(received).toEqual([0, 1, 2, 3, 4, 'end']);
  });

  test('before the end that a frame beyond the last wanted one causes', async () => {
    const { puppet, received, ended } = await queuedChunks('go on', 3);
    for (const time of [0, 1, 2, 3]) puppet.put(time);
    await ended;
    expect(received).toEqual([0, 1, 2, 'end']);
    expect(puppet.state).toBe('closed');
  });

  test('before the error of a decoder that fails after it', async () => {
    const { puppet, received, ended } = await queuedChunks();
    puppet.put(0);
    puppet.put(1);
    puppet.fail(BROKEN);
    await ended;
    expect(received).toEqual([0, 1, BROKEN]);
  });

  test('in a FrameDecoder within the callback itself', async () => {
    const pool = poolOf({ capacity: 6 });
    const received: number[] = [];
    const decoder = new FrameDecoder({
      pool,
      config: CONFIG,
      decoder: PuppetDecoder.type,
      output(handle) {
        received.push(handle.timestamp);
        handle.release();
      },
      error: (error) => expect.unreachable(String(error)),
    });
    for (const chunk of CHUNKS) await decoder.decode(chunk);
    for (const time of [0, 1, 2]) PuppetDecoder.newest?.put(time);
    expect(received).toEqual([0, 1, 2]);
    decoder.close();
  });
});

describe('[C9] a frame that comes out within decode()', () => {
  test.each([1, 4])('takes the permit of its chunk, at capacity %i', async (capacity) => {
    const clock = new ManualClock();
    const decoder = LimitedVideoDecoder.with({ synchronous: true });
    const { pool, chunks, frames } = await iterate('vp8.webm', { capacity, clock }, { decoder });
    let overcommitted = 0;
    const times = await takeAll(frames, () => (overcommitted += pool.stats().overcommitted));
    expect(times).toEqual(chunks.map(({ timestamp }) => timestamp));
    expect(overcommitted).toBe(0);
  });

  test('leaves no permit inside', async () => {
    const decoder = LimitedVideoDecoder.with({ synchronous: true });
    const options = { most: 3, keeps: true, decoder };
    const pushed = await push('vp8.webm', { capacity: 4 }, options);
    for (const chunk of pushed.chunks) await pushed.decoder.decode(chunk);
    expect([pushed.held.length, pushed.pool.decodingCount, pushed.pool.freeCount]).toEqual([3, 0, 1]);
    for (const handle of pushed.held) handle.release();
  });
});

describe('[C9] a decoder that puts out bursts of four', () => {
  test.each([1, 2])('is known after the first bursts, at capacity %i', async (capacity) => {
    const clock = new ManualClock();
    const decoder = LimitedVideoDecoder.with({ burst: 4 });
    const delays: number[] = [];
    const onDecoderDelay = (delay: number): unknown => delays.push(delay);
    const { frames } = await iterate('vp8.webm', { capacity, clock }, { decoder, onDecoderDelay });
    let taken = 0;
    const next = async (): Promise<void> => {
      (await frames.next()).value?.release();
      taken++;
    };
    while (delays.at(-1) !== 3) await timePassesUntil(clock, next());
    // From here on the clock stands still.
    while (taken < 60) await next();
    expect((await frames.next()).done).toBe(true);
    expect(delays).toEqual([3]);
  });
});

describe('[C9] a decoder of two surfaces', () => {
  test('that waits for the app’s frames for three seconds changes no delay', async () => {
    const clock = new ManualClock();
    const decoder = LimitedVideoDecoder.with({ surfaces: 2 });
    const delays: number[] = [];
    const onDecoderDelay = (delay: number): unknown => delays.push(delay);
    const { chunks, frames } = await iterate('vp8.webm', { capacity: 4, clock }, { decoder, onDecoderDelay });
    const held = [(await frames.next()).value, (await frames.next()).value];
    const pending = frames.next();
    await clock.advanceAsync(3000);
    for (const handle of held) handle?.release();
    (await pending).value?.release();
    expect(await takeAll(frames)).toHaveLength(chunks.length - 3);
    expect(delays).toEqual([]);
  });
});

describe.each(kindsHere({ restarts: false }))(
  '[C9] with a decoder %s, permits of chunks without a frame',
  (kind) => {
    test.each([1, 2, 4])('return even if all chunks have one time, at capacity %i', async (capacity) => {
      // Every third chunk gives a frame, without a mark in its header.
      useBlankPlatform();
      const clock = new ManualClock();
      const pool = poolOf({ capacity, clock });
      const times = Array.from({ length: 30 }, () => 0);
      const chunks = times.map((time, index) => chunkAt(time, index === 0 ? 'key' : 'delta'));
      let fed = 0;
      class Dropping extends decoderOf(kind) {
        override decode(chunk: EncodedVideoChunk): void {
          if (fed++ % 3 === 0) super.decode(chunk);
        }
      }
      const frames = decodeFrames(
        pool,
        streamOf(chunks),
        { codec: 'unknown' },
        { decoder: anyConfig(Dropping) },
      );
      expect(await timePassesUntil(clock, takeAll(frames))).toHaveLength(10);
    });
  },
);

describe('[C9] a range', () => {
  test('has all its frames even if the decoder puts out in decode order', async () => {
    const { chunks } = await trackOf('h264_bframes.mp4', 30);
    const times = chunks.map(({ timestamp }) => timestamp);
    const decoder = LimitedVideoDecoder.with({ order: 'decode' });
    for (const to of [...times].sort((one, other) => one - other).slice(1, 12)) {
      const { frames } = await iterate('h264_bframes.mp4', { capacity: 2 }, { most: 30, decoder, to });
      expect(await takeAll(frames)).toEqual(times.filter((time) => time < to));
    }
  });
});

/** The class, which supports every configuration. */
function anyConfig(type: typeof LimitedVideoDecoder): typeof VideoDecoder {
  return class extends type {
    static override isConfigSupported(config: VideoDecoderConfig): Promise<VideoDecoderSupport> {
      return Promise.resolve({ supported: true, config });
    }
  };
}
