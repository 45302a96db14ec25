/** Permits, listeners and chunks of a decoder, and their return to the pool and the app. */
import { describe, expect, test, vi } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { decoderOf } from '../support/decoder-kinds.ts';
import { hookedDecoder, reclaimedAfter } from '../support/decoders.ts';
import type { Source } from '../support/decoding.ts';
import { iterate, push } from '../support/decoding.ts';
import { kindsHere } from '../support/kinds-here.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { takeAll } from '../support/streams.ts';

describe.each(kindsHere({ restarts: false }))('[C9] with a decoder %s, permits', (kind) => {
  test('that are granted in the task of a reset() return', async () => {
    const { pool, chunks, decoder } = await push(
      'vp8.webm',
      { capacity: 1 },
      { most: 1, decoder: decoderOf(kind) },
    );
    const held = pool.tryReserve();
    const decoding = Promise.all(chunks.map((chunk) => decoder.decode(chunk)));
    await expect.poll(() => pool.waitingCount).toBe(1);
    held?.release();
    expect([pool.waitingCount, pool.decodingCount]).toEqual([0, 1]);
    decoder.reset();
    await expect(decoding).rejects.toMatchObject({ name: 'AbortError' });
    expect(pool.decodingCount).toBe(0);
  });
});

describe.each(kindsHere({ bursts: false }))('[C9] with a decoder %s, permits', (kind) => {
  test('are requested only while a next() is pending', async () => {
    const { pool, frames } = await iterate('vp8.webm', { capacity: 1 }, { kind, most: 6 });
    const { value: handle } = await frames.next();
    expect(pool.waitingCount).toBe(0);
    const next = frames.next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    handle?.release();
    (await next).value?.release();
    expect(pool.waitingCount).toBe(0);
    await frames.return?.();
  });

  test('are waited for, whatever delay is known, while other holders have every slot', async () => {
    let fed = 0;
    const decoder = hookedDecoder(() => ({ fed: () => void fed++ }), decoderOf(kind));
    const { pool, frames } = await iterate(
      'vp8.webm',
      { capacity: 1 },
      { kind, most: 6, decoder, decoderDelay: 3 },
    );
    const held = pool.tryReserve();
    const first = frames.next();
    await expect.poll(() => pool.waitingCount).toBe(1);
    expect(fed).toBe(0);
    held?.release();
    (await first).value?.release();
    await frames.return?.();
  });
});

describe('[C9] permits', () => {
  test('of chunks without a frame return with the next frame', async () => {
    const { chunks } = await trackOf('vp8_hidden.webm');
    const { pool, timestamps, decoder } = await push('vp8_hidden.webm', { capacity: chunks.length });
    for (const chunk of chunks) await decoder.decode(chunk);
    await expect.poll(() => timestamps.at(-1)).toBe(Math.max(...chunks.map(({ timestamp }) => timestamp)));
    expect(chunks.length).toBeGreaterThan(pool.stats().lent);
    expect([pool.decodingCount, pool.lentCount]).toEqual([0, 0]);
  });

  test('of chunks that reset() drops return in that call', async () => {
    const { pool, chunks, decoder } = await push('h264_bframes.mp4', { capacity: 8 }, { most: 4 });
    for (const chunk of chunks) await decoder.decode(chunk);
    // It keeps some back, to bring them into their order.
    expect(pool.decodingCount).toBeGreaterThan(0);
    decoder.reset();
    expect(pool.decodingCount).toBe(0);
  });
});

describe('[C9] permits', () => {
  test('of chunks without a frame return with the next frame', async () => {
    const { chunks } = await trackOf('vp8_hidden.webm');
    const { pool, timestamps, decoder } = await push('vp8_hidden.webm', { capacity: chunks.length });
    for (const chunk of chunks) await decoder.decode(chunk);
    await expect.poll(() => timestamps.at(-1)).toBe(Math.max(...chunks.map(({ timestamp }) => timestamp)));
    expect(chunks.length).toBeGreaterThan(pool.stats().lent);
    expect([pool.decodingCount, pool.lentCount]).toEqual([0, 0]);
  });

  test('of chunks that reset() drops return in that call', async () => {
    const { pool, chunks, decoder } = await push('h264_bframes.mp4', { capacity: 8 }, { most: 4 });
    for (const chunk of chunks) await decoder.decode(chunk);
    // It holds some back to reorder them.
    expect(pool.decodingCount).toBeGreaterThan(0);
    decoder.reset();
    expect(pool.decodingCount).toBe(0);
  });
});

describe('a codec that the browser reclaims', () => {
  test('again and again is opened again, as long as frames come in between', async () => {
    const decoder = reclaimedAfter(3);
    const restart = (): AsyncGenerator<EncodedVideoChunk> => streamOf(chunks);
    const { chunks, frames } = await iterate('vp8.webm', { capacity: 2 }, { most: 20, decoder, restart });
    expect(await takeAll(frames)).toEqual(chunks.map(({ timestamp }) => timestamp));
    expect(decoder.made.length).toBe(7);
  });

  test('each time before its first frame is given up', async () => {
    const decoder = reclaimedAfter(0);
    let restarts = 0;
    const restart = (): AsyncGenerator<EncodedVideoChunk> => {
      // A source that fails ends an iteration that would otherwise never end.
      if (++restarts > 10) throw new RangeError('opened ten times');
      return streamOf(chunks);
    };
    const { chunks, frames } = await iterate('vp8.webm', { capacity: 2 }, { most: 20, decoder, restart });
    await expect(frames.next()).rejects.toMatchObject({ name: 'QuotaExceededError' });
    expect([decoder.made.length, restarts]).toEqual([4, 3]);
  });
});

/** Takes frames until one of the ends, and ignores the error of chunks without a key frame. */
async function takeUntil(
  end: string,
  frames: AsyncIterableIterator<FrameHandle>,
  taken?: (count: number) => unknown,
): Promise<void> {
  let count = 0;
  try {
    for await (const handle of frames) {
      handle.release();
      if (end === 'break') break;
      if (end === 'return()') await frames.return?.();
      await taken?.(++count);
    }
  } catch (error) {
    expect(error).toMatchObject({ name: 'DataError' });
  }
}

/** The chunks of an iteration that ends in this way. */
const chunksFor = (end: string, chunks: readonly EncodedVideoChunk[]): readonly EncodedVideoChunk[] =>
  end === 'an error' ? chunks.slice(1) : chunks;

describe.each(kindsHere())('with a decoder %s, the chunks', (kind) => {
  test.each(['break', 'return()', 'an error'])('are closed by %s at their source', async (end) => {
    let isOver = false;
    async function* source(chunks: readonly EncodedVideoChunk[]): AsyncGenerator<EncodedVideoChunk> {
      try {
        yield* chunksFor(end, chunks);
        await new Promise(() => {});
      } finally {
        isOver = true;
      }
    }
    const { frames } = await iterate('vp8.webm', { capacity: 2 }, { kind, most: 8, source });
    await takeUntil(end, frames);
    await expect.poll(() => isOver).toBe(true);
  });
});

describe.each(kindsHere())('with a decoder %s, the signal of the app', (kind) => {
  const ENDS = ['the end', 'an end that is asked for late', 'break', 'an error', 'return()'];
  test.each(ENDS)('has no listener left after %s', async (end) => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    const decoder = hookedDecoder(() => ({}), decoderOf(kind));
    const source: Source = (chunks) => streamOf(chunksFor(end, chunks));
    const { frames } = await iterate('vp8.webm', { capacity: 2 }, { kind, most: 4, decoder, source, signal });
    await takeUntil(end, frames, async (taken) => {
      if (end !== 'an end that is asked for late' || taken < 4) return;
      await expect.poll(() => decoder.made.map(({ state }) => state)).toEqual(['closed']);
    });
    expect(added).toHaveBeenCalledOnce();
    expect(removed.mock.calls).toEqual(added.mock.calls);
  });
});
