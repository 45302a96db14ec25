/** Ends of iterations and of `FrameDecoder`s, each of which closes the frames inside. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { FrameHandle, RestartPoint } from '../../src/index.ts';
import { canvasStorage, decodeFrames, VideoFramePool } from '../../src/index.ts';
import { livePictures } from '../support/accounting.ts';
import { decoderOf, timesOf } from '../support/decoder-kinds.ts';
import { BROKEN, hookedDecoder, TAKEN } from '../support/decoders.ts';
import type { Source } from '../support/decoding.ts';
import { iterate, poolOf, push } from '../support/decoding.ts';
import { kindsHere } from '../support/kinds-here.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { outcomeOf, releaseUntil, takeAll, tasks } from '../support/streams.ts';

const CLIP = 'h264_bframes.mp4';

const END = { done: true, value: undefined } as const;

/** An iterable over a test's own iterator. */
const iterableOf = (
  iterator: Pick<AsyncIterator<EncodedVideoChunk, undefined>, 'next' | 'return'>,
): AsyncIterable<EncodedVideoChunk> => ({ [Symbol.asyncIterator]: () => iterator });

/** The chunks, with calls at each `next()` and at `return()`. */
function watched(
  chunks: readonly EncodedVideoChunk[],
  onNext: () => void,
  onReturn: () => Promise<typeof END> = () => Promise.resolve(END),
): AsyncIterable<EncodedVideoChunk> {
  const list = chunks.values();
  return iterableOf({
    next() {
      onNext();
      return Promise.resolve(list.next());
    },
    return: onReturn,
  });
}

/** A chunk with the time of another one. */
const chunkOf = (
  { type, timestamp }: Pick<EncodedVideoChunk, 'type' | 'timestamp'>,
  data: Uint8Array<ArrayBuffer>,
): EncodedVideoChunk => new EncodedVideoChunk({ type, timestamp, data });

/** A source that never gives anything. */
const silence = iterableOf({ next: () => new Promise(() => {}) });

describe.each(kindsHere())('[C10] with a decoder %s, decodeFrames() ends cleanly', (kind) => {
  test.each([1, 2, 3, 8])('when the loop is left after three frames, at capacity %i', async (capacity) => {
    const { pool, frames } = await iterate(CLIP, { capacity }, { kind });
    expect(await releaseUntil(frames, (taken) => taken === 3)).toBe(3);
    pool.assertNoLeaks();
    expect(livePictures()).toBe(0);
  });

  test('when the consumer throws [fault: callback that throws]', async () => {
    const { frames } = await iterate(CLIP, { capacity: 4 }, { kind });
    const consumed = releaseUntil(frames, () => {
      throw new Error('consumer');
    });
    await expect(consumed).rejects.toThrow('consumer');
  });

  test('[edge 16] when it is left while its next() is pending, which ends at once', async () => {
    let asked = 0;
    const asking = iterableOf({ next: () => (asked++, new Promise(() => {})) });
    const { pool, frames } = await iterate(CLIP, { capacity: 2 }, { kind, most: 1, source: () => asking });
    const pending = frames.next();
    await expect.poll(() => asked).toBe(1);
    expect(await frames.return?.()).toEqual(END);
    expect(await pending).toEqual(END);
    expect(await frames.next()).toEqual(END);
    expect(pool.waitingCount).toBe(0);
  });

  test('[edge 16] when it is left while it waits for a permit of another holder', async () => {
    const { pool, frames } = await iterate(CLIP, { capacity: 1 }, { kind });
    const permit = pool.tryReserve();
    const pending = frames.next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    await frames.return?.();
    expect(pool.waitingCount).toBe(0);
    expect((await pending).done).toBe(true);
    permit?.release();
    expect(pool.freeCount).toBe(1);
  });

  test('with the reason of a signal that had fired before', async () => {
    const signal = AbortSignal.abort(new Error('never'));
    const { frames } = await iterate(CLIP, { capacity: 1 }, { kind, most: 2, signal });
    await expect(frames.next()).rejects.toThrow('never');
  });

  test.each([0, 1, 5, 30, 59, 60])(
    'when it is aborted after %i frames, in the same task as a release',
    async (after) => {
      const controller = new AbortController();
      const { frames } = await iterate(CLIP, { capacity: 2 }, { kind, signal: controller.signal });
      let taken = 0;
      if (after === 0) controller.abort();
      const consumed = releaseUntil(frames, (count) => {
        taken = count;
        if (count === after) controller.abort();
      });
      await expect(consumed).rejects.toMatchObject({ name: 'AbortError' });
      expect(taken).toBe(after);
    },
  );

  test('when the source’s own return() throws or hangs', async () => {
    const thrower = (): never => {
      throw new Error('in return()');
    };
    for (const dismissed of [thrower, () => new Promise<never>(() => {})]) {
      const source: Source = (chunks) => watched(chunks, () => {}, dismissed);
      const { pool, frames } = await iterate('vp8.webm', { capacity: 6 }, { kind, most: 8, source });
      (await frames.next()).value?.release();
      await expect.poll(() => pool.lentCount).toBeGreaterThan(0);
      await frames.return?.();
    }
  });

  test('when the pool is decommitted, and a wait for a permit fails with AbortError', async () => {
    const { pool, frames } = await iterate(CLIP, { capacity: 1 }, { kind });
    const permit = pool.tryReserve();
    const pending = frames.next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    const gone = pool.decommit();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    permit?.release();
    expect(await gone).toBe(true);
  });

  test('when the pool is closed in the middle, with InvalidStateError', async () => {
    const { pool, frames } = await iterate(CLIP, { capacity: 2 }, { kind });
    const consumed = releaseUntil(frames, () => pool.close());
    await expect(consumed).rejects.toMatchObject({ name: 'InvalidStateError' });
  });
});

describe.each(kindsHere({ holding: 1 }))('[C10] with a decoder %s, decodeFrames() ends', (kind) => {
  test('with the reason of a signal that fires, and releases the unread frames', async () => {
    const controller = new AbortController();
    const { pool, frames } = await iterate(CLIP, { capacity: 6 }, { kind, signal: controller.signal });
    const first = await frames.next();
    await expect.poll(() => pool.lentCount).toBeGreaterThan(1);
    controller.abort(new Error('enough'));
    expect(pool.lentCount).toBe(1);
    await expect(frames.next()).rejects.toThrow('enough');
    expect((await frames.next()).done).toBe(true);
    first.value?.release();
  });
});

describe.each(kindsHere({ bursts: false }))('[C10] with a decoder %s, decodeFrames() ends', (kind) => {
  test('when it is left just after the grant of a slot, which is free again at once', async () => {
    const { pool, frames } = await iterate(CLIP, { capacity: 1 }, { kind });
    const first = (await frames.next()).value as FrameHandle;
    const pending = frames.next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    first.release();
    const left = frames.return?.();
    pool.assertNoLeaks();
    expect([await left, await pending]).toEqual([END, END]);
    expect(pool.decodingCount).toBe(0);
  });
});

describe.each(kindsHere({ restarts: false }))('[C10] with a decoder %s, decodeFrames() ends', (kind) => {
  test.each(['by a rejection', 'at once'])(
    'when the source fails %s, after the good frames before it',
    async (how) => {
      let asked = 0;
      const throwing: Source = (chunks) =>
        watched(chunks, () => {
          if (++asked > 10) throw new Error('the network is gone');
        });
      // The next() of a generator rejects.
      const rejecting: Source = async function* rejecting(chunks) {
        yield* throwing(chunks);
      };
      const source = how === 'at once' ? throwing : rejecting;
      const { frames } = await iterate('av1.mp4', { capacity: 3 }, { kind, source });
      let taken = 0;
      await expect(takeAll(frames, () => taken++)).rejects.toThrow('the network is gone');
      expect(taken).toBe(10);
    },
  );

  test('when the decoder fails, after the good frames before it', async () => {
    const decoder = decoderOf(kind, { failAfter: 7 });
    const { chunks, frames } = await iterate('vp8.webm', { capacity: 3 }, { decoder });
    const timestamps: number[] = [];
    const all = takeAll(frames, ({ timestamp }) => timestamps.push(timestamp));
    await expect(all).rejects.toMatchObject({ name: 'EncodingError' });
    expect(timestamps).toEqual(chunks.slice(0, 7).map(({ timestamp }) => timestamp));
  });
});

describe('[C10] decodeFrames() ends cleanly', () => {
  test('with the reason of a signal that fires between the last frame and the end', async () => {
    const outcomes: unknown[] = [];
    for (const isTold of [false, true]) {
      const controller = new AbortController();
      const { signal } = controller;
      const decoder = hookedDecoder();
      const { pool, frames } = await iterate(CLIP, { capacity: 4 }, { most: 3, decoder, signal });
      for (let taken = 0; taken < 3; taken++) (await frames.next()).value?.release();
      await expect.poll(() => decoder.made.map(({ state }) => state)).toEqual(['closed']);
      if (isTold) await frames.next();
      controller.abort(new Error('enough'));
      outcomes.push(await frames.next().catch((error: unknown) => (error as Error).message));
      outcomes.push((await frames.next()).done);
      pool.assertNoLeaks();
    }
    expect(outcomes).toEqual(['enough', true, END, true]);
  });

  test('when it is left at any step of its opening, and closes the opened decoder', async () => {
    const decoder = hookedDecoder();
    for (let ticks = 0; ticks < 12; ticks++) {
      const answers: ((from: number) => void)[] = [];
      const from = (): Promise<number> => new Promise((resolve) => answers.push(resolve));
      const { pool, frames } = await iterate(CLIP, { capacity: 2 }, { most: 6, decoder, from });
      const pending = frames.next();
      await expect.poll(() => answers.length, { interval: 1 }).toBe(1);
      answers[0]?.(0);
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      await frames.return?.();
      expect((await pending).done).toBe(true);
      pool.assertNoLeaks();
      await tasks(1);
      if (ticks === 0) expect(decoder.made, 'the iteration ended before its decoder was due').toEqual([]);
    }
    expect(decoder.made.length).toBeGreaterThan(0);
    expect(decoder.made.map(({ state }) => state)).toEqual(decoder.made.map(() => 'closed'));
  });
});

describe('[C10] decodeFrames() rejects with a clear error, and lends nothing', () => {
  const garbled: Source = (chunks) =>
    streamOf(chunks.map((chunk, index) => (index === 0 ? chunk : chunkOf(chunk, new Uint8Array(50)))));

  test.each<[what: string, name: string, source: Source, codec?: string]>([
    ['a codec that cannot be decoded', 'NotSupportedError', () => silence, 'vvc1.1.L51'],
    ['a malformed configuration', 'TypeError', () => silence, ''],
    ['chunks that do not begin with a key frame', 'DataError', (chunks) => streamOf(chunks.slice(1))],
    ['a value that is no chunk', 'TypeError', () => streamOf(['chunk' as unknown as EncodedVideoChunk])],
    ['garbage in the chunks, by the decoder’s own error', 'EncodingError', garbled],
  ])('%s', async (_, name, source, codec) => {
    const { config, chunks } = await trackOf('vp9.webm', 10);
    const pool = poolOf({ capacity: 2 });
    const frames = decodeFrames(pool, source(chunks), codec === undefined ? config : { codec });
    const error = await outcomeOf(takeAll(frames));
    expect(error).toMatchObject({ name, message: expect.stringContaining(codec?.split('.')[0] ?? '') });
  });

  test('options that are no object, at once', () => {
    const pool = poolOf({ capacity: 1 });
    const config = { codec: 'vp8' };
    const decode = (wrong: object) => (): unknown => decodeFrames(pool, silence, config, wrong);
    for (const wrong of [{ decoderDelay: 17 }, { starvationMs: 0 }])
      expect(decode(wrong)).toThrow(RangeError);
    for (const wrong of [{ from: NaN }, { to: '1' }, { holder: 42 }]) {
      expect(decode(wrong)).toThrow(TypeError);
    }
    expect(() => decodeFrames(pool, [] as unknown as typeof silence, config)).toThrow(TypeError);
    const canvases = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 2, height: 2 }) });
    expect(() => decodeFrames(canvases as unknown as VideoFramePool, silence, config)).toThrow(TypeError);
  });

  test('empty input is an empty iteration', async () => {
    const { frames } = await iterate(CLIP, { capacity: 1 }, { most: 0 });
    expect(await takeAll(frames)).toEqual([]);
  });
});

describe('[C10] decodeFrames() with a decoder that calls back while it is created or closed', () => {
  test.each(['left', 'failed'] as const)(
    'is %s, reads no chunk after its source’s return(), and nothing stays open',
    async (how) => {
      const onNext = vi.fn();
      const onReturn = vi.fn(() => Promise.resolve(END));
      const source: Source = (chunks) => watched(chunks, onNext, onReturn);
      const decoder = hookedDecoder(({ error }) => ({
        configured(self) {
          if (how === 'left') {
            void frames.return?.();
            return;
          }
          self.close();
          error(new DOMException('no', 'NotSupportedError'));
        },
      }));
      const { frames } = await iterate(CLIP, { capacity: 2 }, { source, decoder });
      if (how === 'left') expect(await frames.next()).toEqual(END);
      else await expect(frames.next()).rejects.toMatchObject({ name: 'NotSupportedError' });
      await tasks();
      expect([onNext.mock.calls.length, onReturn.mock.calls.length]).toEqual([0, 1]);
      expect(decoder.made.map(({ state }) => state)).toEqual(['closed']);
    },
  );

  test('continues with the next one if the first is reclaimed at once', async () => {
    const decoder = hookedDecoder(({ error }, index) => ({
      configured(self) {
        if (index > 0) return;
        self.close();
        error(TAKEN);
      },
    }));
    const restart = (): AsyncIterable<EncodedVideoChunk> => streamOf(chunks);
    const { chunks, frames } = await iterate(CLIP, { capacity: 4 }, { decoder, restart });
    expect(await takeAll(frames)).toHaveLength(chunks.length);
    expect(decoder.made.map(({ state }) => state)).toEqual(['closed', 'closed']);
  });

  test('keeps no slot that is freed in its close()', async () => {
    let preview: FrameHandle | undefined;
    const decoder = hookedDecoder(() => ({ closed: () => preview?.release() }));
    const { pool, frames } = await iterate('vp8.webm', { capacity: 1 }, { decoder });
    preview = (await frames.next()).value as FrameHandle;
    const pending = frames.next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    await frames.return?.();
    await pending;
    expect([pool.decodingCount, pool.lentCount, pool.waitingCount]).toEqual([0, 0, 0]);
  });
});

describe('decodeFrames() with an onDecoderDelay() that throws', () => {
  test('reports the error, and gives all frames [fault: callback that throws]', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    onTestFinished(() => void vi.unstubAllGlobals());
    const onDecoderDelay = (): never => {
      throw new Error('in onDecoderDelay()');
    };
    const { chunks, frames } = await iterate(CLIP, { capacity: 2 }, { onDecoderDelay });
    expect(await takeAll(frames)).toHaveLength(chunks.length);
    expect(reported).toMatchObject([{ message: 'in onDecoderDelay()' }]);
  });
});

describe('decodeFrames() reads its source', () => {
  test('even if it gives results rather than promises of them, like `for await`', async () => {
    const source: Source = (chunks) =>
      iterableOf(chunks.values() as unknown as AsyncIterator<EncodedVideoChunk, undefined>);
    const { chunks, frames } = await iterate(CLIP, { capacity: 4 }, { source });
    expect(await takeAll(frames)).toHaveLength(chunks.length);
  });

  test('never within the call that releases a frame, even if others wait for it', async () => {
    const within: boolean[] = [];
    let isReleasing = false;
    const source: Source = (list) => watched(list, () => within.push(isReleasing));
    const { pool, chunks, frames } = await iterate(CLIP, { capacity: 1 }, { source });
    let waited = 0;
    let { value } = await frames.next();
    while (value !== undefined) {
      const next = frames.next();
      await tasks(1);
      waited += pool.waitingCount;
      isReleasing = true;
      value.release();
      isReleasing = false;
      ({ value } = await next);
    }
    expect(waited).toBeGreaterThan(0);
    expect(within).toEqual(Array(chunks.length + 1).fill(false));
  });
});

describe.each(kindsHere())('[C9] with a decoder %s, several iterations', (kind) => {
  test('share one pool of two slots, and all reach their end', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = poolOf({ capacity: 2 });
    const restart = (_timestamp: number, { index }: RestartPoint): AsyncIterable<EncodedVideoChunk> =>
      streamOf(chunks.slice(index));
    const options = { decoder: decoderOf(kind), restart };
    const runs = [1, 2].map(() => takeAll(decodeFrames(pool, streamOf(chunks), config, options)));
    for (const timestamps of await Promise.all(runs)) expect(timestamps.length).toBe(60);
  });
});

describe.each(kindsHere({ holding: 2 }))('[C9] with a decoder %s, an iteration', (kind) => {
  test('serves several next() calls at a time in order', async () => {
    const { chunks, frames } = await iterate('vp8.webm', { capacity: 3 }, { kind, most: 6 });
    const results = await Promise.all([frames.next(), frames.next(), frames.next()]);
    const handles = results.map(({ value }) => value as FrameHandle);
    const expected = chunks.slice(0, 3).map(({ timestamp }) => timestamp);
    expect(handles.map(({ timestamp }) => timestamp)).toEqual(expected);
    for (const handle of handles) handle.release();
    await frames.return?.();
  });
});

describe.each(kindsHere({ restarts: false }))('with a decoder %s, a FrameDecoder', (kind) => {
  test.each([1, 3, 8])(
    '[C9] decodes whole and in order at capacity %i, awaiting each decode()',
    async (capacity) => {
      const timestamps: number[] = [];
      const output = (handle: FrameHandle): void => {
        timestamps.push(handle.timestamp);
        setTimeout(() => handle.release(), 2);
      };
      const { pool, chunks, decoder } = await push(CLIP, { capacity }, { decoder: decoderOf(kind), output });
      for (const chunk of chunks) await decoder.decode(chunk);
      await decoder.flush();
      expect(timestamps).toEqual(timesOf(kind, { chunks }));
      await expect.poll(() => pool.lentCount).toBe(0);
    },
  );

  test('keeps the order of calls that are not awaited', async () => {
    const { chunks, timestamps, decoder } = await push(
      'vp8.webm',
      { capacity: 2 },
      { decoder: decoderOf(kind), most: 8 },
    );
    await Promise.all([...chunks.map((chunk) => decoder.decode(chunk)), decoder.flush()]);
    expect(timestamps).toEqual(chunks.map(({ timestamp }) => timestamp));
  });

  test('a missing key frame is a DataError, and the decoder continues', async () => {
    const { pool, chunks, timestamps, decoder } = await push(
      'vp8.webm',
      { capacity: 2 },
      { decoder: decoderOf(kind), most: 3 },
    );
    const [key, delta] = chunks as [EncodedVideoChunk, EncodedVideoChunk];
    await expect(decoder.decode(delta)).rejects.toMatchObject({ name: 'DataError' });
    expect(pool.freeCount).toBe(2);
    await decoder.decode(key);
    await decoder.flush();
    expect(timestamps.length).toBe(1);
  });

  test('continues with another configuration after every frame of the previous one', async () => {
    const { chunks, timestamps, decoder } = await push(
      'vp8.webm',
      { capacity: 2 },
      { decoder: decoderOf(kind), most: 5 },
    );
    const other = await trackOf(CLIP, 5);
    for (const chunk of chunks) await decoder.decode(chunk);
    await decoder.configure(other.config);
    expect(timestamps.length).toBe(5);
    for (const chunk of other.chunks) await decoder.decode(chunk);
    await decoder.flush();
    expect(timestamps.length).toBe(10);
  });

  test('[C10] a decoder error calls error(), rejects every wait and returns every permit', async () => {
    const errors: DOMException[] = [];
    const failing = decoderOf(kind, { failAfter: 3 });
    const options = { decoder: failing, error: (error: DOMException) => errors.push(error) };
    const { chunks, decoder } = await push('vp8.webm', { capacity: 2 }, options);
    const decoding = chunks.map((chunk) => decoder.decode(chunk));
    const results = await Promise.allSettled([...decoding, decoder.flush()]);
    expect(results.at(-1)?.status).toBe('rejected');
    expect(errors.map(({ name }) => name)).toEqual(['EncodingError']);
  });

  test('a malformed configuration is rejected, and the previous one stays in use', async () => {
    const { config, chunks, timestamps, decoder } = await push(
      'vp8.webm',
      { capacity: 1 },
      { decoder: decoderOf(kind), most: 1 },
    );
    await expect(decoder.configure({ codec: '' })).rejects.toThrow(TypeError);
    await decoder.configure(config);
    for (const chunk of chunks) await decoder.decode(chunk);
    await decoder.flush();
    expect(timestamps.length).toBe(1);
  });

  test('[C10] a handle whose output() throws is released, and the error is reported [fault: callback that throws]', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    onTestFinished(() => void vi.unstubAllGlobals());
    const output = (): never => {
      throw new Error('in output()');
    };
    const { pool, chunks, decoder } = await push(
      'vp8.webm',
      { capacity: 1 },
      { decoder: decoderOf(kind), most: 1, output },
    );
    await decoder.decode(chunks[0] as EncodedVideoChunk);
    await decoder.flush();
    expect(reported).toMatchObject([{ message: 'in output()' }]);
    pool.assertNoLeaks();
  });
});

describe.each(kindsHere({ restarts: false, bursts: false }))('with a decoder %s, a FrameDecoder', (kind) => {
  test('[C10] reset() and close() end every wait with AbortError and return every permit', async () => {
    const { pool, chunks, held, decoder } = await push(
      'vp8.webm',
      { capacity: 1 },
      { decoder: decoderOf(kind), most: 8, keeps: true },
    );
    const [first, second] = chunks as [EncodedVideoChunk, EncodedVideoChunk];
    for (const end of ['reset', 'close'] as const) {
      await decoder.decode(first);
      await expect.poll(() => held.length).toBe(1);
      const waiting = [decoder.decode(second), decoder.flush()];
      await expect.poll(() => pool.waitingCount).toBe(1);
      decoder[end]();
      for (const wait of waiting) await expect(wait).rejects.toMatchObject({ name: 'AbortError' });
      expect(pool.waitingCount).toBe(0);
      expect(held[0]?.frame.timestamp).toBe(first.timestamp);
      held.pop()?.release();
    }
    await expect(decoder.decode(first)).rejects.toMatchObject({ name: 'InvalidStateError' });
  });
});

describe.each(kindsHere({ holding: 64, bursts: false }))('with a decoder %s, an iteration', (kind) => {
  test.each([4, 16, 64])('[C9] frames with the same time stay within the cap of %i', async (capacity) => {
    const source: Source = (chunks) =>
      streamOf(
        [...chunks, ...chunks, ...chunks].map((chunk) => {
          const data = new Uint8Array(chunk.byteLength);
          chunk.copyTo(data);
          return chunkOf({ type: chunk.type, timestamp: 0 }, data);
        }),
      );
    const { pool, frames } = await iterate('vp8.webm', { capacity }, { kind, source });
    const held: FrameHandle[] = [];
    for (let n = 0; n < capacity; n++) held.push((await frames.next()).value as FrameHandle);
    expect(pool.lentCount).toBeLessThanOrEqual(capacity + 1);
    await frames.return?.();
    for (const handle of held) handle.release();
  });
});

describe('FrameDecoder', () => {
  test('[C10] a decode() behind a failed one is rejected too, and leaves the queue', async () => {
    let fail = (): void => {};
    const failing = hookedDecoder(({ error }) => {
      fail = () => error(BROKEN);
      return {};
    });
    const options = { most: 4, keeps: true, decoder: failing, error: () => {} };
    const { pool, chunks, held, decoder } = await push('vp8.webm', { capacity: 1 }, options);
    const [first, second, third] = chunks as [EncodedVideoChunk, EncodedVideoChunk, EncodedVideoChunk];
    await decoder.decode(first);
    await expect.poll(() => held.length).toBe(1);
    const results = Promise.allSettled([decoder.decode(second), decoder.decode(third), decoder.flush()]);
    await expect.poll(() => pool.waitingCount).toBe(1);
    fail();
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(pool.waitingCount).toBe(0);
    held[0]?.release();
  });

  test.each([1, 4])(
    'a frame put out twice ends the flow, but stays open for its holder, capacity %i',
    async (capacity) => {
      const errors: unknown[] = [];
      const stuttering = hookedDecoder(({ output }) => ({
        output(frame) {
          output(frame);
          output(frame);
        },
      }));
      const error = (reason: DOMException): unknown => errors.push(reason);
      const options = { most: 1, keeps: true, decoder: stuttering, error };
      const { pool, chunks, held, decoder } = await push('vp8.webm', { capacity }, options);
      await decoder.decode(chunks[0] as EncodedVideoChunk);
      await expect.poll(() => errors.length).toBe(1);
      expect(errors[0]).toBeInstanceOf(TypeError);
      expect(held.length).toBe(1);
      expect(held[0]?.frame.codedWidth).toBeGreaterThan(0);
      expect([pool.lentCount, pool.decodingCount]).toEqual([1, 0]);
      held[0]?.release();
    },
  );
});
