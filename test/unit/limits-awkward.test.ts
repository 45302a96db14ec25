import { expect } from 'vitest';
import { FrameBudget } from '../../src/index.ts';
import { coreOf } from '../../src/pool/pool.ts';
import { copyAndClose } from '../support/copying.ts';
import { CANVAS_BYTES } from '../support/fake-canvas.ts';
import { acquired, given, microtasks, rejectionOf, releaseAll, thrownBy } from '../support/fake-outcomes.ts';
import { canvases, canvasPool, decodedPool, fullPool, test } from '../support/fake-pools.ts';
import { FRAME_BYTES, makeFrame } from '../support/fake-video-frame.ts';

test('lowering maxBytes holds once the lent buffers are back, and lends no more [C3] [edge 9]', () => {
  const pool = canvasPool({ capacity: 4, idleMs: Infinity });
  const out = acquired(pool, 4);
  pool.configure({ maxBytes: CANVAS_BYTES });
  releaseAll(out);
  expect([pool.bytes, pool.idleCount, pool.stats().discarded]).toEqual([CANVAS_BYTES, 1, 3]);
  using _handle = given(pool.tryAcquire());
  expect(pool.tryAcquire()).toBeNull();
});

test('buffers are neither kept nor lent twice while the delay exceeds the budget [C3]', () => {
  const budget = new FrameBudget({ maxBytes: 4 * CANVAS_BYTES });
  const films = decodedPool({ capacity: 1, budget });
  const strip = canvasPool({ capacity: 4, budget });
  const out = acquired(strip, 4);
  // Opaque frames count as many bytes as a canvas.
  const overcommitted = [1, 2, 3].map(() => coreOf(films).admit(makeFrame({ format: null }), 'lag', true));
  expect(budget.bytes).toBe(7 * CANVAS_BYTES);
  releaseAll(out);
  expect([budget.bytes, strip.idleCount]).toEqual([4 * CANVAS_BYTES, 1]);
  const more = acquired(strip, 4);
  expect([strip.tryAcquire(), budget.bytes]).toEqual([null, 7 * CANVAS_BYTES]);
  releaseAll([...more, ...overcommitted]);
});

test('adopt() does not take a permit’s bytes, in any pool of the budget [C3]', () => {
  const budget = new FrameBudget({ maxBytes: 2 * FRAME_BYTES });
  const [one, two] = [decodedPool({ capacity: 4, budget }), decodedPool({ capacity: 4, budget })];
  one.adopt(makeFrame()).release();
  const permit = given(one.tryReserve());
  using _first = two.adopt(makeFrame());
  for (const pool of [two, one])
    expect(thrownBy(() => pool.adopt(makeFrame())).name).toBe('QuotaExceededError');
  permit.adopt(makeFrame()).release();
});

test('a frame smaller than expected serves a waiter', async () => {
  // Room for one canvas and two estimates of 1080p, 1.5 bytes a pixel.
  const budget = new FrameBudget({ maxBytes: 640 * 480 * 4 + 2 * 1920 * 1080 * 1.5 - 1 });
  using _lent = given(canvasPool({ budget, storage: canvases(640, 480) }).tryAcquire());
  const [one, two, pool] = [decodedPool({ budget }), decodedPool({ budget }), decodedPool({ budget })];
  // The second exceeds the budget, as one first frame of unknown size may.
  const permits = [given(one.tryReserve()), given(two.tryReserve())];
  const wait = pool.reserve();
  expect(pool.waitingCount).toBe(1);
  coreOf(pool).admission.expectFrames({ codec: 'vp8', codedWidth: 64, codedHeight: 48 });
  expect(pool.waitingCount).toBe(0);
  releaseAll([await wait, ...permits]);
});

test('a frame that waits for its copy can be copied again; once adopted it is refused [C13]', async () => {
  const { pool, held } = fullPool();
  const frames = decodedPool();
  const frame = makeFrame();
  const copies = [pool.copyFrom(frame), pool.copyFrom(frame)];
  const handle = frames.adopt(frame);
  expect((await rejectionOf(pool.copyFrom(frame))).name).toBe('TypeError');
  handle.release();
  held.release();
  for (const copy of copies) (await copy).release();
});

test('a waiter that aborts in this very task is passed over, not its whole pool [C4] [edge 8]', async () => {
  const budget = new FrameBudget({ maxFrames: 1 });
  const [one, two] = [canvasPool({ budget }), canvasPool({ budget })];
  const lent = given(one.tryAcquire());
  const leaving = new AbortController();
  // A listener of the app that was added before the wait: it is called before the pool's.
  leaving.signal.addEventListener('abort', () => lent.release());
  const first = rejectionOf(one.acquire({ signal: leaving.signal }));
  const [second, third] = [two.acquire(), one.acquire()];
  leaving.abort();
  expect((await first).name).toBe('AbortError');
  expect([one.waitingCount, two.waitingCount]).toEqual([1, 0]);
  (await second).release();
  (await third).release();
});

test('a copy whose larger buffer has no room yet keeps its place, whoever comes [C4] [C8]', async () => {
  const pool = canvasPool({ capacity: 2, maxBytes: 2 * CANVAS_BYTES });
  const held = [given(pool.tryAcquire()), given(pool.tryAcquire())];
  const order: string[] = [];
  const ask = async (name: string, codedWidth: number): Promise<void> => {
    const frame = makeFrame({ codedWidth, codedHeight: 48 });
    const handle = await copyAndClose(pool, frame, { sizeChange: 'reconfigure' });
    order.push(`${name} ${handle.canvas.width}`);
    held.push(handle);
  };
  const asked = [ask('large', 128), ask('small', 64), ask('small', 64)];
  while (held.length > 0) {
    held.shift()?.release();
    await microtasks();
  }
  await Promise.all(asked);
  expect(order).toEqual(['large 128', 'small 64', 'small 64']);
});

test('a copy that keeps its place fails with AbortError at decommit(), as all who wait [C7]', async () => {
  const pool = canvasPool({ maxBytes: 2 * CANVAS_BYTES });
  const [one, two] = [given(pool.tryAcquire()), given(pool.tryAcquire())];
  const frame = makeFrame({ codedWidth: 128, codedHeight: 48 });
  const copy = rejectionOf(copyAndClose(pool, frame, { sizeChange: 'reconfigure' }));
  await microtasks();
  pool.configure({ storage: canvases() });
  one.release();
  expect(pool.waitingCount).toBe(1);
  const decommitted = pool.decommit();
  two.release();
  expect([(await copy).name, await decommitted]).toEqual(['AbortError', true]);
});
