/** What decoding takes from the pool and from the app, and when it is given back. */
import { describe, expect, test, vi } from 'vitest';
import { decodeFrames, FrameDecoder, VideoFramePool } from '../../src/index.ts';
import { streamOf, trackOf } from '../support/packets.ts';

/** Decoders that are taken away, each after more frames than the one before, or each before its first. */
function reclaimed(more: number): { decoder: typeof VideoDecoder; made(): number } {
  let made = 0;
  const decoder = class extends VideoDecoder {
    constructor({ output, error }: VideoDecoderInit) {
      let left = more * ++made;
      super({
        output: (frame) => {
          if (left-- > 0) {
            output(frame);
            return;
          }
          frame.close();
          if (this.state === 'closed') return;
          this.close();
          error(new DOMException('Codec reclaimed due to inactivity.', 'QuotaExceededError'));
        },
        error,
      });
    }
  };
  return { decoder, made: () => made };
}

describe('[C9] permits', () => {
  test('of chunks that give no frame come back with the next frame that does', async () => {
    const { config, chunks } = await trackOf('vp8_hidden.webm');
    const pool = new VideoFramePool({ capacity: chunks.length });
    let newest = -Infinity;
    using decoder = new FrameDecoder({
      pool,
      config,
      output(handle) {
        newest = handle.timestamp;
        handle.release();
      },
      error: (error) => expect.fail(error.message),
    });
    for (const chunk of chunks) await decoder.decode(chunk);
    await expect.poll(() => newest).toBe(Math.max(...chunks.map(({ timestamp }) => timestamp)));
    expect(chunks.length).toBeGreaterThan(pool.stats().lent);
    expect([pool.decodingCount, pool.lentCount]).toEqual([0, 0]);
  });

  test('of chunks that reset() drops come back in that call', async () => {
    const { config, chunks } = await trackOf('h264_bframes.mp4', 4);
    const pool = new VideoFramePool({ capacity: 8 });
    using decoder = new FrameDecoder({
      pool,
      config,
      output: (handle) => handle.release(),
      error: (error) => expect.fail(error.message),
    });
    for (const chunk of chunks) await decoder.decode(chunk);
    // It keeps some back, to bring them into their order.
    expect(pool.decodingCount).toBeGreaterThan(0);
    decoder.reset();
    expect(pool.decodingCount).toBe(0);
  });

  test('that are granted in the task of a reset() come back', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 1);
    const pool = new VideoFramePool({ capacity: 1 });
    const held = pool.tryReserve();
    using decoder = new FrameDecoder({
      pool,
      config,
      output: (handle) => handle.release(),
      error: (error) => expect.fail(error.message),
    });
    const decoding = Promise.all(chunks.map((chunk) => decoder.decode(chunk)));
    await expect.poll(() => pool.waitingCount).toBe(1);
    held?.release();
    expect([pool.waitingCount, pool.decodingCount]).toEqual([0, 1]);
    decoder.reset();
    await expect(decoding).rejects.toMatchObject({ name: 'AbortError' });
    expect(pool.decodingCount).toBe(0);
  });

  test('are asked for only while somebody asks for a frame', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 6);
    const pool = new VideoFramePool({ capacity: 1 });
    const frames = decodeFrames(pool, streamOf(chunks), config);
    const { value: handle } = await frames.next();
    expect(pool.waitingCount).toBe(0);
    const next = frames.next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    handle?.release();
    (await next).value?.release();
    expect(pool.waitingCount).toBe(0);
    await frames.return?.();
    pool.assertNoLeaks();
  });

  test('are waited for, whatever lag is known, while others hold every slot', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 6);
    const pool = new VideoFramePool({ capacity: 1 });
    const held = pool.tryReserve();
    let fed = 0;
    const decoder = class extends VideoDecoder {
      override decode(chunk: EncodedVideoChunk): void {
        fed++;
        super.decode(chunk);
      }
    };
    const frames = decodeFrames(pool, streamOf(chunks), config, { decoder, lag: 3 });
    const first = frames.next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    expect(fed).toBe(0);
    held?.release();
    (await first).value?.release();
    await frames.return?.();
    pool.assertNoLeaks();
  });
});

describe('a codec that the browser takes away', () => {
  test('again and again is opened again, as long as frames come in between', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 20);
    const pool = new VideoFramePool({ capacity: 2 });
    const { decoder, made } = reclaimed(3);
    const restart = (): AsyncGenerator<EncodedVideoChunk> => streamOf(chunks);
    const timestamps: number[] = [];
    for await (const handle of decodeFrames(pool, streamOf(chunks), config, { decoder, restart })) {
      timestamps.push(handle.timestamp);
      handle.release();
    }
    expect(timestamps).toEqual(chunks.map(({ timestamp }) => timestamp));
    expect(made()).toBe(7);
    pool.assertNoLeaks();
  });

  test('each time before it gave a frame is given up', async () => {
    const { config, chunks } = await trackOf('vp8.webm', 20);
    const pool = new VideoFramePool({ capacity: 2 });
    const { decoder, made } = reclaimed(0);
    let restarts = 0;
    const restart = (): AsyncGenerator<EncodedVideoChunk> => {
      // A source that fails ends an iteration that would never give up.
      if (++restarts > 10) throw new RangeError('opened ten times');
      return streamOf(chunks);
    };
    const frames = decodeFrames(pool, streamOf(chunks), config, { decoder, restart });
    await expect(frames.next()).rejects.toMatchObject({ name: 'QuotaExceededError' });
    expect([made(), restarts]).toEqual([4, 3]);
    pool.assertNoLeaks();
  });
});

describe('the chunks', () => {
  test.each(['break', 'return()', 'an error'])('are told by %s that no more are wanted', async (end) => {
    const { config, chunks } = await trackOf('vp8.webm', 8);
    const pool = new VideoFramePool({ capacity: 2 });
    let isOver = false;
    async function* source(): AsyncGenerator<EncodedVideoChunk> {
      try {
        yield* end === 'an error' ? chunks.slice(1) : chunks;
        await new Promise(() => {});
      } finally {
        isOver = true;
      }
    }
    const frames = decodeFrames(pool, source(), config);
    const consume = async (): Promise<void> => {
      for await (const handle of frames) {
        handle.release();
        if (end === 'break') break;
        if (end === 'return()') await frames.return?.();
      }
    };
    await consume().catch((error: unknown) => expect(error).toMatchObject({ name: 'DataError' }));
    await expect.poll(() => isOver).toBe(true);
    pool.assertNoLeaks();
  });
});

describe('the signal of the app', () => {
  const ENDS = ['the end', 'an end that is asked for late', 'break', 'an error', 'return()'];
  test.each(ENDS)('has no listener left after %s', async (end) => {
    const { config, chunks } = await trackOf('vp8.webm', 4);
    const pool = new VideoFramePool({ capacity: 2 });
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const source = end === 'an error' ? chunks.slice(1) : chunks;
    const frames = decodeFrames(pool, streamOf(source), config, { signal });
    let taken = 0;
    const consume = async (): Promise<void> => {
      for await (const handle of frames) {
        handle.release();
        if (end === 'break') break;
        if (end === 'return()') await frames.return?.();
        if (end === 'an end that is asked for late' && ++taken === 4)
          await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    await consume().catch((error: unknown) => expect(error).toMatchObject({ name: 'DataError' }));
    expect(added).toHaveBeenCalledOnce();
    expect(removed.mock.calls).toEqual(added.mock.calls);
    pool.assertNoLeaks();
  });
});
