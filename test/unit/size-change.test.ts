import { describe, expect, test } from 'vitest';
import type { CaptureRequest } from '../../src/index.ts';
import { FrameBudget, memoryStorage, VideoFramePool } from '../../src/index.ts';
import { rejectionOf } from '../support/fake-failures.ts';
import {
  CANVAS_BYTES,
  canvases,
  canvasPool,
  decodedPool,
  given,
  listen,
  microtasks,
  watch,
} from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

/** A frame of four times the pixels of the pool's canvases. */
const large = (): VideoFrame => makeFrame({ codedWidth: 128, codedHeight: 96 });

const sizeOf = ({ canvas: { width, height } }: { readonly canvas: OffscreenCanvas }): string =>
  `${width} × ${height}`;

describe('capture() of a picture of another size', () => {
  test('fits it into the buffer unless told otherwise', async () => {
    const pool = canvasPool();
    const handle = await pool.capture(large());
    expect([sizeOf(handle), pool.stats().generation]).toEqual(['64 × 48', 0]);
    handle.release();
  });

  test('refuses it when told to, before it waits, and closes the frame', async () => {
    const pool = canvasPool({ capacity: 1 });
    const held = given(pool.tryAcquire());
    const refusal = await rejectionOf(pool.capture(large(), { sizeChange: 'refuse' }));
    expect([refusal.name, refusal.message]).toEqual([
      'RangeError',
      'capture(): the picture of 128 × 96 (shown as 128 × 96) is not of the size of the buffers of pool "pool"',
    ]);
    expect([pool.waitingCount, pool.lentCount, pool.stats().generation]).toEqual([0, 1, 0]);
    held.release();
    (await pool.capture(makeFrame(), { sizeChange: 'refuse' })).release();
  });

  test('reconfigures the pool when told to: a new generation of the size of the picture [C8, edge 6]', async () => {
    const pool = canvasPool({ capacity: 2 });
    const heard = listen(pool);
    const old = await pool.capture(makeFrame(), { sizeChange: 'reconfigure' });
    expect([sizeOf(old), pool.stats().generation]).toEqual(['64 × 48', 0]);
    const next = await pool.capture(large(), { sizeChange: 'reconfigure' });
    expect([sizeOf(next), sizeOf(old), pool.stats().generation, pool.bytes]).toEqual([
      '128 × 96',
      '64 × 48',
      1,
      5 * CANVAS_BYTES,
    ]);
    old.release();
    next.release();
    await microtasks();
    expect(heard.map(({ discarded }) => discarded)).toEqual([true, false]);
    const back = await pool.capture(makeFrame(), { sizeChange: 'reconfigure' });
    expect([sizeOf(back), pool.stats().generation, pool.bytes]).toEqual(['64 × 48', 2, CANVAS_BYTES]);
    back.release();
  });

  test.each<[string, CaptureRequest, string]>([
    ['crop', { crop: { x: 0, y: 0, width: 10, height: 20 } }, '10 × 20'],
    ['crop and rotation', { crop: { x: 0, y: 0, width: 10, height: 20 }, rotation: 90 }, '20 × 10'],
    ['rotation', { rotation: 270 }, '96 × 128'],
    ['a crop of less than a pixel', { crop: { x: 0, y: 0, width: 0.2, height: 20.4 } }, '1 × 20'],
  ])('takes %s into account', async (_, options, size) => {
    const pool = canvasPool();
    const handle = await pool.capture(large(), { ...options, sizeChange: 'reconfigure' });
    expect([sizeOf(handle), pool.stats().generation]).toEqual([size, 1]);
    handle.release();
    (await pool.capture(large(), { ...options, sizeChange: 'reconfigure' })).release();
    expect([pool.stats().generation, pool.stats().reused]).toEqual([1, 1]);
  });

  test('asks again once its turn comes: another capture may have changed the size during the wait', async () => {
    const pool = canvasPool({ capacity: 1 });
    const held = given(pool.tryAcquire());
    const first = pool.capture(large(), { sizeChange: 'reconfigure' });
    const second = pool.capture(makeFrame(), { sizeChange: 'reconfigure' });
    expect([pool.waitingCount, pool.lentCount]).toEqual([2, 1]);
    held.release();
    const one = await first;
    expect(sizeOf(one)).toBe('128 × 96');
    one.release();
    const two = await second;
    expect(sizeOf(two)).toBe('64 × 48');
    two.release();
  });

  test('waits for bytes that a larger buffer needs, and goes on when they are there [C3]', async () => {
    const pool = canvasPool({ capacity: 4, maxBytes: 4 * CANVAS_BYTES });
    const held = [given(pool.tryAcquire()), given(pool.tryAcquire())];
    const waiting = pool.capture(large(), { sizeChange: 'reconfigure' });
    expect([pool.waitingCount, pool.bytes]).toEqual([1, 2 * CANVAS_BYTES]);
    held[0]?.release();
    expect([pool.waitingCount, pool.idleCount, pool.stats().generation]).toEqual([1, 1, 0]);
    held[1]?.release();
    const handle = await waiting;
    expect([sizeOf(handle), pool.bytes]).toEqual(['128 × 96', 4 * CANVAS_BYTES]);
    handle.release();
  });

  test('a wait for a larger buffer that is given up leaves the pool as it was, and serves those behind [C8]', async () => {
    const pool = canvasPool({ capacity: 3, maxBytes: 4 * CANVAS_BYTES });
    const lent = given(pool.tryAcquire());
    const controller = new AbortController();
    const { signal } = controller;
    const first = rejectionOf(pool.capture(large(), { sizeChange: 'reconfigure', signal }));
    const behind = pool.capture(makeFrame(), { sizeChange: 'reconfigure' });
    await microtasks();
    expect([pool.waitingCount, pool.bytes]).toEqual([2, CANVAS_BYTES]);
    controller.abort();
    expect((await first).name).toBe('AbortError');
    const small = await behind;
    expect([pool.stats().generation, pool.bytes]).toEqual([0, 2 * CANVAS_BYTES]);
    const third = given(pool.tryAcquire());
    for (const handle of [lent, small, third]) handle.release();
  });

  test('one who waits behind a large picture is served as soon as there is room for his own', async () => {
    const pool = canvasPool({ capacity: 3, maxBytes: 5 * CANVAS_BYTES });
    const held = [given(pool.tryAcquire()), given(pool.tryAcquire())];
    const first = pool.capture(large(), { sizeChange: 'reconfigure' });
    const second = pool.capture(makeFrame(), { sizeChange: 'reconfigure' });
    for (const handle of held) handle.release();
    const handles = await Promise.all([first, second]);
    expect(handles.map(sizeOf)).toEqual(['128 × 96', '64 × 48']);
    expect(pool.bytes).toBe(5 * CANVAS_BYTES);
    for (const handle of handles) handle.release();
  });

  test('a picture that closes during the wait fails in its turn, and the next one is served', async () => {
    const pool = canvasPool({ capacity: 1 });
    const held = given(pool.tryAcquire());
    const frame = large();
    const first = rejectionOf(pool.capture(frame, { sizeChange: 'reconfigure' }));
    const second = pool.acquire();
    frame.close();
    held.release();
    expect((await first).name).toBe('InvalidStateError');
    (await second).release();
    expect(pool.stats().generation).toBe(0);
  });

  test('a picture that no size of buffers can take is refused at once, the pool as before', async () => {
    const storage = memoryStorage({ format: 'I420', codedWidth: 64, codedHeight: 48 });
    const pool = watch(new VideoFramePool({ capacity: 1, initial: 1, storage }));
    const frame = makeFrame({ format: 'NV12', codedWidth: 32, codedHeight: 24 });
    const refusal = await rejectionOf(pool.capture(frame, { sizeChange: 'reconfigure' }));
    expect([refusal.name, pool.stats().generation, pool.idleCount]).toEqual(['NotSupportedError', 0, 1]);
    pool.close();
  });

  test('a size that no limit allows is refused, the pool as before and the frame closed', async () => {
    const pool = canvasPool({ capacity: 4, initial: 1, maxBytes: 3 * CANVAS_BYTES });
    expect((await rejectionOf(pool.capture(large(), { sizeChange: 'reconfigure' }))).name).toBe('RangeError');
    expect([pool.stats().generation, pool.idleCount, pool.waitingCount]).toEqual([0, 1, 0]);
    const shared = canvasPool({ initial: 1, budget: new FrameBudget({ maxBytes: 3 * CANVAS_BYTES }) });
    expect((await rejectionOf(shared.capture(large(), { sizeChange: 'reconfigure' }))).name).toBe(
      'RangeError',
    );
    expect([shared.stats().generation, shared.idleCount]).toEqual([0, 1]);
  });

  test('copyTo() takes the same option', async () => {
    const frames = decodedPool();
    const pool = canvasPool();
    const frame = frames.adopt(large());
    const copy = await frame.copyTo(pool, { sizeChange: 'reconfigure' });
    expect([sizeOf(copy), frame.released, frames.lentCount]).toEqual(['128 × 96', false, 1]);
    expect((await rejectionOf(frame.copyTo(canvasPool(), { sizeChange: 'refuse' }))).name).toBe('RangeError');
    frame.release();
    copy.release();
  });

  test('an option that is none is refused, and the frame stays as it is', async () => {
    const pool = canvasPool();
    const frame = large();
    const refusal = await rejectionOf(
      pool.capture(frame, { sizeChange: 'grow' } as unknown as CaptureRequest),
    );
    expect([refusal.name, frame.codedWidth]).toEqual(['TypeError', 128]);
    frame.close();
  });

  test('a handle of the older generation still gives frames of its own size [C8]', async () => {
    const pool = canvasPool();
    const old = await pool.capture(makeFrame(), {});
    pool.configure({ storage: canvases(32, 24) });
    const frame = old.toVideoFrame();
    expect(frame.codedWidth).toBe(64);
    frame.close();
    old.release();
  });
});
