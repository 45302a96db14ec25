import { describe, expect } from 'vitest';
import type { CopyRequest } from '../../src/index.ts';
import { FrameBudget, memoryStorage, VideoFramePool } from '../../src/index.ts';
import { copyAndClose } from '../support/copying.ts';
import { CANVAS_BYTES } from '../support/fake-canvas.ts';
import { acquired, given, microtasks, rejectionOf, releaseAll } from '../support/fake-outcomes.ts';
import { canvases, canvasPool, decodedPool, fullPool, listen, test, watch } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

/** A frame of four times the pixels of the pool's canvases. */
const large = (): VideoFrame => makeFrame({ codedWidth: 128, codedHeight: 96 });

/** The options of most copies here. */
const RECONFIGURE = { sizeChange: 'reconfigure' } as const;

const sizeOf = ({ canvas }: { readonly canvas: OffscreenCanvas }) => `${canvas.width} × ${canvas.height}`;

describe('copyFrom() of a picture of another size', () => {
  test('fits it into the buffer unless told otherwise', async ({ buffers: pool }) => {
    using handle = await copyAndClose(pool, large());
    expect([sizeOf(handle), pool.stats().generation]).toEqual(['64 × 48', 0]);
  });

  test('refuses it when told to, before it waits', async ({ full: { pool, held } }) => {
    expect(String(await rejectionOf(copyAndClose(pool, large(), { sizeChange: 'reject' })))).toBe(
      'RangeError: copyFrom(): the picture of 128 × 96 (shown as 128 × 96) is not of the size of the buffers of pool "pool"',
    );
    expect([pool.waitingCount, pool.lentCount, pool.stats().generation]).toEqual([0, 1, 0]);
    held.release();
    (await copyAndClose(pool, makeFrame(), { sizeChange: 'reject' })).release();
  });

  test('reconfigures the pool on request: a new generation of its size [C8] [edge 6]', async () => {
    const pool = canvasPool();
    const heard = listen(pool);
    const old = await copyAndClose(pool, makeFrame(), RECONFIGURE);
    expect([sizeOf(old), pool.stats().generation]).toEqual(['64 × 48', 0]);
    const next = await copyAndClose(pool, large(), RECONFIGURE);
    expect([sizeOf(next), sizeOf(old)]).toEqual(['128 × 96', '64 × 48']);
    expect([pool.stats().generation, pool.bytes]).toEqual([1, 5 * CANVAS_BYTES]);
    releaseAll([old, next]);
    expect((await heard()).map(({ discarded }) => discarded)).toEqual([true, false]);
    using back = await copyAndClose(pool, makeFrame(), RECONFIGURE);
    expect([sizeOf(back), pool.stats().generation, pool.bytes]).toEqual(['64 × 48', 2, CANVAS_BYTES]);
  });

  test.each<[string, CopyRequest, string]>([
    ['crop', { crop: { x: 0, y: 0, width: 10, height: 20 } }, '10 × 20'],
    ['crop and rotation', { crop: { x: 0, y: 0, width: 10, height: 20 }, rotation: 90 }, '20 × 10'],
    ['rotation', { rotation: 270 }, '96 × 128'],
    ['rotation, and no flip', { rotation: 90, flip: true }, '96 × 128'],
    ['a crop of less than a pixel', { crop: { x: 0, y: 0, width: 0.2, height: 20.4 } }, '1 × 20'],
  ])('takes %s into account', async (_, options, size) => {
    const pool = canvasPool();
    const handle = await copyAndClose(pool, large(), { ...options, ...RECONFIGURE });
    expect([sizeOf(handle), pool.stats().generation]).toEqual([size, 1]);
    handle.release();
    (await copyAndClose(pool, large(), { ...options, ...RECONFIGURE })).release();
    expect([pool.stats().generation, pool.stats().reused]).toEqual([1, 1]);
  });

  test('measures again at its turn: another copy may have changed the size meanwhile', async () => {
    const { pool, held } = fullPool();
    const copies = [copyAndClose(pool, large(), RECONFIGURE), copyAndClose(pool, makeFrame(), RECONFIGURE)];
    expect([pool.waitingCount, pool.lentCount]).toEqual([2, 1]);
    held.release();
    const sizes: string[] = [];
    for (const copy of copies) {
      using handle = await copy;
      sizes.push(sizeOf(handle));
    }
    expect(sizes).toEqual(['128 × 96', '64 × 48']);
  });

  test('waits for the bytes of a larger buffer, and continues when they are free [C3]', async () => {
    const pool = canvasPool({ capacity: 4, maxBytes: 4 * CANVAS_BYTES });
    const [first, second] = [given(pool.tryAcquire()), given(pool.tryAcquire())];
    const waiting = copyAndClose(pool, large(), RECONFIGURE);
    expect([pool.waitingCount, pool.bytes]).toEqual([1, 2 * CANVAS_BYTES]);
    first.release();
    expect([pool.waitingCount, pool.idleCount, pool.stats().generation]).toEqual([1, 1, 0]);
    second.release();
    using handle = await waiting;
    expect([sizeOf(handle), pool.bytes]).toEqual(['128 × 96', 4 * CANVAS_BYTES]);
  });

  test('leaves the pool unchanged if its wait is aborted, and the next one is served [C8]', async () => {
    const pool = canvasPool({ capacity: 3, maxBytes: 4 * CANVAS_BYTES });
    using _lent = given(pool.tryAcquire());
    const controller = new AbortController();
    const { signal } = controller;
    const first = rejectionOf(copyAndClose(pool, large(), { ...RECONFIGURE, signal }));
    const behind = copyAndClose(pool, makeFrame(), RECONFIGURE);
    await microtasks();
    expect([pool.waitingCount, pool.bytes]).toEqual([2, CANVAS_BYTES]);
    controller.abort();
    expect((await first).name).toBe('AbortError');
    using _small = await behind;
    expect([pool.stats().generation, pool.bytes]).toEqual([0, 2 * CANVAS_BYTES]);
    given(pool.tryAcquire()).release();
  });

  test('does not block a smaller picture behind it once there is room', async () => {
    const pool = canvasPool({ capacity: 3, maxBytes: 5 * CANVAS_BYTES });
    const held = acquired(pool, 2);
    const copies = [copyAndClose(pool, large(), RECONFIGURE), copyAndClose(pool, makeFrame(), RECONFIGURE)];
    releaseAll(held);
    const handles = await Promise.all(copies);
    expect(handles.map(sizeOf)).toEqual(['128 × 96', '64 × 48']);
    expect(pool.bytes).toBe(5 * CANVAS_BYTES);
    releaseAll(handles);
  });

  test('a picture that its caller closes during the wait still has its size', async () => {
    const { pool, held } = fullPool();
    const frame = large();
    const copying = pool.copyFrom(frame, RECONFIGURE);
    await microtasks();
    frame.close();
    held.release();
    using copy = await copying;
    expect([sizeOf(copy), pool.stats().generation]).toEqual(['128 × 96', 1]);
  });

  test('a picture that no buffer size can take is rejected at once', async () => {
    const storage = memoryStorage({ format: 'I420', codedWidth: 64, codedHeight: 48 });
    const pool = watch(new VideoFramePool({ capacity: 1, initial: 1, storage }));
    const frame = makeFrame({ format: 'NV12', codedWidth: 32, codedHeight: 24 });
    const refusal = await rejectionOf(copyAndClose(pool, frame, RECONFIGURE));
    expect([refusal.name, pool.stats().generation, pool.idleCount]).toEqual(['NotSupportedError', 0, 1]);
    pool.close();
  });

  test('a size that no limit allows is refused, the pool as before', async () => {
    for (const limit of [
      { maxBytes: 3 * CANVAS_BYTES },
      { budget: new FrameBudget({ maxBytes: 3 * CANVAS_BYTES }) },
    ]) {
      const pool = canvasPool({ capacity: 4, initial: 1, ...limit });
      expect((await rejectionOf(copyAndClose(pool, large(), RECONFIGURE))).name).toBe('RangeError');
      expect([pool.stats().generation, pool.idleCount, pool.waitingCount]).toEqual([0, 1, 0]);
    }
  });

  test('copyTo() takes the same option', async () => {
    const frames = decodedPool();
    const pool = canvasPool();
    using frame = frames.adopt(large());
    using copy = await frame.copyTo(pool, RECONFIGURE);
    expect([sizeOf(copy), frame.released, frames.lentCount]).toEqual(['128 × 96', false, 1]);
    expect((await rejectionOf(frame.copyTo(canvasPool(), { sizeChange: 'reject' }))).name).toBe('RangeError');
  });

  test('an option that is none is refused, and the frame stays as it is', async () => {
    const frame = large();
    const wrong = { sizeChange: 'grow' } as unknown as CopyRequest;
    expect((await rejectionOf(canvasPool().copyFrom(frame, wrong))).name).toBe('TypeError');
    expect(frame.codedWidth).toBe(128);
    frame.close();
  });

  test('leaves handles of the older generation at their own size [C8]', async () => {
    const pool = canvasPool();
    using old = await copyAndClose(pool, makeFrame(), {});
    pool.configure({ storage: canvases(32, 24) });
    const frame = old.toVideoFrame();
    expect(frame.codedWidth).toBe(64);
    frame.close();
  });
});
