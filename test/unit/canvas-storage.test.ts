import { describe, expect } from 'vitest';
import { canvasStorage } from '../../src/index.ts';
import { copyAndClose } from '../support/copying.ts';
import { CANVAS_BYTES, canvasesMade, fakeCanvas, fakeContext, setCanvases } from '../support/fake-canvas.ts';
import { acquired, given, rejectionOf, releaseAll, thrownBy } from '../support/fake-outcomes.ts';
import { canvases, canvasPool, counts, decodedPool, fullPool, listen, test } from '../support/fake-pools.ts';
import { makeFrame, openFrames, referencesTo } from '../support/fake-video-frame.ts';

describe('tryAcquire()', () => {
  test('never blocks: null when all slots are lent [A: AllocateSample] [B: AM_GBF_NOWAIT]', ({
    buffers: pool,
  }) => {
    const a = given(pool.tryAcquire());
    using _b = given(pool.tryAcquire());
    expect(pool.tryAcquire()).toBeNull();
    expect(counts(pool)).toBe('free 0, lent 2, decoding 0, idle 0, waiting 0');
    a.release();
    using _c = given(pool.tryAcquire());
    expect(pool.tryAcquire()).toBeNull();
  });

  test('makes buffers on demand, up to the capacity, after the initial ones [A: InitializeSampleAllocatorEx]', () => {
    const pool = canvasPool({ capacity: 3, initial: 1 });
    expect([canvasesMade(), pool.idleCount, pool.freeCount]).toEqual([1, 1, 3]);
    const handles = acquired(pool, 3);
    expect([canvasesMade(), pool.idleCount, pool.freeCount]).toEqual([3, 0, 0]);
    expect(pool.tryAcquire()).toBeNull();
    releaseAll(handles);
    given(pool.tryAcquire()).release();
    expect(canvasesMade()).toBe(3);
    expect(pool.stats()).toMatchObject({ allocated: 3, lent: 4, peakLentCount: 3 });
  });

  test('free and idle are counted separately [A: GetFreeSampleCount] [B: GetFreeCount]', () => {
    const pool = canvasPool({ capacity: 4, initial: 1 });
    expect([pool.freeCount, pool.idleCount]).toEqual([4, 1]);
    const handles = acquired(pool, 2);
    expect([pool.freeCount, pool.idleCount]).toEqual([2, 0]);
    releaseAll(handles);
    expect([pool.freeCount, pool.idleCount]).toEqual([4, 2]);
    pool.trim();
    expect([pool.freeCount, pool.idleCount, pool.bytes]).toEqual([4, 0, 0]);
  });

  test('throws if the engine has no memory, and takes nothing [A: AllocateSample]', async () => {
    const pool = canvasPool();
    setCanvases({ room: 0 });
    expect(thrownBy(() => pool.tryAcquire()).name).toBe('QuotaExceededError');
    expect((await rejectionOf(pool.acquire())).name).toBe('QuotaExceededError');
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 0, waiting 0');
    setCanvases({ room: 1, contexts: false });
    expect(thrownBy(() => pool.tryAcquire()).name).toBe('NotSupportedError');
    expect([pool.freeCount, pool.bytes]).toEqual([2, 0]);
  });

  test('counts 8 bytes a pixel of a float16 canvas if the engine supports it, else 4 [C3]', () => {
    const float16 = { width: 64, height: 48, context: { colorType: 'float16' } } as const;
    setCanvases({ float16: true });
    const deep = canvasPool({ capacity: 5, storage: canvasStorage(float16), maxBytes: 3 * CANVAS_BYTES });
    using _a = given(deep.tryAcquire());
    expect([deep.bytes, deep.tryAcquire()]).toEqual([2 * CANVAS_BYTES, null]);
    setCanvases({ float16: false });
    const plain = canvasPool({ storage: canvasStorage(float16) });
    using _b = given(plain.tryAcquire());
    expect(plain.bytes).toBe(CANVAS_BYTES);
  });

  test('keeps within maxBytes, idle buffers included [C3]', () => {
    const pool = canvasPool({ capacity: 5, maxBytes: 2 * CANVAS_BYTES });
    const a = given(pool.tryAcquire());
    using _b = given(pool.tryAcquire());
    expect([pool.freeCount, pool.bytes]).toEqual([3, 2 * CANVAS_BYTES]);
    expect(pool.tryAcquire()).toBeNull();
    a.release();
    expect(pool.bytes).toBe(2 * CANVAS_BYTES);
    using _again = given(pool.tryAcquire());
    expect(pool.tryAcquire()).toBeNull();
  });

  test('the most recently used buffer is lent first', ({ buffers: pool }) => {
    const [a, b] = [given(pool.tryAcquire()), given(pool.tryAcquire())];
    const last = a.canvas;
    releaseAll([b, a]);
    using next = given(pool.tryAcquire());
    expect(next.canvas).toBe(last);
  });
});

describe('a reused buffer', () => {
  test('shows nothing of its last holder [edge 11] [B: GetBuffer]', async ({ oneBuffer: pool }) => {
    const visibleRect = { x: 8, y: 0, width: 32, height: 48 };
    const frame = makeFrame({ timestamp: 5000, duration: 40, visibleRect });
    const first = await copyAndClose(pool, frame, { holder: 'before', rotation: 90 });
    expect([first.timestamp, first.duration]).toEqual([5000, 40]);
    first.context.translate(3, 3);
    const used = first.canvas;
    first.release();
    using second = given(pool.tryAcquire());
    expect(second.canvas).toBe(used);
    expect([second.timestamp, second.duration, second.holder]).toEqual([0, null, undefined]);
    expect(fakeContext(second.context).isPristine).toBe(true);
    const snapshot = second.toVideoFrame();
    expect([snapshot.timestamp, snapshot.duration, snapshot.visibleRect?.width]).toEqual([0, null, 64]);
    expect(pool.holders()).toMatchObject([{ holder: undefined, timestamp: 0 }]);
    snapshot.close();
  });
});

describe('a damaged buffer', () => {
  test.each([
    ['lost its context', (handle: Lent) => fakeContext(handle.context).lose()],
    ['was transferred', (handle: Lent) => fakeCanvas(handle.canvas).transfer()],
    ['was resized', (handle: Lent) => void (handle.canvas.width = 10)],
  ])(
    'it %s: discarded at its return, and the next waiter gets a new one [C13] [edge 7]',
    async (_how, harm) => {
      const { pool, held } = fullPool();
      const notices = listen(pool);
      const waiting = pool.acquire();
      const old = held.canvas;
      harm(held);
      held.release();
      using fresh = await waiting;
      expect(fresh.canvas).not.toBe(old);
      expect(fresh.canvas.width).toBe(64);
      expect(pool.stats()).toMatchObject({ discarded: 1, released: 1, bytes: CANVAS_BYTES });
      expect(await notices()).toEqual([{ reason: 'released', discarded: true, freeCount: 0, holders: [] }]);
    },
  );

  test('while idle: it is not lent, and counted [C13] [edge 7] [A: NotifyPrune]', () => {
    const { pool, held } = fullPool();
    const [old, context] = [held.canvas, fakeContext(held.context)];
    held.release();
    context.lose();
    using fresh = given(pool.tryAcquire());
    expect(fresh.canvas).not.toBe(old);
    expect(pool.stats()).toMatchObject({ pruned: 1, allocated: 2, reused: 0, bytes: CANVAS_BYTES });
  });
});

type Lent = Awaited<ReturnType<ReturnType<typeof canvasPool>['acquire']>>;

describe('copyFrom()', () => {
  test('copies a frame, leaves it to its caller, and the copy has its time', async ({ buffers: pool }) => {
    const frame = makeFrame({ timestamp: 40, duration: 20 });
    using copy = await pool.copyFrom(frame, { holder: 'thumbnails' });
    expect([frame.codedWidth, openFrames()]).toEqual([64, 1]);
    frame.close();
    expect([copy.timestamp, copy.duration, copy.holder]).toEqual([40, 20, 'thumbnails']);
    expect(fakeContext(copy.context).drawn).toMatchObject([{ timestamp: 40, transform: 'translate 32 24' }]);
  });

  test('of a handle keeps its share, and pins no second frame during the wait', async () => {
    const { pool, held } = fullPool();
    const frames = decodedPool();
    const source = frames.adopt(makeFrame({ timestamp: 7 }));
    const copying = source.copyTo(pool);
    expect([openFrames(), frames.lentCount, pool.waitingCount]).toEqual([1, 1, 1]);
    source.release();
    expect(frames.lentCount).toBe(1);
    held.release();
    using copy = await copying;
    expect([openFrames(), frames.lentCount, copy.timestamp]).toEqual([0, 0, 7]);
  });

  test('copies a frame that its caller closes during the wait [C13]', async ({ full: { pool, held } }) => {
    const frame = makeFrame({ timestamp: 9 });
    const copying = pool.copyFrom(frame);
    expect(openFrames()).toBe(2);
    frame.close();
    expect([openFrames(), pool.waitingCount]).toEqual([1, 1]);
    held.release();
    using copy = await copying;
    expect([copy.timestamp, openFrames()]).toEqual([9, 0]);
    expect(fakeContext(copy.context).drawn).toMatchObject([{ timestamp: 9 }]);
  });

  test('makes no clone of a frame if it draws within the call', async ({ buffers: pool }) => {
    const frame = makeFrame();
    const copying = pool.copyFrom(frame);
    expect(referencesTo(frame)).toBe(1);
    frame.close();
    using copy = await copying;
    expect(fakeContext(copy.context).drawn).toHaveLength(1);
  });

  test('leaves the frame to its caller after an abort during the wait [C4]', async ({
    full: { pool, held },
  }) => {
    const controller = new AbortController();
    const frame = makeFrame();
    const failed = rejectionOf(pool.copyFrom(frame, { signal: controller.signal }));
    controller.abort();
    expect((await failed).name).toBe('AbortError');
    expect([frame.codedWidth, openFrames(), pool.waitingCount]).toEqual([64, 1, 0]);
    frame.close();
    held.release();
  });

  test('leaves the frame to its caller if it cannot draw, and returns the buffer', async ({
    buffers: pool,
  }) => {
    const frame = makeFrame();
    setCanvases({ drawFails: true });
    expect((await rejectionOf(pool.copyFrom(frame))).name).toBe('InvalidStateError');
    expect([frame.codedWidth, openFrames(), pool.lentCount, pool.freeCount]).toEqual([64, 1, 0, 2]);
    frame.close();
  });

  test('leaves the frame to its caller if the pool is closed, before or during the wait', async () => {
    const { pool, held } = fullPool();
    const frame = makeFrame();
    const waiting = rejectionOf(pool.copyFrom(frame));
    pool.close();
    expect((await waiting).name).toBe('AbortError');
    expect((await rejectionOf(pool.copyFrom(frame))).name).toBe('InvalidStateError');
    expect([frame.codedWidth, openFrames()]).toEqual([64, 1]);
    frame.close();
    held.release();
  });

  test('of a lent frame keeps its slot during the wait, and leaves its handle as it is', async () => {
    const { pool, held } = fullPool();
    const frames = decodedPool();
    const source = frames.adopt(makeFrame({ timestamp: 7 }));
    const copying = pool.copyFrom(source.frame);
    expect([openFrames(), frames.lentCount, pool.waitingCount]).toEqual([2, 1, 1]);
    source.release();
    expect([frames.lentCount, frames.holders()]).toMatchObject([1, [{ holder: 'copyFrom()' }]]);
    held.release();
    using copy = await copying;
    expect([openFrames(), frames.lentCount, copy.timestamp]).toEqual([0, 0, 7]);
  });

  test('of a released handle, or a closed frame, takes nothing [edge 4]', async ({ buffers: pool }) => {
    const handle = decodedPool().adopt(makeFrame());
    handle.release();
    const closed = makeFrame();
    closed.close();
    for (const source of [handle, closed])
      expect((await rejectionOf(pool.copyFrom(source))).name).toBe('InvalidStateError');
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 0, waiting 0');
  });

  test('rejects wrong options before it changes anything', async ({ buffers: pool }) => {
    const frame = makeFrame();
    for (const [options, name] of [
      // Wrong values of an app without types.
      [{ fit: 'stretch' }, 'TypeError'],
      [{ rotation: 45 }, 'TypeError'],
      [{ flip: 'horizontal' }, 'TypeError'],
      [{ flip: null }, 'TypeError'],
      [{ crop: { x: 0, y: 0, width: 0, height: 1 } }, 'RangeError'],
      [{ crop: { x: 0, y: 0, width: 'a', height: 1 } }, 'TypeError'],
    ] as [object, string][])
      expect((await rejectionOf(pool.copyFrom(frame, options))).name).toBe(name);
    expect([frame.codedWidth, pool.freeCount]).toEqual([64, 2]);
    frame.close();
  });
});

describe('a snapshot', () => {
  test('belongs to the caller, and the buffer may be drawn on again at once', ({ oneBuffer: pool }) => {
    const handle = given(pool.tryAcquire());
    const own = handle.toVideoFrame({ timestamp: 99, duration: 5 });
    handle.release();
    expect([own.timestamp, own.duration, own.codedWidth, referencesTo(own)]).toEqual([99, 5, 64, 1]);
    expect(pool.freeCount).toBe(1);
    own.close();
  });
});

describe('one storage', () => {
  test('serves several pools, each with its own buffers', () => {
    const storage = canvases();
    const [a, b] = [canvasPool({ storage }), canvasPool({ storage })];
    given(a.tryAcquire()).release();
    expect([a.idleCount, b.idleCount]).toEqual([1, 0]);
  });
});
