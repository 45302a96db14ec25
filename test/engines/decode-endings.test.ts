/** Whatever ends a flow closes what is in it. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { canvasStorage, decodeFrames, FrameDecoder, VideoFramePool } from '../../src/index.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import { livePictures } from '../support/accounting.ts';
import { streamOf, trackOf } from '../support/packets.ts';

const CLIP = 'h264_bframes.mp4';

/** A source that never gives anything. */
const silence: AsyncIterable<EncodedVideoChunk> = {
  [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
};

async function takeAll(frames: AsyncIterable<FrameHandle>): Promise<number[]> {
  const timestamps: number[] = [];
  for await (const handle of frames) {
    timestamps.push(handle.timestamp);
    handle.release();
  }
  return timestamps;
}

describe('[C10] decodeFrames() ends clean', () => {
  test.each([1, 2, 3, 8])('when the loop is left after three frames, at capacity %i', async (capacity) => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity });
    let taken = 0;
    for await (const handle of decodeFrames(pool, streamOf(chunks), config)) {
      handle.release();
      if (++taken === 3) break;
    }
    expect(taken).toBe(3);
    pool.assertNoLeaks();
    expect(livePictures()).toBe(0);
  });

  test('when the consumer throws', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 4 });
    const consume = async (): Promise<void> => {
      for await (const handle of decodeFrames(pool, streamOf(chunks), config)) {
        handle.release();
        throw new Error('consumer');
      }
    };
    await expect(consume()).rejects.toThrow('consumer');
    pool.assertNoLeaks();
  });

  test('[edge 16] when it is left while its next() is pending, which ends at once', async () => {
    const { config } = await trackOf(CLIP, 1);
    const pool = new VideoFramePool({ capacity: 2 });
    const frames = decodeFrames(pool, silence, config);
    const pending = frames.next();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await frames.return?.()).toEqual({ done: true, value: undefined });
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await frames.next()).toEqual({ done: true, value: undefined });
    expect(pool.waitingCount).toBe(0);
    pool.assertNoLeaks();
  });

  test('[edge 16] when it is left while it waits for a permit that others hold', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 1 });
    const permit = pool.tryReserve();
    const frames = decodeFrames(pool, streamOf(chunks), config);
    const pending = frames.next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    await frames.return?.();
    expect(pool.waitingCount).toBe(0);
    expect((await pending).done).toBe(true);
    permit?.release();
    expect(pool.freeCount).toBe(1);
  });

  test('with the reason of a signal that fires, and releases what was decoded and not taken', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 6 });
    const controller = new AbortController();
    const frames = decodeFrames(pool, streamOf(chunks), config, { signal: controller.signal });
    const first = await frames.next();
    await expect.poll(() => pool.lentCount).toBeGreaterThan(1);
    controller.abort(new Error('enough'));
    expect(pool.lentCount).toBe(1);
    await expect(frames.next()).rejects.toThrow('enough');
    expect((await frames.next()).done).toBe(true);
    first.value?.release();
    pool.assertNoLeaks();
  });

  test('with the reason of a signal that had fired before', async () => {
    const { config, chunks } = await trackOf(CLIP, 2);
    const pool = new VideoFramePool({ capacity: 1 });
    const frames = decodeFrames(pool, streamOf(chunks), config, {
      signal: AbortSignal.abort(new Error('never')),
    });
    await expect(frames.next()).rejects.toThrow('never');
    pool.assertNoLeaks();
  });

  test('with the reason of a signal that fires when all frames were taken and the decoder is closed, until the end was told', async () => {
    const { config, chunks } = await trackOf(CLIP, 3);
    const pool = new VideoFramePool({ capacity: 4 });
    const opened: VideoDecoder[] = [];
    class Watched extends LimitedVideoDecoder {
      constructor(init: VideoDecoderInit) {
        super(init);
        opened.push(this);
      }
    }
    const outcomes: unknown[] = [];
    for (const isTold of [false, true]) {
      const controller = new AbortController();
      const { signal } = controller;
      const frames = decodeFrames(pool, streamOf(chunks), config, { decoder: Watched, signal });
      for (let taken = 0; taken < 3; taken++) (await frames.next()).value?.release();
      await expect.poll(() => opened.at(-1)?.state).toBe('closed');
      if (isTold) await frames.next();
      controller.abort(new Error('enough'));
      outcomes.push(await frames.next().catch((error: unknown) => (error as Error).message));
      outcomes.push((await frames.next()).done);
    }
    expect(outcomes).toEqual(['enough', true, { done: true, value: undefined }, true]);
    pool.assertNoLeaks();
  });

  test('when it is left at any step of its opening, and closes the decoder that was opened', async () => {
    const { config, chunks } = await trackOf(CLIP, 6);
    const opened: VideoDecoder[] = [];
    class Watched extends LimitedVideoDecoder {
      constructor(init: VideoDecoderInit) {
        super(init);
        opened.push(this);
      }
    }
    for (let ticks = 0; ticks < 12; ticks++) {
      const pool = new VideoFramePool({ capacity: 2 });
      let answer = (): void => {};
      const asked = new Promise<number>((resolve) => {
        answer = () => resolve(0);
      });
      const options = { decoder: Watched, from: () => asked };
      const frames = decodeFrames(pool, streamOf(chunks), config, options);
      const pending = frames.next();
      await new Promise((resolve) => setTimeout(resolve, 5));
      answer();
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      await frames.return?.();
      expect((await pending).done).toBe(true);
      pool.assertNoLeaks();
    }
    expect(opened.length).toBeGreaterThan(0);
    expect(opened.map(({ state }) => state)).toEqual(opened.map(() => 'closed'));
  });

  test.each([0, 1, 5, 30, 59, 60])(
    'when it is aborted after %i frames, in the same task as a release',
    async (after) => {
      const { config, chunks } = await trackOf(CLIP);
      const pool = new VideoFramePool({ capacity: 2 });
      const controller = new AbortController();
      let taken = 0;
      const consume = async (): Promise<void> => {
        if (after === 0) controller.abort();
        for await (const handle of decodeFrames(pool, streamOf(chunks), config, {
          signal: controller.signal,
        })) {
          handle.release();
          if (++taken === after) controller.abort();
        }
      };
      await expect(consume()).rejects.toMatchObject({ name: 'AbortError' });
      expect(taken).toBe(after);
      pool.assertNoLeaks();
    },
  );

  test.each(['by a rejection', 'at once'])(
    'when the source fails %s, after the good frames before it',
    async (how) => {
      const { config, chunks } = await trackOf('av1.mp4');
      const pool = new VideoFramePool({ capacity: 3 });
      const good = chunks.slice(0, 10).values();
      const broken: AsyncIterator<EncodedVideoChunk> = {
        next() {
          const result = good.next();
          if (result.done !== true) return Promise.resolve(result);
          const gone = new Error('the network is gone');
          if (how === 'at once') throw gone;
          return Promise.reject(gone);
        },
      };
      let taken = 0;
      const consume = async (): Promise<void> => {
        const source = { [Symbol.asyncIterator]: () => broken };
        for await (const handle of decodeFrames(pool, source, config)) {
          handle.release();
          taken++;
        }
      };
      await expect(consume()).rejects.toThrow('the network is gone');
      expect(taken).toBe(10);
      pool.assertNoLeaks();
    },
  );

  test('when it is left just as a slot was granted for its next chunk, which is free again at once', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 1 });
    const frames = decodeFrames(pool, streamOf(chunks), config);
    const first = (await frames.next()).value as FrameHandle;
    const pending = frames.next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    first.release();
    const left = frames.return?.();
    pool.assertNoLeaks();
    expect([await left, await pending]).toEqual(Array(2).fill({ done: true, value: undefined }));
    expect(pool.decodingCount).toBe(0);
  });

  test('when the source’s own return() throws or hangs', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 8);
    const thrower = (): never => {
      throw new Error('in return()');
    };
    for (const dismissed of [thrower, () => new Promise<never>(() => {})]) {
      const pool = new VideoFramePool({ capacity: 6 });
      const source = chunks.values();
      const stubborn = { next: () => Promise.resolve(source.next()), return: dismissed };
      const frames = decodeFrames(pool, { [Symbol.asyncIterator]: () => stubborn }, config);
      (await frames.next()).value?.release();
      await expect.poll(() => pool.lentCount).toBeGreaterThan(0);
      await frames.return?.();
      pool.assertNoLeaks();
    }
  });

  test('when the decoder fails, after the good frames before it', async () => {
    const { config, chunks } = await trackOf('vp8.webm');
    const pool = new VideoFramePool({ capacity: 3 });
    const frames = decodeFrames(pool, streamOf(chunks), config, {
      decoder: LimitedVideoDecoder.with({ failAfter: 7 }),
    });
    const timestamps: number[] = [];
    const consume = async (): Promise<void> => {
      for await (const handle of frames) {
        timestamps.push(handle.timestamp);
        handle.release();
      }
    };
    await expect(consume()).rejects.toMatchObject({ name: 'EncodingError' });
    expect(timestamps).toEqual(chunks.slice(0, 7).map(({ timestamp }) => timestamp));
    pool.assertNoLeaks();
  });

  test('when the pool is decommitted, and a wait for a permit fails with AbortError', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 1 });
    const permit = pool.tryReserve();
    const pending = decodeFrames(pool, streamOf(chunks), config).next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    const gone = pool.decommit();
    await expect(pending).rejects.toMatchObject({ name: 'AbortError' });
    permit?.release();
    expect(await gone).toBe(true);
  });

  test('when the pool is closed in the middle, with InvalidStateError', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 2 });
    const consume = async (): Promise<void> => {
      for await (const handle of decodeFrames(pool, streamOf(chunks), config)) {
        handle.release();
        pool.close();
      }
    };
    await expect(consume()).rejects.toMatchObject({ name: 'InvalidStateError' });
    pool.assertNoLeaks();
  });
});

describe('[C10] decodeFrames() refuses with a clear error, and lends nothing', () => {
  test('a codec that cannot be decoded', async () => {
    const pool = new VideoFramePool({ capacity: 1 });
    const frames = decodeFrames(pool, silence, { codec: 'vvc1.1.L51' });
    await expect(frames.next()).rejects.toMatchObject({
      name: 'NotSupportedError',
      message: expect.stringContaining('vvc1'),
    });
    pool.assertNoLeaks();
  });

  test('a malformed configuration', async () => {
    const pool = new VideoFramePool({ capacity: 1 });
    await expect(decodeFrames(pool, silence, { codec: '' }).next()).rejects.toThrow(TypeError);
    pool.assertNoLeaks();
  });

  test('chunks that do not begin with a key frame', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 1 });
    const frames = decodeFrames(pool, streamOf(chunks.slice(1)), config);
    await expect(frames.next()).rejects.toMatchObject({ name: 'DataError' });
    pool.assertNoLeaks();
  });

  test('options that are none, at once', () => {
    const pool = new VideoFramePool({ capacity: 1 });
    const config = { codec: 'vp8' };
    expect(() => decodeFrames(pool, silence, config, { lag: 17 })).toThrow(RangeError);
    expect(() => decodeFrames(pool, silence, config, { from: NaN })).toThrow(TypeError);
    expect(() => decodeFrames(pool, silence, config, { to: '1' as unknown as number })).toThrow(TypeError);
    expect(() => decodeFrames(pool, silence, config, { starvationMs: 0 })).toThrow(RangeError);
    expect(() => decodeFrames(pool, silence, config, { holder: 42 as unknown as string })).toThrow(TypeError);
    expect(() => decodeFrames(pool, [] as unknown as AsyncIterable<EncodedVideoChunk>, config)).toThrow(
      TypeError,
    );
    const canvases = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 2, height: 2 }) });
    expect(() => decodeFrames(canvases as unknown as VideoFramePool, silence, config)).toThrow(TypeError);
  });

  test('what is no chunk', async () => {
    const { config } = await trackOf(CLIP, 1);
    const pool = new VideoFramePool({ capacity: 1 });
    const frames = decodeFrames(pool, streamOf(['chunk' as unknown as EncodedVideoChunk]), config);
    await expect(frames.next()).rejects.toThrow(TypeError);
    pool.assertNoLeaks();
  });

  test('empty input is an empty iteration', async () => {
    const { config } = await trackOf(CLIP, 1);
    const pool = new VideoFramePool({ capacity: 1 });
    expect(await takeAll(decodeFrames(pool, streamOf([]), config))).toEqual([]);
    pool.assertNoLeaks();
  });

  test('garbage in the chunks, by the decoder’s own error', async () => {
    const { config, chunks } = await trackOf('vp9.webm', 10);
    const pool = new VideoFramePool({ capacity: 2 });
    const garbled = chunks.map(({ type, timestamp }, index) =>
      index === 0
        ? (chunks[0] as EncodedVideoChunk)
        : new EncodedVideoChunk({ type, timestamp, data: new Uint8Array(50).fill(0) }),
    );
    await expect(takeAll(decodeFrames(pool, streamOf(garbled), config))).rejects.toMatchObject({
      name: 'EncodingError',
    });
    pool.assertNoLeaks();
  });
});

/** What a decoder of the app's does while it is being made. */
type Making = (decoder: VideoDecoder, init: VideoDecoderInit) => void;

/** Decoders that do something in their `configure()`, all of them in a list. */
function doing(making: Making): { made: VideoDecoder[]; decoder: typeof VideoDecoder } {
  const made: VideoDecoder[] = [];
  const decoder = class extends VideoDecoder {
    readonly #init: VideoDecoderInit;
    constructor(init: VideoDecoderInit) {
      super(init);
      this.#init = init;
      made.push(this);
    }
    override configure(config: VideoDecoderConfig): void {
      super.configure(config);
      making(this, this.#init);
    }
  };
  return { made, decoder };
}

describe('[C10] decodeFrames() with a decoder of the app’s that calls back while it is being made or closed', () => {
  test.each(['left', 'failed'] as const)(
    'is %s, reads no chunk after its source’s return(), and nothing stays open',
    async (how) => {
      const { config, chunks } = await trackOf(CLIP);
      const pool = new VideoFramePool({ capacity: 2 });
      const calls: string[] = [];
      const list = chunks.values();
      const source = {
        next() {
          calls.push('next');
          return Promise.resolve(list.next());
        },
        return() {
          calls.push('return');
          return Promise.resolve({ done: true, value: undefined } as const);
        },
      };
      const { made, decoder } = doing((self, init) => {
        if (how === 'left') {
          void frames.return?.();
          return;
        }
        self.close();
        init.error(new DOMException('no', 'NotSupportedError'));
      });
      const frames: AsyncIterableIterator<FrameHandle> = decodeFrames(
        pool,
        { [Symbol.asyncIterator]: () => source },
        config,
        { decoder },
      );
      if (how === 'left') expect(await frames.next()).toEqual({ done: true, value: undefined });
      else await expect(frames.next()).rejects.toMatchObject({ name: 'NotSupportedError' });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(calls).toEqual(['return']);
      expect(made.map(({ state }) => state)).toEqual(['closed']);
      pool.assertNoLeaks();
    },
  );

  test('goes on with the next one where the first is reclaimed at once', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 4 });
    const { made, decoder } = doing((self, init) => {
      if (made.length > 1) return;
      self.close();
      init.error(new DOMException('taken away', 'QuotaExceededError'));
    });
    const restart = (): AsyncIterable<EncodedVideoChunk> => streamOf(chunks);
    const frames = decodeFrames(pool, streamOf(chunks), config, { decoder, restart });
    expect(await takeAll(frames)).toHaveLength(chunks.length);
    expect(made.map(({ state }) => state)).toEqual(['closed', 'closed']);
    pool.assertNoLeaks();
  });

  test('keeps nothing of a slot that comes free in its close()', async () => {
    const { config, chunks } = await trackOf('vp8.webm');
    const pool = new VideoFramePool({ capacity: 1 });
    let preview: FrameHandle | undefined;
    const decoder = class extends VideoDecoder {
      override close(): void {
        super.close();
        preview?.release();
      }
    };
    const frames = decodeFrames(pool, streamOf(chunks), config, { decoder });
    preview = (await frames.next()).value as FrameHandle;
    const pending = frames.next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    await frames.return?.();
    await pending;
    expect([pool.decodingCount, pool.lentCount, pool.waitingCount]).toEqual([0, 0, 0]);
  });
});

describe('decodeFrames() reads its source', () => {
  test('also where that gives results rather than promises of them, as `for await` would', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 4 });
    const atOnce = { [Symbol.asyncIterator]: () => chunks.values() };
    const frames = decodeFrames(pool, atOnce as unknown as AsyncIterable<EncodedVideoChunk>, config);
    expect(await takeAll(frames)).toHaveLength(chunks.length);
  });

  test('never within the call that releases a frame, though others wait for that', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 1 });
    const list = chunks.values();
    const within: boolean[] = [];
    let isReleasing = false;
    const source = {
      next() {
        within.push(isReleasing);
        return Promise.resolve(list.next());
      },
    };
    const frames = decodeFrames(pool, { [Symbol.asyncIterator]: () => source }, config);
    let waited = 0;
    let { value } = await frames.next();
    while (value !== undefined) {
      const next = frames.next();
      await new Promise((resolve) => setTimeout(resolve));
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

describe('[C9] several iterations', () => {
  test('share one pool of two slots and all come to their end', async () => {
    const { config, chunks } = await trackOf(CLIP);
    const pool = new VideoFramePool({ capacity: 2 });
    const runs = [1, 2].map(() => takeAll(decodeFrames(pool, streamOf(chunks), config)));
    for (const timestamps of await Promise.all(runs)) expect(timestamps.length).toBe(60);
    pool.assertNoLeaks();
  });

  test('serve several next() calls at a time in order', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 6);
    const pool = new VideoFramePool({ capacity: 3 });
    const frames = decodeFrames(pool, streamOf(chunks), config);
    const results = await Promise.all([frames.next(), frames.next(), frames.next()]);
    const handles = results.map(({ value }) => value as FrameHandle);
    expect(handles.map(({ timestamp }) => timestamp)).toEqual(
      chunks.slice(0, 3).map(({ timestamp }) => timestamp),
    );
    for (const handle of handles) handle.release();
    await frames.return?.();
    pool.assertNoLeaks();
  });
});

describe('FrameDecoder', () => {
  test.each([1, 3, 8])(
    '[C9] decodes whole and in order at capacity %i, awaiting each decode()',
    async (capacity) => {
      const { config, chunks } = await trackOf(CLIP);
      const pool = new VideoFramePool({ capacity });
      const timestamps: number[] = [];
      const decoder = new FrameDecoder({
        pool,
        config,
        output(handle) {
          timestamps.push(handle.timestamp);
          setTimeout(() => handle.release(), 2);
        },
        error: (error) => expect.fail(error.message),
      });
      for (const chunk of chunks) await decoder.decode(chunk);
      await decoder.flush();
      expect(timestamps).toEqual([...chunks].map(({ timestamp }) => timestamp).sort((a, b) => a - b));
      decoder.close();
      await expect.poll(() => pool.lentCount).toBe(0);
      pool.assertNoLeaks();
    },
  );

  test('keeps the order of calls that nobody awaits', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 8);
    const pool = new VideoFramePool({ capacity: 2 });
    const timestamps: number[] = [];
    using decoder = new FrameDecoder({
      pool,
      config,
      output(handle) {
        timestamps.push(handle.timestamp);
        handle.release();
      },
      error: (error) => expect.fail(error.message),
    });
    await Promise.all([...chunks.map((chunk) => decoder.decode(chunk)), decoder.flush()]);
    expect(timestamps).toEqual(chunks.map(({ timestamp }) => timestamp));
  });

  test('[C10] reset() and close() end every wait with AbortError and give every permit back', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 8);
    const pool = new VideoFramePool({ capacity: 1 });
    const held: FrameHandle[] = [];
    const decoder = new FrameDecoder({
      pool,
      config,
      output: (handle) => held.push(handle),
      error: () => {},
    });
    const [first, second] = chunks as [EncodedVideoChunk, EncodedVideoChunk];
    await decoder.decode(first);
    await expect.poll(() => held.length).toBe(1);
    const waiting = decoder.decode(second);
    const behind = decoder.flush();
    await expect.poll(() => pool.waitingCount).toBe(1);
    decoder.reset();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await expect(behind).rejects.toMatchObject({ name: 'AbortError' });
    expect(pool.waitingCount).toBe(0);
    held.pop()?.release();
    await decoder.decode(first);
    await expect.poll(() => held.length).toBe(1);
    const late = decoder.decode(second);
    await expect.poll(() => pool.waitingCount).toBe(1);
    decoder.close();
    await expect(late).rejects.toMatchObject({ name: 'AbortError' });
    await expect(decoder.decode(first)).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(held[0]?.frame.timestamp).toBe(first.timestamp);
    held.pop()?.release();
    pool.assertNoLeaks();
  });

  test('a key frame that is due is asked for by DataError, and the decoder goes on', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 3);
    const pool = new VideoFramePool({ capacity: 2 });
    let frames = 0;
    const decoder = new FrameDecoder({
      pool,
      config,
      output(handle) {
        frames++;
        handle.release();
      },
      error: () => {},
    });
    const [key, delta] = chunks as [EncodedVideoChunk, EncodedVideoChunk];
    await expect(decoder.decode(delta)).rejects.toMatchObject({ name: 'DataError' });
    expect(pool.freeCount).toBe(2);
    await decoder.decode(key);
    await decoder.flush();
    expect(frames).toBe(1);
    decoder.close();
  });

  test('goes on with another configuration after every frame of the one before', async () => {
    const one = await trackOf('vp8.webm', 5);
    const other = await trackOf('h264_bframes.mp4', 5);
    const pool = new VideoFramePool({ capacity: 2 });
    const widths: number[] = [];
    const decoder = new FrameDecoder({
      pool,
      config: one.config,
      output(handle) {
        widths.push(handle.timestamp);
        handle.release();
      },
      error: (error) => expect.fail(error.message),
    });
    for (const chunk of one.chunks) await decoder.decode(chunk);
    await decoder.configure(other.config);
    expect(widths.length).toBe(5);
    for (const chunk of other.chunks) await decoder.decode(chunk);
    await decoder.flush();
    expect(widths.length).toBe(10);
    decoder.close();
    pool.assertNoLeaks();
  });

  test('[C10] a decoder error comes to error(), rejects what waits and gives every permit back', async () => {
    const { config, chunks } = await trackOf('vp8.webm');
    const pool = new VideoFramePool({ capacity: 2 });
    const errors: DOMException[] = [];
    const decoder = new FrameDecoder({
      pool,
      config,
      decoder: LimitedVideoDecoder.with({ failAfter: 3 }),
      output: (handle) => handle.release(),
      error: (error) => errors.push(error),
    });
    const results = await Promise.allSettled([
      ...chunks.map((chunk) => decoder.decode(chunk)),
      decoder.flush(),
    ]);
    expect(results.at(-1)?.status).toBe('rejected');
    expect(errors.map(({ name }) => name)).toEqual(['EncodingError']);
    pool.assertNoLeaks();
  });

  test('[C10] a decode() that stood behind one that failed is rejected too, and stands in no queue', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 4);
    const pool = new VideoFramePool({ capacity: 1 });
    const held: FrameHandle[] = [];
    let fail = (): void => {};
    class Failing extends LimitedVideoDecoder {
      constructor(init: VideoDecoderInit) {
        super(init);
        fail = () => init.error(new DOMException('broken', 'EncodingError'));
      }
    }
    const decoder = new FrameDecoder({
      pool,
      config,
      decoder: Failing,
      output: (handle) => held.push(handle),
      error: () => {},
    });
    const [first, second, third] = chunks as [EncodedVideoChunk, EncodedVideoChunk, EncodedVideoChunk];
    await decoder.decode(first);
    await expect.poll(() => held.length).toBe(1);
    const results = Promise.allSettled([decoder.decode(second), decoder.decode(third), decoder.flush()]);
    await expect.poll(() => pool.waitingCount).toBe(1);
    fail();
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(pool.waitingCount).toBe(0);
    held[0]?.release();
    pool.assertNoLeaks();
  });

  test('a malformed configuration is refused, and the one before goes on', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 1);
    const pool = new VideoFramePool({ capacity: 1 });
    let frames = 0;
    const decoder = new FrameDecoder({
      pool,
      config,
      output(handle) {
        frames++;
        handle.release();
      },
      error: () => {},
    });
    await expect(decoder.configure({ codec: '' })).rejects.toThrow(TypeError);
    await decoder.configure(config);
    await decoder.decode(chunks[0] as EncodedVideoChunk);
    await decoder.flush();
    expect(frames).toBe(1);
    decoder.close();
    pool.assertNoLeaks();
  });

  test.each([4, 16, 64])(
    '[C9] frames of one and the same time stay within the cap of %i',
    async (capacity) => {
      const { config, chunks } = await trackOf('vp8.webm');
      const pool = new VideoFramePool({ capacity });
      const still = [...chunks, ...chunks, ...chunks].map((chunk) => {
        const data = new Uint8Array(chunk.byteLength);
        chunk.copyTo(data);
        return new EncodedVideoChunk({ type: chunk.type, timestamp: 0, data });
      });
      const held: FrameHandle[] = [];
      const frames = decodeFrames(pool, streamOf(still), config);
      for (let n = 0; n < capacity; n++) held.push((await frames.next()).value as FrameHandle);
      expect(pool.lentCount).toBeLessThanOrEqual(capacity + 1);
      await frames.return?.();
      for (const handle of held) handle.release();
      pool.assertNoLeaks();
    },
  );

  test.each([1, 4])(
    'a frame that a decoder puts out twice ends the flow and stays whole for its holder, at capacity %i',
    async (capacity) => {
      const { config, chunks } = await trackOf('vp8.webm', 1);
      const pool = new VideoFramePool({ capacity });
      const held: FrameHandle[] = [];
      const errors: unknown[] = [];
      class Stuttering extends LimitedVideoDecoder {
        constructor({ output, error }: VideoDecoderInit) {
          super({
            output(frame) {
              output(frame);
              output(frame);
            },
            error,
          });
        }
      }
      const decoder = new FrameDecoder({
        pool,
        config,
        decoder: Stuttering,
        output: (handle) => held.push(handle),
        error: (error) => errors.push(error),
      });
      await decoder.decode(chunks[0] as EncodedVideoChunk);
      await expect.poll(() => errors.length).toBe(1);
      expect(errors[0]).toBeInstanceOf(TypeError);
      expect(held.length).toBe(1);
      expect(held[0]?.frame.codedWidth).toBeGreaterThan(0);
      expect([pool.lentCount, pool.decodingCount]).toEqual([1, 0]);
      held[0]?.release();
      pool.assertNoLeaks();
    },
  );

  test('[C10] a handle whose output() throws is released, and the error is reported', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 1);
    const pool = new VideoFramePool({ capacity: 1 });
    const reported = new Promise<unknown>((resolve) => {
      addEventListener(
        'error',
        (event) => {
          event.preventDefault();
          event.stopImmediatePropagation();
          resolve(event.error);
        },
        { once: true, capture: true },
      );
    });
    const decoder = new FrameDecoder({
      pool,
      config,
      output() {
        throw new Error('in output()');
      },
      error: () => {},
    });
    await decoder.decode(chunks[0] as EncodedVideoChunk);
    await decoder.flush();
    expect(await reported).toMatchObject({ message: 'in output()' });
    pool.assertNoLeaks();
    decoder.close();
  });
});
