import { describe, expect } from 'vitest';
import { CANVAS_BYTES, canvasesMade, canvasesOpen, setCanvases } from '../support/fake-canvas.ts';
import { acquired, given, releaseAll, thrownBy } from '../support/fake-outcomes.ts';
import { canvases, canvasPool, counts, decodedPool, fullPool, listen, test } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

describe('configure() of the capacity', () => {
  test('growing serves waiters, and keeps idle buffers [edge 9] [B: SetProperties]', async () => {
    const { pool, held } = fullPool();
    const waits = [pool.acquire(), pool.acquire(), pool.acquire()];
    expect(pool.configure({ capacity: 3 }).capacity).toBe(3);
    expect(counts(pool)).toBe('free 0, lent 3, decoding 0, idle 0, waiting 1');
    held.release();
    for (const wait of waits) (await wait).release();
    expect(counts(pool)).toBe('free 3, lent 0, decoding 0, idle 3, waiting 0');
    pool.configure({ capacity: 5 });
    expect(counts(pool)).toBe('free 5, lent 0, decoding 0, idle 3, waiting 0');
  });

  test('shrinking below the lent count takes effect as slots return [edge 9] [C3] [B: SetProperties]', () => {
    const pool = decodedPool({ capacity: 4 });
    const [a, b, c] = [pool.adopt(makeFrame()), pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    expect(pool.configure({ capacity: 1 })).toMatchObject({ capacity: 3 });
    expect(counts(pool)).toBe('free 0, lent 3, decoding 0, idle 0, waiting 0');
    a.release();
    expect([pool.capacity, pool.freeCount, pool.lentCount]).toEqual([2, 0, 2]);
    b.release();
    expect([pool.capacity, pool.freeCount, pool.lentCount]).toEqual([1, 0, 1]);
    expect(pool.tryReserve()).toBeNull();
    c.release();
    expect([pool.capacity, pool.freeCount, pool.lentCount]).toEqual([1, 1, 0]);
  });

  test('shrinking frees the excess idle buffers [edge 9]', () => {
    const pool = canvasPool({ capacity: 4, initial: 4 });
    pool.configure({ capacity: 2 });
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 2, waiting 0');
    expect([pool.stats().pruned, pool.bytes]).toEqual([2, 2 * CANVAS_BYTES]);
  });

  test('a returned buffer is not kept while a shrunken pool is over its capacity [edge 9] [C3]', () => {
    const pool = canvasPool({ capacity: 3 });
    const [first, ...others] = acquired(pool, 3);
    pool.configure({ capacity: 1 });
    first?.release();
    expect(counts(pool)).toBe('free 0, lent 2, decoding 0, idle 0, waiting 0');
    expect([pool.bytes, pool.stats().discarded]).toEqual([2 * CANVAS_BYTES, 1]);
    releaseAll(others);
    expect(counts(pool)).toBe('free 1, lent 0, decoding 0, idle 1, waiting 0');
  });

  test('shrinking and growing before a return leaves the last capacity [edge 9]', () => {
    const pool = decodedPool({ capacity: 3 });
    const handles = [0, 1, 2].map(() => pool.adopt(makeFrame()));
    pool.configure({ capacity: 1 });
    pool.configure({ capacity: 2 });
    expect(pool.capacity).toBe(3);
    releaseAll(handles);
    expect([pool.capacity, pool.freeCount]).toEqual([2, 2]);
  });
});

describe('configure() of the storage', () => {
  test('starts a generation: handles stay valid, and returned buffers are destroyed [C8] [A: InitializeSampleAllocator] [A: NotifyPrune]', async () => {
    const pool = canvasPool();
    const notices = listen(pool);
    const held = given(pool.tryAcquire());
    given(pool.tryAcquire()).release();
    expect(counts(pool)).toBe('free 1, lent 1, decoding 0, idle 1, waiting 0');
    const made = pool.configure({ capacity: 4, storage: canvases(32, 24) });
    const settings = { capacity: 4, idleCount: 0, maxBytes: Infinity, bufferBytes: 32 * 24 * 4 };
    expect(made).toEqual({ ...settings, generation: 1 });
    expect(counts(pool)).toBe('free 3, lent 1, decoding 0, idle 0, waiting 0');
    expect(held.canvas.width).toBe(64);
    held.release();
    expect(counts(pool)).toBe('free 4, lent 0, decoding 0, idle 0, waiting 0');
    expect((await notices()).map(({ discarded }) => discarded)).toEqual([false, true]);
    expect(pool.stats()).toMatchObject({ discarded: 1, pruned: 1, bytes: 0 });
    using fresh = given(pool.tryAcquire());
    expect(fresh.canvas.width).toBe(32);
  });

  test('there and back with both generations lent: no old buffer is lent, the cap holds [C8] [C3] [edge 6]', () => {
    const pool = canvasPool();
    const first = given(pool.tryAcquire());
    pool.configure({ storage: canvases(32, 24) });
    const second = given(pool.tryAcquire());
    pool.configure({ storage: canvases() });
    expect(counts(pool)).toBe('free 0, lent 2, decoding 0, idle 0, waiting 0');
    expect(pool.tryAcquire()).toBeNull();
    const old = first.canvas;
    first.release();
    expect(counts(pool)).toBe('free 1, lent 1, decoding 0, idle 0, waiting 0');
    const third = given(pool.tryAcquire());
    expect(third.canvas).not.toBe(old);
    expect([third.canvas.width, second.canvas.width]).toEqual([64, 32]);
    expect(pool.tryAcquire()).toBeNull();
    releaseAll([second, third]);
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 1, waiting 0');
    expect(pool.stats().discarded).toBe(2);
  });

  test('after decommit(): lent buffers never enter the later pool [A: UninitializeSampleAllocator] [C8]', () => {
    const { pool, held } = fullPool();
    void pool.decommit();
    pool.configure({ storage: canvases(), capacity: 2 });
    pool.commit();
    const old = held.canvas;
    held.release();
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 0, waiting 0');
    using fresh = given(pool.tryAcquire());
    expect(fresh.canvas).not.toBe(old);
  });

  test('serves waiters from the new generation, within the cap [C8]', async () => {
    const { pool, held } = fullPool();
    const waiting = pool.acquire();
    pool.configure({ storage: canvases(32, 24) });
    expect(pool.waitingCount).toBe(1);
    held.release();
    using handle = await waiting;
    expect(handle.canvas.width).toBe(32);
  });
});

describe('a configuration that is rejected', () => {
  test('changes nothing [C8] [A: InitializeSampleAllocator] [B: SetProperties]', () => {
    const pool = canvasPool({ capacity: 2, initial: 1, maxBytes: 10 * CANVAS_BYTES });
    const before = pool.stats();
    for (const options of [
      { capacity: 0 },
      { capacity: 2.5 },
      { capacity: 9, initial: 10 },
      { capacity: 9, maxBytes: 1 },
      { capacity: 9, maxBytes: -1 },
      { capacity: 9, storage: canvases(640, 480) },
    ])
      expect(thrownBy(() => pool.configure(options)).name).toBe('RangeError');
    expect(pool.stats()).toEqual(before);
  });

  test('if the engine has no memory for the buffers: all or nothing [C8] [B: Commit]', () => {
    const pool = canvasPool({ capacity: 4, initial: 2 });
    const held = given(pool.tryAcquire());
    const before = pool.stats();
    setCanvases({ room: 1 });
    const refused = { capacity: 8, initial: 3, storage: canvases(32, 24) };
    expect(thrownBy(() => pool.configure(refused)).name).toBe('QuotaExceededError');
    expect(pool.stats()).toEqual(before);
    // The one buffer that could be made was freed.
    expect([canvasesMade(), canvasesOpen()]).toEqual([3, 2]);
    expect(held.canvas.width).toBe(64);
    held.release();
    expect(pool.idleCount).toBe(2);
  });

  test('commit() that cannot allocate leaves the pool decommitted [B: Commit]', async () => {
    const pool = canvasPool({ capacity: 3, initial: 3 });
    await pool.decommit();
    setCanvases({ room: 2 });
    expect(thrownBy(() => pool.commit()).name).toBe('QuotaExceededError');
    expect([pool.state, pool.idleCount, pool.bytes]).toEqual(['decommitted', 0, 0]);
    setCanvases({ room: 3 });
    pool.commit();
    expect([pool.state, pool.idleCount]).toEqual(['active', 3]);
  });

  test('a storage of another kind is invalid', ({ frames: pool }) => {
    // Calls that an app without types might make.
    const options = { storage: canvases() } as unknown as { capacity: number };
    expect(thrownBy(() => pool.configure(options)).name).toBe('TypeError');
    expect(pool.stats().generation).toBe(0);
  });
});

describe('configure() returns the effective settings', () => {
  test('while decommitted it records them, and commit() allocates [B: SetProperties]', async () => {
    const pool = canvasPool({ capacity: 1 });
    await pool.decommit();
    const made = canvasesMade();
    const effective = pool.configure({ capacity: 3, initial: 2, storage: canvases(32, 24) });
    expect(effective).toMatchObject({ capacity: 3, idleCount: 0, generation: 1 });
    expect(canvasesMade()).toBe(made);
    pool.commit();
    expect([canvasesMade(), pool.idleCount, pool.freeCount]).toEqual([made + 2, 2, 3]);
  });

  test('settings() shows the configuration in effect [B: GetProperties]', () => {
    const pool = canvasPool({ capacity: 2, maxBytes: 100_000 });
    pool.configure({ capacity: 5 });
    expect(pool.stats()).toMatchObject({ capacity: 5, maxBytes: 100_000, generation: 0, state: 'active' });
    expect(pool.configure({})).toMatchObject({ capacity: 5, maxBytes: 100_000, bufferBytes: CANVAS_BYTES });
    expect(decodedPool().configure({}).bufferBytes).toBeNull();
  });

  test('an omitted or undefined setting stays', () => {
    const pool = canvasPool({ capacity: 2, initial: 2, maxBytes: 10 * CANVAS_BYTES });
    const effective = pool.configure({ capacity: undefined, initial: undefined, maxBytes: undefined });
    expect(effective).toMatchObject({ capacity: 2, maxBytes: 10 * CANVAS_BYTES });
  });
});
