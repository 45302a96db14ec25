/** Reader whose file is read in a worker: the cap across threads, and the worker's termination. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FrameHandle, PoolOptions } from '../../src/index.ts';
import { canvasStorage, FrameBudget, VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { allowCollection, collect, livePictures, takePeak } from '../support/accounting.ts';
import { decodeBare } from '../support/bare-decoder.ts';
import type { DecoderCounts } from '../support/decoders.ts';
import { clipBlob, trackOf } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import type { WorkerDecoder } from '../support/readers.ts';
import { clipOpener, readerWorker } from '../support/readers.ts';
import { takeAll } from '../support/taking.ts';

const CLIP = 'h264_bframes.mp4';

const openBeside = clipOpener();

/** A pool, a reader, and the worker that the reader owns. */
async function openClip(options: PoolOptions, file: string = CLIP, decoder: WorkerDecoder = {}) {
  const worker = readerWorker(decoder);
  const open = (source: Blob): Promise<VideoReader> => openVideo(source, { worker: () => worker });
  return { worker, ...(await openBeside(open, file, options)) };
}

describe('[C3] the cap', () => {
  test.each([1, 2, 5])(
    'holds for the frames in the window, at capacity %i and the decoder’s delay',
    async (capacity) => {
      const { delay } = await decodeBare(await trackOf(CLIP));
      const { pool, reader } = await openClip({ capacity });
      takePeak();
      for await (const handle of reader.frames({ pool })) {
        const { overcommitted } = pool.stats();
        expect(pool.freeCount + pool.lentCount + pool.decodingCount).toBe(pool.capacity + overcommitted);
        expect(overcommitted).toBeLessThanOrEqual(delay);
        handle.release();
      }
      expect(takePeak()).toBeLessThanOrEqual(capacity + delay);
    },
  );

  test('holds for the chunks in the worker while the app pauses', async () => {
    const { delay } = await decodeBare(await trackOf(CLIP));
    const countsTo = crypto.randomUUID();
    const channel = new BroadcastChannel(countsTo);
    onTestFinished(() => channel.close());
    let counts: DecoderCounts = { fed: 0, out: 0 };
    channel.addEventListener('message', ({ data }: MessageEvent<DecoderCounts>) => (counts = data));
    const { pool, reader } = await openClip({ capacity: 4 }, CLIP, { countsTo });
    const frames = reader.frames({ pool });
    for (let taken = 1; taken <= 10; taken++) {
      (await frames.next()).value?.release();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(counts.fed).toBeLessThanOrEqual(taken + 4 + delay);
    }
    // The counts arrive on a channel of their own, possibly later than the frames.
    await expect.poll(() => counts.out).toBeGreaterThanOrEqual(10);
    await frames.return?.();
  });

  test('keeps the worker idle before the first next(), and leaves no waiter behind', async () => {
    const { pool, reader } = await openClip({ capacity: 2 }, 'vp8.webm');
    const frames = reader.frames({ pool });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([pool.decodingCount, pool.lentCount]).toEqual([0, 0]);
    (await frames.next()).value?.release();
    await expect.poll(() => pool.lentCount).toBe(2);
    expect([pool.decodingCount, pool.waitingCount]).toEqual([0, 0]);
    await frames.return?.();
  });

  test('applies to a budget: reading ahead leaves room for a copy', async () => {
    const budget = new FrameBudget({ maxFrames: 3 });
    const storage = canvasStorage({ width: 32, height: 18 });
    const copies = new VideoFramePool({ capacity: 2, budget, storage });
    const { pool, reader } = await openClip({ capacity: 8, budget });
    let taken = 0;
    for await (const handle of reader.frames({ pool })) {
      (await handle.copyTo(copies)).release();
      handle.release();
      taken++;
    }
    expect(taken).toBe(60);
    copies.assertNoLeaks();
    copies.close();
  });
});

describe('[C10] a worker that ends [fault: worker terminated]', () => {
  const ends: readonly [how: string, end: (worker: Worker) => void][] = [
    ['terminated by the app', (worker) => worker.terminate()],
    ['that closed itself', (worker) => worker.postMessage('close yourself')],
    [
      'terminated while it is busy',
      (worker) => {
        worker.postMessage('be busy');
        setTimeout(() => worker.terminate(), 50);
      },
    ],
  ];

  test.each(ends)('%s rejects all pending calls, and every permit is released', async (_, end) => {
    const { pool, reader, worker } = await openClip({ capacity: 3 });
    const frames = reader.frames({ pool });
    const held = (await frames.next()).value as FrameHandle;
    const other = new VideoFramePool({ capacity: 1 });
    const permit = other.tryReserve();
    const waits = Promise.allSettled([
      reader.frames({ pool: other }).next(),
      reader.frameAt(1_000_000, { pool: other }),
    ]);
    await expect.poll(() => other.waitingCount).toBe(2);
    end(worker);
    const reason = { name: 'InvalidStateError', message: expect.stringContaining('worker') as string };
    expect(await waits).toMatchObject([{ reason }, { reason }]);
    expect([other.waitingCount, other.decodingCount, pool.decodingCount]).toEqual([0, 1, 0]);
    // Frames that the app holds stay valid.
    expect(markOf(held.frame)).toBe(0);
    expect(() => reader.frames({ pool })).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    await expect(reader.frameAt(0, { pool })).rejects.toMatchObject({ name: 'InvalidStateError' });
    held.release();
    permit?.release();
    // Frames that arrived before the worker ended can still be taken.
    await frames.return?.();
  });

  test('gives the frames that had arrived before it rejects', async () => {
    const { pool, reader, worker } = await openClip({ capacity: 4 }, 'vp8.webm');
    const frames = reader.frames({ pool });
    const numbers = [await frames.next()].map(({ value }) => value as FrameHandle);
    await expect.poll(() => pool.lentCount).toBe(4);
    worker.terminate();
    const other = new VideoFramePool({ capacity: 1 });
    await Promise.allSettled([reader.frameAt(0, { pool: other }).then((handle) => handle.release())]);
    for (let ready = 0; ready < 3; ready++) numbers.push((await frames.next()).value as FrameHandle);
    expect(numbers.map(({ frame }) => markOf(frame))).toEqual([0, 1, 2, 3]);
    for (const handle of numbers) handle.release();
    await expect(frames.next()).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect((await frames.next()).done).toBe(true);
  });
});

describe('closing', () => {
  test('terminates the worker, and closes frames in flight', async () => {
    const { pool, reader, worker } = await openClip({ capacity: 8 });
    let messages = 0;
    worker.addEventListener('message', () => messages++);
    const frames = reader.frames({ pool });
    (await frames.next()).value?.release();
    await reader.close();
    await reader.close();
    pool.assertNoLeaks();
    const before = messages;
    // A running worker would answer this.
    worker.postMessage({ 'video-frame-pool': 1, kind: 'hello', purpose: 'reader', link: 'test' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(messages).toBe(before);
    expect(livePictures()).toBe(0);
  });

  test('an iteration closes the frames that arrive later; the next one gets none of them', async () => {
    const { pool, reader } = await openClip({ capacity: 12 }, 'vp8.webm');
    for (let round = 0; round < 15; round++) {
      const first = reader.frames({ pool });
      (await first.next()).value?.release();
      await first.return?.();
      pool.assertNoLeaks();
      const next = reader.frames({ pool, from: 1_000_000 });
      const { value } = await next.next();
      expect(value?.timestamp).toBe(1_000_000);
      value?.release();
      await next.return?.();
      pool.assertNoLeaks();
      expect(livePictures()).toBe(0);
    }
  });
});

describe('a reader in a worker, dropped by the app,', () => {
  test('[C6] [edge 16] releases the frames of a dropped iteration, and still works', async () => {
    allowCollection();
    const { pool, reader } = await openClip({ capacity: 6 });
    pool.setListener(() => {});
    const { signal } = new AbortController();
    await (async () => {
      (await reader.frames({ pool, signal }).next()).value?.release();
    })();
    await expect.poll(() => pool.lentCount).toBeGreaterThan(0);
    await expectAllReturned(pool);
    const numbers = await takeAll(reader.frames({ pool }), ({ frame }) => markOf(frame));
    expect(numbers).toEqual(numbersOf(clip(CLIP)));
  });

  test('[C6] releases everything, and its worker is terminated', async () => {
    allowCollection();
    const pool = new VideoFramePool({ capacity: 6 });
    pool.setListener(() => {});
    const name = crypto.randomUUID();
    const lives = async (): Promise<boolean> => {
      await collect();
      return (await navigator.locks.query()).held?.some((lock) => lock.name === name) === true;
    };
    await (async () => {
      const worker = readerWorker({ holdsLock: name });
      const reader = await openVideo(await clipBlob(CLIP), { worker: () => worker });
      (await reader.frames({ pool }).next()).value?.release();
      expect(await lives()).toBe(true);
    })();
    await expectAllReturned(pool);
    await expect.poll(lives, { timeout: 10_000 }).toBe(false);
  });

  test('is kept alive by a pending call', async () => {
    allowCollection();
    const { pool, reader } = await openClip({ capacity: 1 });
    const permit = pool.tryReserve();
    const waiting = (async () => reader.frames({ pool }).next())();
    await expect.poll(() => pool.waitingCount).toBe(1);
    for (let round = 0; round < 3; round++) await collect();
    permit?.release();
    const { value } = await waiting;
    expect(value?.timestamp).toBe(timestampsOf(clip(CLIP))[0]);
    value?.release();
  });
});

/** An iteration is collected some collections after the code that used it. */
async function expectAllReturned(pool: VideoFramePool): Promise<void> {
  const out = async (): Promise<number> => {
    await collect();
    return pool.lentCount + pool.decodingCount;
  };
  await expect.poll(out, { timeout: 10_000 }).toBe(0);
}
