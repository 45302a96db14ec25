/** The freeze that software decoders do not show: seen with a naive loop, survived and named with ours. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { decodeFrames, FrameDecoder, PoolStarvedError, VideoFramePool } from '../../src/index.ts';
import { LimitedVideoDecoder, ManualClock } from '../../src/testing/index.ts';
import { timestampsOf, clip } from '../media/clips.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { timePassesUntil } from '../support/time-passes.ts';

const CLIP = 'vp8.webm';

describe('a decoder of four surfaces', () => {
  test('freezes a naive loop that holds its frames, without an error', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const held: VideoFrame[] = [];
    const errors: unknown[] = [];
    const Decoder = LimitedVideoDecoder.with({ surfaces: 4 });
    const decoder = new Decoder({
      output: (frame) => held.push(frame),
      error: (error) => errors.push(error),
    });
    decoder.configure(config);
    for (const chunk of chunks) decoder.decode(chunk);
    const flushed = decoder.flush().then(
      () => 'flushed',
      () => 'ended',
    );
    await expect.poll(() => held.length).toBe(4);
    expect(await Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, 500, 'frozen'))])).toBe(
      'frozen',
    );
    expect(held.length).toBe(4);
    // A clone pins as the frame does, and closing the frame alone frees nothing.
    const clones = held.map((frame) => frame.clone());
    for (const frame of held) frame.close();
    expect(await Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, 200, 'frozen'))])).toBe(
      'frozen',
    );
    expect(held.length).toBe(4);
    for (const clone of clones) clone.close();
    await expect.poll(() => held.length).toBe(8);
    for (const frame of held) frame.close();
    decoder.close();
    expect(await flushed).toBe('ended');
    expect(errors).toEqual([]);
  });

  test.each([1, 2, 3, 4])(
    'does not freeze us at capacity %i, with a consumer that holds all it may',
    async (capacity) => {
      const { config, chunks } = await trackOf(CLIP);
      const pool = new VideoFramePool({ capacity });
      const decoder = LimitedVideoDecoder.with({ surfaces: 4 });
      const held: FrameHandle[] = [];
      const timestamps: number[] = [];
      for await (const handle of decodeFrames(pool, streamOf(chunks), config, { decoder })) {
        expect(handle.frame.timestamp).toBe(handle.timestamp);
        timestamps.push(handle.timestamp);
        held.push(handle);
        if (held.length === capacity) held.shift()?.release();
      }
      expect(timestamps).toEqual(timestampsOf(clip(CLIP)));
      for (const handle of held) handle.release();
      pool.assertNoLeaks();
    },
  );

  test('starves a pool whose capacity is above it, and the error names who holds', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const clock = new ManualClock();
    const pool = new VideoFramePool({ capacity: 8, name: 'film', clock });
    const decoder = LimitedVideoDecoder.with({ surfaces: 4 });
    const held: FrameHandle[] = [];
    const consume = async (): Promise<void> => {
      for await (const handle of decodeFrames(pool, streamOf(chunks), config, {
        decoder,
        starvationMs: 400,
      })) {
        held.push(handle.retain('thumbnailer'));
        handle.release();
      }
    };
    const outcome = consume().catch((reason: unknown) => reason);
    await expect.poll(() => held.length).toBe(4);
    const error = await timePassesUntil(clock, outcome);
    expect(error).toBeInstanceOf(PoolStarvedError);
    expect((error as PoolStarvedError).message).toContain('thumbnailer (4)');
    const lent = (error as PoolStarvedError).holders.filter(({ state }) => state === 'lent');
    expect(lent.map(({ holder }) => holder)).toEqual(Array(4).fill('thumbnailer'));
    expect(pool.lentCount).toBe(4);
    expect(pool.decodingCount).toBe(0);
    for (const handle of held) handle.release();
    pool.assertNoLeaks();
  });
});

describe('a consumer that holds every slot and asks for more', () => {
  test('is told so, by name, instead of waiting for ever', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const clock = new ManualClock();
    const pool = new VideoFramePool({ capacity: 2, clock });
    const frames = decodeFrames(pool, streamOf(chunks), config, { starvationMs: 300, holder: 'player' });
    const held = [(await frames.next()).value, (await frames.next()).value];
    const outcome = frames.next().catch((reason: unknown) => reason);
    const error = await timePassesUntil(clock, outcome);
    expect(error).toBeInstanceOf(PoolStarvedError);
    expect((error as PoolStarvedError).holders.map(({ holder }) => holder)).toEqual(['player', 'player']);
    expect((await frames.next()).done).toBe(true);
    for (const handle of held) handle?.release();
    pool.assertNoLeaks();
  });

  test('is not told so while somebody releases in time', async () => {
    const { config, chunks } = await trackOf(CLIP, 6);
    const clock = new ManualClock();
    const pool = new VideoFramePool({ capacity: 1, clock });
    let taken = 0;
    for await (const handle of decodeFrames(pool, streamOf(chunks), config, { starvationMs: 400 })) {
      taken++;
      clock.setTimeout(() => handle.release(), 350);
      // While the loop waits for the next one, most of what is bearable passes, six times over.
      setTimeout(() => clock.advance(350));
    }
    expect(taken).toBe(6);
    await expect.poll(() => pool.lentCount).toBe(0);
    expect(clock.now()).toBe(2100);
  });
});

describe('FrameDecoder', () => {
  test('waits as long as it takes for a permit that the app holds', async () => {
    const { config, chunks } = await trackOf(CLIP, 2);
    const clock = new ManualClock();
    const pool = new VideoFramePool({ capacity: 1, clock });
    const held: FrameHandle[] = [];
    const decoder = new FrameDecoder({
      pool,
      config,
      starvationMs: 100,
      output: (handle) => held.push(handle),
      error: () => {},
    });
    const [first, second] = chunks as [EncodedVideoChunk, EncodedVideoChunk];
    await decoder.decode(first);
    await expect.poll(() => held.length).toBe(1);
    const waiting = decoder.decode(second).then(() => 'in');
    await clock.advanceAsync(10_000);
    expect(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 50, 'waiting'))])).toBe(
      'waiting',
    );
    held.shift()?.release();
    expect(await waiting).toBe('in');
    await decoder.flush();
    held.shift()?.release();
    decoder.close();
    pool.assertNoLeaks();
  });

  test('says that it is starved when the decoder was fed and freezes, and goes on when frames come back', async () => {
    const { config, chunks } = await trackOf(CLIP, 12);
    const clock = new ManualClock();
    const pool = new VideoFramePool({ capacity: 8, clock });
    const held: FrameHandle[] = [];
    const decoder = new FrameDecoder({
      pool,
      config,
      decoder: LimitedVideoDecoder.with({ surfaces: 2 }),
      starvationMs: 1000,
      holder: 'queue',
      output: (handle) => held.push(handle),
      error: () => {},
    });
    let fed = 0;
    const feed = async (): Promise<void> => {
      for (const chunk of chunks) {
        await decoder.decode(chunk);
        fed++;
      }
      await decoder.flush();
    };
    const outcome = feed().catch((reason: unknown) => reason);
    await expect.poll(() => held.length).toBe(2);
    const error = await timePassesUntil(clock, outcome);
    expect(error).toBeInstanceOf(PoolStarvedError);
    expect(held.length).toBe(2);
    expect(fed).toBeGreaterThanOrEqual(8);
    let seen = 0;
    const drain = setInterval(() => {
      for (const handle of held.splice(0)) {
        seen++;
        handle.release();
      }
    }, 5);
    for (const chunk of chunks.slice(fed)) await decoder.decode(chunk);
    await decoder.flush();
    await expect.poll(() => seen).toBe(12);
    clearInterval(drain);
    decoder.close();
    pool.assertNoLeaks();
  });
});

describe('opaque frames (format === null)', () => {
  test('[C13] count with estimated bytes and throw nothing', async () => {
    const { config, chunks } = await trackOf(CLIP, 3);
    const pool = new VideoFramePool({ capacity: 3 });
    const decoder = LimitedVideoDecoder.with({ opaque: true });
    let taken = 0;
    for await (const handle of decodeFrames(pool, streamOf(chunks), config, { decoder })) {
      expect(handle.frame.format).toBe(null);
      expect(pool.bytes).toBeGreaterThanOrEqual(320 * 180 * 4);
      expect(pool.stats().bytesEstimated).toBe(true);
      taken++;
      handle.release();
    }
    expect(taken).toBe(3);
    expect(pool.bytes).toBe(0);
    expect(pool.stats().bytesEstimated).toBe(false);
  });
});

describe('a codec that the browser reclaims', () => {
  test.each([1, 4])(
    'is opened again where it was, none twice and none lost, at capacity %i',
    async (capacity) => {
      const { config, chunks } = await trackOf('h264_bframes.mp4');
      const pool = new VideoFramePool({ capacity });
      const asked: number[] = [];
      const decoder = LimitedVideoDecoder.with({ reclaimAfter: 31 });
      const frames = decodeFrames(pool, streamOf(chunks), config, {
        decoder,
        restart(timestamp) {
          asked.push(timestamp);
          const key = chunks.findLastIndex((chunk) => chunk.type === 'key' && chunk.timestamp <= timestamp);
          return streamOf(chunks.slice(key));
        },
      });
      const timestamps: number[] = [];
      for await (const handle of frames) {
        timestamps.push(handle.timestamp);
        handle.release();
      }
      expect(timestamps).toEqual(timestampsOf(clip('h264_bframes.mp4')));
      expect(asked).toEqual([timestamps[30]]);
      pool.assertNoLeaks();
    },
  );

  test('is opened again also while the chunks of before hang', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 2 });
    async function* hanging(): AsyncGenerator<EncodedVideoChunk> {
      yield* chunks.slice(0, 6);
      await new Promise(() => {});
    }
    const decoder = LimitedVideoDecoder.with({ reclaimAfter: 5 });
    const restart = (): AsyncGenerator<EncodedVideoChunk> => streamOf(chunks);
    const timestamps: number[] = [];
    for await (const handle of decodeFrames(pool, hanging(), config, { decoder, restart })) {
      timestamps.push(handle.timestamp);
      handle.release();
    }
    expect(timestamps).toEqual(timestampsOf(clip(CLIP)));
    pool.assertNoLeaks();
  });

  test('ends the iteration with QuotaExceededError where nobody says how to go on', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 2 });
    const decoder = LimitedVideoDecoder.with({ reclaimAfter: 5 });
    let taken = 0;
    const consume = async (): Promise<void> => {
      for await (const handle of decodeFrames(pool, streamOf(chunks), config, { decoder })) {
        taken++;
        handle.release();
      }
    };
    await expect(consume()).rejects.toMatchObject({ name: 'QuotaExceededError' });
    expect(taken).toBe(5);
    pool.assertNoLeaks();
  });
});
