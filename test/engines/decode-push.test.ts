/** `FrameDecoder` in apps that hold frames, pass chunks without waiting, and continue after an error. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { FrameDecoder, PoolStarvedError } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { decoderOf } from '../support/decoder-kinds.ts';
import { hookedDecoder } from '../support/decoders.ts';
import { push } from '../support/decoding.ts';
import { kindsHere } from '../support/kinds-here.ts';
import { trackOf } from '../support/packets.ts';
import { outcomeOf, tasks } from '../support/streams.ts';
import { timePassesUntil } from '../support/time-passes.ts';

const CLIP = 'vp8.webm';

/** Unhandled rejections during this test. */
function unhandled(): unknown[] {
  const seen: unknown[] = [];
  const note = (event: PromiseRejectionEvent): void => {
    event.preventDefault();
    seen.push(event.reason);
  };
  addEventListener('unhandledrejection', note);
  onTestFinished(() => removeEventListener('unhandledrejection', note));
  return seen;
}

describe.each(kindsHere({ holding: 3, restarts: false, bursts: false }))(
  'with a decoder %s, decode()',
  (kind) => {
    test('[C9] rejects with the holders’ names if the app fills three slots and then waits', async () => {
      const clock = new ManualClock();
      const options = { decoder: decoderOf(kind), most: 8, keeps: true, starvationMs: 500, holder: 'player' };
      const { pool, chunks, held, decoder } = await push(CLIP, { capacity: 3, clock }, options);
      const filled = (async () => {
        for (const chunk of chunks) await decoder.decode(chunk);
      })();
      const error = await timePassesUntil(clock, outcomeOf(filled));
      expect(error).toBeInstanceOf(PoolStarvedError);
      expect((error as PoolStarvedError).holders.map(({ holder }) => holder)).toEqual(
        Array(3).fill('player'),
      );
      expect([held.length, pool.waitingCount, decoder.decodeQueueSize]).toEqual([3, 0, 0]);
      for (const handle of held.splice(0)) handle.release();
      await decoder.decode(chunks[3] as EncodedVideoChunk);
      await decoder.flush();
      for (const handle of held.splice(0)) handle.release();
    });
  },
);

describe.each(kindsHere({ restarts: false, bursts: false }))('with a decoder %s, decode()', (kind) => {
  test('does not reject while the app pauses without a pending call', async () => {
    const clock = new ManualClock();
    const options = { decoder: decoderOf(kind), most: 4, keeps: true, starvationMs: 100 };
    const { chunks, held, decoder } = await push(CLIP, { capacity: 1, clock }, options);
    await decoder.decode(chunks[0] as EncodedVideoChunk);
    await expect.poll(() => held.length).toBe(1);
    await clock.advanceAsync(10_000);
    expect(clock.pendingCount).toBe(0);
    held.pop()?.release();
    await decoder.decode(chunks[1] as EncodedVideoChunk);
    await decoder.flush();
    held.pop()?.release();
  });

  test.each(['reset', 'close'] as const)(
    'that is pending at %s() rejects with AbortError, which is never unhandled',
    async (end) => {
      const seen = unhandled();
      const { pool, chunks, held, decoder } = await push(
        CLIP,
        { capacity: 1 },
        { decoder: decoderOf(kind), most: 4, keeps: true },
      );
      const [first, second, third] = chunks as [EncodedVideoChunk, EncodedVideoChunk, EncodedVideoChunk];
      await decoder.decode(first);
      await expect.poll(() => held.length).toBe(1);
      void decoder.decode(second);
      const awaited = decoder.decode(third);
      await expect.poll(() => pool.waitingCount).toBe(1);
      decoder[end]();
      if (end === 'close') void decoder.decode(first);
      expect(decoder.decodeQueueSize).toBe(0);
      await expect(awaited).rejects.toMatchObject({ name: 'AbortError' });
      await tasks();
      expect(seen).toEqual([]);
      held.pop()?.release();
    },
  );
});

describe.each(kindsHere({ restarts: false, bursts: false }))('with a decoder %s, decodeQueueSize', (kind) => {
  test('counts the chunks that wait for a slot, and decreases as they enter', async () => {
    const { pool, chunks, held, decoder } = await push(
      CLIP,
      { capacity: 1 },
      { decoder: decoderOf(kind), most: 3, keeps: true },
    );
    expect(decoder.decodeQueueSize).toBe(0);
    const calls = chunks.map((chunk) => decoder.decode(chunk));
    expect(decoder.decodeQueueSize).toBe(3);
    await expect.poll(() => [held.length, pool.waitingCount]).toEqual([1, 1]);
    expect(decoder.decodeQueueSize).toBe(2);
    for (const waiting of [1, 0]) {
      held.pop()?.release();
      await expect.poll(() => [held.length, pool.waitingCount]).toEqual([1, waiting]);
    }
    await Promise.all(calls);
    expect(decoder.decodeQueueSize).toBe(0);
    held.pop()?.release();
  });
});

describe.each(kindsHere({ restarts: false }))('with a decoder %s, reset()', (kind) => {
  test('after an error opens a new decoder, which continues at the next key frame', async () => {
    const errors: DOMException[] = [];
    const failing = decoderOf(kind, { failAfter: 3 });
    const options = { most: 6, decoder: failing, error: (error: DOMException) => void errors.push(error) };
    const { chunks, timestamps, decoder } = await push(CLIP, { capacity: 2 }, options);
    await Promise.allSettled([...chunks.map((chunk) => decoder.decode(chunk)), decoder.flush()]);
    expect([errors.length, timestamps.length]).toEqual([1, 3]);
    await expect(decoder.decode(chunks[0] as EncodedVideoChunk)).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
    decoder.reset();
    for (const chunk of chunks) await decoder.decode(chunk);
    await decoder.flush();
    expect([errors.length, timestamps.length]).toEqual([1, 9]);
    decoder.close();
    expect(() => decoder.reset()).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  });

  test('may be called from inside error()', async () => {
    const failing = decoderOf(kind, { failAfter: 1 });
    const given = await push(
      CLIP,
      { capacity: 2 },
      { most: 4, decoder: failing, error: () => given.decoder.reset() },
    );
    const { chunks, timestamps, decoder } = given;
    await Promise.allSettled([...chunks.map((chunk) => decoder.decode(chunk)), decoder.flush()]);
    for (const chunk of chunks) await decoder.decode(chunk);
    await decoder.flush();
    expect(timestamps).toHaveLength(5);
    expect(decoder).toBeInstanceOf(FrameDecoder);
  });
});

describe('reset()', () => {
  test('drops frames that the decoder puts out after it', async () => {
    const late: (() => void)[] = [];
    // Puts each frame out on the test's request.
    const slow = hookedDecoder(({ output }) => ({ output: (frame) => void late.push(() => output(frame)) }));
    const { pool, chunks, timestamps, decoder } = await push(
      CLIP,
      { capacity: 2 },
      { most: 1, decoder: slow },
    );
    const [key] = chunks as [EncodedVideoChunk];
    await decoder.decode(key);
    await expect.poll(() => late.length).toBe(1);
    decoder.reset();
    await decoder.decode(key);
    late[0]?.();
    expect(timestamps).toEqual([]);
    expect(pool.decodingCount).toBe(1);
    await expect.poll(() => late.length).toBe(2);
    late[1]?.();
    expect(timestamps).toEqual([key.timestamp]);
    expect(slow.made.map(({ state }) => state)).toEqual(['closed', 'configured']);
  });
});

describe('configure()', () => {
  test('forgets the delay of the configuration before [C9]', async () => {
    const late: (() => void)[] = [];
    let isLate = false;
    const slow = hookedDecoder(({ output }) => ({
      output: (frame) => void (isLate ? late.push(() => output(frame)) : output(frame)),
    }));
    const reordered = await push('h264_bframes.mp4', { capacity: 1 }, { most: 5, decoder: slow });
    const { pool, decoder } = reordered;
    for (const chunk of reordered.chunks) await decoder.decode(chunk);
    const { config, chunks } = await trackOf(CLIP, 2);
    await decoder.configure(config);
    isLate = true;
    const decoding = chunks.map((chunk) => decoder.decode(chunk));
    await expect.poll(() => late.length).toBe(1);
    // VP8 has no delay, so the second chunk waits for the slot of the first.
    expect([pool.waitingCount, pool.decodingCount]).toEqual([1, 1]);
    isLate = false;
    late[0]?.();
    await Promise.all(decoding);
    await decoder.flush();
    expect(reordered.timestamps.length).toBe(7);
  });
});
