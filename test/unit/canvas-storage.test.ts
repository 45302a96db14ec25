import { describe, expect, test } from 'vitest';
import { fakeCanvas, fakeContext, canvasesMade, setCanvases } from '../support/fake-canvas.ts';
import { rejectionOf, thrownBy } from '../support/fake-failures.ts';
import {
  CANVAS_BYTES,
  canvases,
  canvasPool,
  counts,
  decodedPool,
  given,
  listen,
  microtasks,
} from '../support/fake-pools.ts';
import { makeFrame, referencesTo } from '../support/fake-video-frame.ts';
import { openFrames } from '../support/fake-accounting.ts';

describe('tryAcquire()', () => {
  test('never blocks: null when all are out [A: AllocateSample] [B: AM_GBF_NOWAIT]', () => {
    const pool = canvasPool({ capacity: 2 });
    const [a, b] = [given(pool.tryAcquire()), given(pool.tryAcquire())];
    expect(pool.tryAcquire()).toBeNull();
    expect(counts(pool)).toBe('free 0, lent 2, decoding 0, idle 0, waiting 0');
    a.release();
    const c = given(pool.tryAcquire());
    expect(pool.tryAcquire()).toBeNull();
    b.release();
    c.release();
  });

  test('makes buffers on demand, up to the capacity, after those that are there from the start [A: InitializeSampleAllocatorEx]', () => {
    const pool = canvasPool({ capacity: 3, initial: 1 });
    expect([canvasesMade(), pool.idleCount, pool.freeCount]).toEqual([1, 1, 3]);
    const handles = [0, 1, 2].map(() => given(pool.tryAcquire()));
    expect([canvasesMade(), pool.idleCount, pool.freeCount]).toEqual([3, 0, 0]);
    expect(pool.tryAcquire()).toBeNull();
    for (const handle of handles) handle.release();
    given(pool.tryAcquire()).release();
    expect(canvasesMade()).toBe(3);
    expect(pool.stats()).toMatchObject({ allocated: 3, lent: 4, peakLentCount: 3 });
  });

  test('free and idle are counted apart [A: GetFreeSampleCount] [B: GetFreeCount]', () => {
    const pool = canvasPool({ capacity: 4, initial: 1 });
    expect([pool.freeCount, pool.idleCount]).toEqual([4, 1]);
    const [a, b] = [given(pool.tryAcquire()), given(pool.tryAcquire())];
    expect([pool.freeCount, pool.idleCount]).toEqual([2, 0]);
    a.release();
    b.release();
    expect([pool.freeCount, pool.idleCount]).toEqual([4, 2]);
    pool.trim();
    expect([pool.freeCount, pool.idleCount, pool.bytes]).toEqual([4, 0, 0]);
  });

  test('when the engine has no room throws, and takes nothing [A: AllocateSample]', async () => {
    const pool = canvasPool();
    setCanvases({ room: 0 });
    expect(thrownBy(() => pool.tryAcquire()).name).toBe('QuotaExceededError');
    expect((await rejectionOf(pool.acquire())).name).toBe('QuotaExceededError');
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 0, waiting 0');
    setCanvases({ room: 1, contexts: false });
    expect(thrownBy(() => pool.tryAcquire()).name).toBe('NotSupportedError');
    expect([pool.freeCount, pool.bytes]).toEqual([2, 0]);
  });

  test('keeps within maxBytes, idle buffers included [C3]', () => {
    const pool = canvasPool({ capacity: 5, maxBytes: 2 * CANVAS_BYTES });
    const [a, b] = [given(pool.tryAcquire()), given(pool.tryAcquire())];
    expect([pool.freeCount, pool.bytes]).toEqual([3, 2 * CANVAS_BYTES]);
    expect(pool.tryAcquire()).toBeNull();
    a.release();
    expect(pool.bytes).toBe(2 * CANVAS_BYTES);
    const again = given(pool.tryAcquire());
    expect(pool.tryAcquire()).toBeNull();
    again.release();
    b.release();
  });

  test('the most recently used buffer goes first', () => {
    const pool = canvasPool();
    const [a, b] = [given(pool.tryAcquire()), given(pool.tryAcquire())];
    const last = a.canvas;
    b.release();
    a.release();
    const next = given(pool.tryAcquire());
    expect(next.canvas).toBe(last);
    next.release();
  });
});

describe('a reused buffer', () => {
  test('shows nothing of its last holder [edge 11] [B: GetBuffer]', async () => {
    const pool = canvasPool({ capacity: 1 });
    const frame = makeFrame({
      timestamp: 5000,
      duration: 40,
      visibleRect: { x: 8, y: 0, width: 32, height: 48 },
    });
    const first = await pool.capture(frame, { holder: 'before', rotation: 90 });
    expect([first.timestamp, first.duration]).toEqual([5000, 40]);
    first.context.translate(3, 3);
    const used = first.canvas;
    first.release();
    const second = given(pool.tryAcquire());
    expect(second.canvas).toBe(used);
    expect([second.timestamp, second.duration, second.holder]).toEqual([0, null, undefined]);
    expect(fakeContext(second.context).isPristine).toBe(true);
    const snapshot = second.toVideoFrame();
    expect([snapshot.timestamp, snapshot.duration, snapshot.visibleRect?.width]).toEqual([0, null, 64]);
    expect(pool.holders()).toMatchObject([{ holder: undefined, timestamp: 0 }]);
    snapshot.close();
    second.release();
  });
});

describe('a buffer that came to harm', () => {
  test.each([
    ['lost its context', (handle: Lent) => fakeContext(handle.context).lose()],
    ['was transferred', (handle: Lent) => fakeCanvas(handle.canvas).transfer()],
    ['was resized', (handle: Lent) => void (handle.canvas.width = 10)],
  ])('it %s: discarded at return, and who waits gets a new one [C13] [edge 7]', async (_how, harm) => {
    const pool = canvasPool({ capacity: 1 });
    const heard = listen(pool);
    const handle = given(pool.tryAcquire());
    const waiting = pool.acquire();
    const old = handle.canvas;
    harm(handle);
    handle.release();
    const fresh = await waiting;
    expect(fresh.canvas).not.toBe(old);
    expect(fresh.canvas.width).toBe(64);
    expect(pool.stats()).toMatchObject({ discarded: 1, released: 1, bytes: CANVAS_BYTES });
    await microtasks();
    expect(heard).toEqual([{ reason: 'released', discarded: true, freeCount: 0, holders: [] }]);
    fresh.release();
  });

  test('while idle: it is not lent, and counted [C13] [edge 7] [A: NotifyPrune]', () => {
    const pool = canvasPool({ capacity: 1 });
    const handle = given(pool.tryAcquire());
    const [old, context] = [handle.canvas, fakeContext(handle.context)];
    handle.release();
    context.lose();
    const fresh = given(pool.tryAcquire());
    expect(fresh.canvas).not.toBe(old);
    expect(pool.stats()).toMatchObject({ pruned: 1, allocated: 2, reused: 0, bytes: CANVAS_BYTES });
    fresh.release();
  });
});

type Lent = Awaited<ReturnType<ReturnType<typeof canvasPool>['acquire']>>;

describe('capture()', () => {
  test('copies a frame, closes it, and the copy carries its time', async () => {
    const pool = canvasPool();
    const frame = makeFrame({ timestamp: 40, duration: 20 });
    const copy = await pool.capture(frame, { holder: 'thumbnails' });
    expect([frame.codedWidth, openFrames()]).toEqual([0, 0]);
    expect([copy.timestamp, copy.duration, copy.holder]).toEqual([40, 20, 'thumbnails']);
    expect(fakeContext(copy.context).drawn).toMatchObject([{ timestamp: 40, transform: 'translate 32 24' }]);
    copy.release();
  });

  test('of a handle keeps its share, and pins no second frame while it waits', async () => {
    const pool = canvasPool({ capacity: 1 });
    const frames = decodedPool();
    const held = given(pool.tryAcquire());
    const source = frames.adopt(makeFrame({ timestamp: 7 }));
    const copying = source.copyTo(pool);
    expect([openFrames(), frames.lentCount, pool.waitingCount]).toEqual([1, 1, 1]);
    source.release();
    expect(frames.lentCount).toBe(1);
    held.release();
    const copy = await copying;
    expect([openFrames(), frames.lentCount, copy.timestamp]).toEqual([0, 0, 7]);
    copy.release();
  });

  test('while waiting, aborted: the frame is closed all the same [C4]', async () => {
    const pool = canvasPool({ capacity: 1 });
    const held = given(pool.tryAcquire());
    const controller = new AbortController();
    const frame = makeFrame();
    const failed = rejectionOf(pool.capture(frame, { signal: controller.signal }));
    controller.abort();
    expect((await failed).name).toBe('AbortError');
    expect([frame.codedWidth, pool.waitingCount]).toEqual([0, 0]);
    held.release();
  });

  test('that cannot draw closes the frame and gives the buffer back', async () => {
    const pool = canvasPool();
    const frame = makeFrame();
    setCanvases({ drawFails: true });
    expect((await rejectionOf(pool.capture(frame))).name).toBe('InvalidStateError');
    expect([frame.codedWidth, pool.lentCount, pool.freeCount]).toEqual([0, 0, 2]);
  });

  test('of a released handle, or a closed frame, takes nothing [edge 4]', async () => {
    const pool = canvasPool();
    const frames = decodedPool();
    const handle = frames.adopt(makeFrame());
    handle.release();
    expect((await rejectionOf(pool.capture(handle))).name).toBe('InvalidStateError');
    const closed = makeFrame();
    closed.close();
    expect((await rejectionOf(pool.capture(closed))).name).toBe('InvalidStateError');
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 0, waiting 0');
  });

  test('refuses wrong options before it touches anything', async () => {
    const pool = canvasPool();
    const frame = makeFrame();
    // What an app without types might do.
    const wrong = (options: object): Promise<unknown> => rejectionOf(pool.capture(frame, options));
    expect(await wrong({ fit: 'stretch' })).toMatchObject({ name: 'TypeError' });
    expect(await wrong({ rotation: 45 })).toMatchObject({ name: 'TypeError' });
    expect(await wrong({ crop: { x: 0, y: 0, width: 0, height: 1 } })).toMatchObject({ name: 'RangeError' });
    expect(await wrong({ crop: { x: 0, y: 0, width: 'a', height: 1 } })).toMatchObject({ name: 'TypeError' });
    expect([frame.codedWidth, pool.freeCount]).toEqual([64, 2]);
    frame.close();
  });
});

describe('a snapshot', () => {
  test('belongs to the caller, and the buffer may be drawn on again at once', () => {
    const pool = canvasPool({ capacity: 1 });
    const handle = given(pool.tryAcquire());
    const own = handle.toVideoFrame({ timestamp: 99, duration: 5 });
    handle.release();
    expect([own.timestamp, own.duration, own.codedWidth, referencesTo(own)]).toEqual([99, 5, 64, 1]);
    expect(pool.freeCount).toBe(1);
    own.close();
  });
});

describe('one storage', () => {
  test('serves several pools, each with buffers of its own', () => {
    const storage = canvases();
    const [a, b] = [canvasPool({ storage }), canvasPool({ storage })];
    given(a.tryAcquire()).release();
    expect([a.idleCount, b.idleCount]).toEqual([1, 0]);
  });
});
