/**
 * The freeze that software decoders do not have: a naive loop shows it, and decodeFrames() survives and reports
 * it.
 */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { PoolStarvedError } from '../../src/index.ts';
import { LimitedVideoDecoder, ManualClock } from '../../src/testing/index.ts';
import { timestampsOf, clip } from '../media/clips.ts';
import { decoderOf, timesOf } from '../support/decoder-kinds.ts';
import { hookedDecoder } from '../support/decoders.ts';
import { iterate, push } from '../support/decoding.ts';
import { kindsHere } from '../support/kinds-here.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { outcomeOf, takeAll } from '../support/streams.ts';
import { timePassesUntil } from '../support/time-passes.ts';

const CLIP = 'vp8.webm';

/** The outcome of a promise within a pause; a slow machine makes `'pending'` likelier. */
const within = (ms: number, promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([promise, new Promise((resolve) => setTimeout(resolve, ms, 'pending'))]);

/** The error of a decoder that starves as the clock advances. */
async function starved(clock: ManualClock, work: Promise<unknown>): Promise<PoolStarvedError> {
  const error = await timePassesUntil(clock, outcomeOf(work));
  expect(error).toBeInstanceOf(PoolStarvedError);
  return error as PoolStarvedError;
}

describe('a decoder of four surfaces', () => {
  const decoder = (): typeof VideoDecoder => LimitedVideoDecoder.with({ surfaces: 4 });

  test('freezes a naive loop that holds its frames, without an error', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const held: VideoFrame[] = [];
    const errors: unknown[] = [];
    const limited = new (decoder())({
      output: (frame) => held.push(frame),
      error: (error) => errors.push(error),
    });
    limited.configure(config);
    for (const chunk of chunks) limited.decode(chunk);
    const flushed = outcomeOf(limited.flush());
    await expect.poll(() => held.length).toBe(4);
    expect(await within(500, flushed)).toBe('pending');
    expect(held.length).toBe(4);
    // A clone pins memory like its frame, and closing the frame alone frees nothing.
    const clones = held.map((frame) => frame.clone());
    for (const frame of held) frame.close();
    expect(await within(200, flushed)).toBe('pending');
    expect(held.length).toBe(4);
    for (const clone of clones) clone.close();
    await expect.poll(() => held.length).toBe(8);
    for (const frame of held) frame.close();
    limited.close();
    expect(await flushed).toMatchObject({ name: 'AbortError' });
    expect(errors).toEqual([]);
  });

  test.each([1, 2, 3, 4])(
    'does not freeze decodeFrames() at capacity %i, with every slot held',
    async (capacity) => {
      const { frames } = await iterate(CLIP, { capacity }, { decoder: decoder() });
      const held: FrameHandle[] = [];
      const timestamps: number[] = [];
      for await (const handle of frames) {
        expect(handle.frame.timestamp).toBe(handle.timestamp);
        timestamps.push(handle.timestamp);
        held.push(handle);
        if (held.length === capacity) held.shift()?.release();
      }
      expect(timestamps).toEqual(timestampsOf(clip(CLIP)));
      for (const handle of held) handle.release();
    },
  );

  test('starves a pool of a larger capacity, and the error names the holders', async () => {
    const clock = new ManualClock();
    const options = { decoder: decoder(), starvationMs: 400 };
    const { pool, frames } = await iterate(CLIP, { capacity: 8, name: 'film', clock }, options);
    const held: FrameHandle[] = [];
    const all = takeAll(frames, (handle) => held.push(handle.retain('thumbnailer')));
    all.catch(() => {});
    await expect.poll(() => held.length).toBe(4);
    const { message, holders } = await starved(clock, all);
    expect(message).toContain('thumbnailer (4)');
    const lent = holders.filter(({ state }) => state === 'lent');
    expect(lent.map(({ holder }) => holder)).toEqual(Array(4).fill('thumbnailer'));
    expect(pool.lentCount).toBe(4);
    expect(pool.decodingCount).toBe(0);
    for (const handle of held) handle.release();
  });
});

describe.each(kindsHere({ holding: 1, bursts: false }))(
  'with a decoder %s, a consumer that holds every slot and requests more',
  (kind) => {
    test('gets an error with its name instead of waiting for ever', async () => {
      const clock = new ManualClock();
      const options = { kind, starvationMs: 300, holder: 'player' };
      const { frames } = await iterate(CLIP, { capacity: 2, clock }, options);
      const held = [(await frames.next()).value, (await frames.next()).value];
      const { holders } = await starved(clock, frames.next());
      expect(holders.map(({ holder }) => holder)).toEqual(['player', 'player']);
      expect((await frames.next()).done).toBe(true);
      for (const handle of held) handle?.release();
    });
  },
);

describe.each(kindsHere({ bursts: false }))(
  'with a decoder %s, a consumer that holds every slot and requests more',
  (kind) => {
    test('gets no error while a holder releases in time', async () => {
      const clock = new ManualClock();
      const { pool, frames } = await iterate(
        CLIP,
        { capacity: 1, clock },
        { kind, most: 6, starvationMs: 400 },
      );
      let taken = 0;
      for await (const handle of frames) {
        taken++;
        clock.setTimeout(() => handle.release(), 350);
        // While the loop waits for the next frame, most of the allowed time passes, six times over.
        setTimeout(() => clock.advance(350));
      }
      expect(taken).toBe(6);
      await expect.poll(() => pool.lentCount).toBe(0);
      expect(clock.now()).toBe(2100);
    });
  },
);

describe('FrameDecoder', () => {
  test('sends no chunk beyond its permits to a busy decoder for ten intervals [C9]', async () => {
    const clock = new ManualClock();
    // Puts out nothing, and reports one untaken chunk.
    const busy = class extends hookedDecoder(() => ({ output: (frame) => frame.close() })) {
      override get decodeQueueSize(): number {
        return 1;
      }
    };
    const { chunks, decoder } = await push(CLIP, { capacity: 1, clock }, { most: 2, decoder: busy });
    const [first, second] = chunks as [EncodedVideoChunk, EncodedVideoChunk];
    await decoder.decode(first);
    const waiting = decoder.decode(second).then(() => 'in');
    await clock.advanceAsync(900);
    expect(await within(20, waiting)).toBe('pending');
    await clock.advanceAsync(100);
    expect(await waiting).toBe('in');
  });

  test('reports starvation when its decoder freezes, and continues when frames return [fault: decoder with few surfaces]', async () => {
    const clock = new ManualClock();
    const limited = LimitedVideoDecoder.with({ surfaces: 2 });
    const options = { most: 12, keeps: true, decoder: limited, starvationMs: 1000, holder: 'queue' };
    const { chunks, held, timestamps, decoder } = await push(CLIP, { capacity: 8, clock }, options);
    let fed = 0;
    const feed = async (): Promise<void> => {
      for (const chunk of chunks) {
        await decoder.decode(chunk);
        fed++;
      }
      await decoder.flush();
    };
    const feeding = feed();
    feeding.catch(() => {});
    await expect.poll(() => held.length).toBe(2);
    await starved(clock, feeding);
    expect(held.length).toBe(2);
    expect(fed).toBeGreaterThanOrEqual(8);
    const drain = setInterval(() => {
      for (const handle of held.splice(0)) handle.release();
    }, 5);
    for (const chunk of chunks.slice(fed)) await decoder.decode(chunk);
    await decoder.flush();
    await expect.poll(() => [timestamps.length, held.length]).toEqual([12, 0]);
    clearInterval(drain);
  });
});

describe.each(kindsHere())('with a decoder %s, opaque frames (format === null)', (kind) => {
  test('[C13] count with estimated bytes and throw nothing', async () => {
    const decoder = decoderOf(kind, { opaque: true });
    const { pool, frames } = await iterate(CLIP, { capacity: 3 }, { most: 3, decoder });
    const timestamps = await takeAll(frames, ({ frame }) => {
      expect(frame.format).toBe(null);
      expect(pool.bytes).toBeGreaterThanOrEqual(320 * 180 * 4);
      expect(pool.stats().bytesEstimated).toBe(true);
    });
    expect(timestamps.length).toBe(3);
    expect(pool.bytes).toBe(0);
    expect(pool.stats().bytesEstimated).toBe(false);
  });
});

describe.each(kindsHere())(
  'with a decoder %s, a codec that the browser reclaims [fault: codec reclaimed]',
  (kind) => {
    test.each([1, 4])(
      'is reopened at its place, with each frame exactly once, at capacity %i',
      async (capacity) => {
        const asked: number[] = [];
        const decoder = decoderOf(kind, { reclaimAfter: 31 });
        const restart = (timestamp: number): AsyncIterable<EncodedVideoChunk> => {
          asked.push(timestamp);
          const key = chunks.findLastIndex((chunk) => chunk.type === 'key' && chunk.timestamp <= timestamp);
          return streamOf(chunks.slice(key));
        };
        const { chunks, frames } = await iterate('h264_bframes.mp4', { capacity }, { decoder, restart });
        const timestamps = await takeAll(frames);
        expect(timestamps).toEqual(timesOf(kind, { chunks }));
        expect(asked).toEqual([timestamps[30]]);
      },
    );

    test('ends the iteration with QuotaExceededError if its source cannot restart', async () => {
      const decoder = decoderOf(kind, { reclaimAfter: 5 });
      const { frames } = await iterate(CLIP, { capacity: 2 }, { decoder });
      let taken = 0;
      await expect(takeAll(frames, () => taken++)).rejects.toMatchObject({ name: 'QuotaExceededError' });
      expect(taken).toBe(5);
    });
  },
);

describe.each(kindsHere({ bursts: false }))(
  'with a decoder %s, a codec that the browser reclaims [fault: codec reclaimed]',
  (kind) => {
    test('is reopened even while earlier chunks hang', async () => {
      async function* source(all: readonly EncodedVideoChunk[]): AsyncGenerator<EncodedVideoChunk> {
        yield* all.slice(0, 6);
        await new Promise(() => {});
      }
      const decoder = decoderOf(kind, { reclaimAfter: 5 });
      const restart = (): AsyncGenerator<EncodedVideoChunk> => streamOf(chunks);
      const { chunks, frames } = await iterate(CLIP, { capacity: 2 }, { source, decoder, restart });
      expect(await takeAll(frames)).toEqual(timestampsOf(clip(CLIP)));
    });
  },
);
