import { describe, expect, test } from 'vitest';
import { openFrames } from '../support/fake-accounting.ts';
import { thrownBy } from '../support/fake-failures.ts';
import { counts, decodedPool, FRAME_BYTES, given, listen, microtasks } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

describe('tryReserve()', () => {
  test('never blocks: null when all are out [A: AllocateSample] [B: AM_GBF_NOWAIT]', () => {
    const pool = decodedPool({ capacity: 2 });
    const handle = pool.adopt(makeFrame());
    const permit = given(pool.tryReserve());
    expect(counts(pool)).toBe('free 0, lent 1, decoding 1, idle 0, waiting 0');
    expect(pool.tryReserve()).toBeNull();
    permit.release();
    expect(counts(pool)).toBe('free 1, lent 1, decoding 0, idle 0, waiting 0');
    handle.release();
    void pool.decommit();
    expect(thrownBy(() => pool.tryReserve()).name).toBe('InvalidStateError');
  });
});

describe('the cap', () => {
  test('capacity is free and lent and decoding, at every moment [C3]', () => {
    const pool = decodedPool({ capacity: 3 });
    const sum = (): number => pool.freeCount + pool.lentCount + pool.decodingCount;
    expect(sum()).toBe(3);
    const permit = given(pool.tryReserve());
    expect([sum(), pool.decodingCount]).toEqual([3, 1]);
    const first = permit.adopt(makeFrame());
    expect([sum(), pool.decodingCount, pool.lentCount]).toEqual([3, 0, 1]);
    const second = first.retain();
    expect([sum(), pool.lentCount]).toEqual([3, 1]);
    first.release();
    second.release();
    expect([sum(), pool.freeCount]).toEqual([3, 3]);
  });

  test('a frame without room is refused by name of who holds the slots, and closed [C3]', () => {
    const pool = decodedPool({ capacity: 1, name: 'player' });
    const heard = listen(pool);
    const handle = pool.adopt(makeFrame(), { holder: 'renderer' });
    const frame = makeFrame();
    const { name, message } = thrownBy(() => pool.adopt(frame));
    expect(name).toBe('QuotaExceededError');
    expect(message).toMatch(/player.*renderer/u);
    expect([frame.codedWidth, openFrames(), pool.stats().refused]).toEqual([0, 1, 1]);
    expect(heard).toHaveLength(0);
    handle.release();
  });

  test('adopt() does not pass those who wait [C4]', async () => {
    const pool = decodedPool({ capacity: 1 });
    const held = given(pool.tryReserve());
    const waiting = pool.reserve();
    expect(thrownBy(() => pool.adopt(makeFrame())).name).toBe('QuotaExceededError');
    held.release();
    const permit = await waiting;
    expect(counts(pool)).toBe('free 0, lent 0, decoding 1, idle 0, waiting 0');
    permit.release();
  });

  test('adopt() does not pass one who waits for bytes either, though the frame would fit [C4]', async () => {
    const small = { codedWidth: 8, codedHeight: 8 };
    const pool = decodedPool({ capacity: 4, maxBytes: 3 * FRAME_BYTES - 1 });
    const out = [pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    const waiting = pool.reserve();
    expect(counts(pool)).toBe('free 2, lent 2, decoding 0, idle 0, waiting 1');
    expect(thrownBy(() => pool.adopt(makeFrame(small))).name).toBe('QuotaExceededError');
    for (const handle of out) handle.release();
    (await waiting).release();
    pool.adopt(makeFrame(small)).release();
  });

  test('a frame does not take the bytes that a permit was promised [C3]', () => {
    const pool = decodedPool({ capacity: 4, maxBytes: 2 * FRAME_BYTES });
    pool.adopt(makeFrame()).release();
    const permit = given(pool.tryReserve());
    const first = pool.adopt(makeFrame());
    expect(thrownBy(() => pool.adopt(makeFrame())).name).toBe('QuotaExceededError');
    permit.adopt(makeFrame()).release();
    first.release();
  });

  test('maxBytes holds for frames as well: one that does not fit is refused and closed [C3]', () => {
    const pool = decodedPool({ capacity: 8, maxBytes: 2 * FRAME_BYTES });
    const [a, b] = [pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    expect(pool.bytes).toBe(2 * FRAME_BYTES);
    expect(thrownBy(() => pool.adopt(makeFrame())).name).toBe('QuotaExceededError');
    expect([pool.bytes, pool.lentCount, openFrames()]).toEqual([2 * FRAME_BYTES, 2, 2]);
    expect(pool.tryReserve()).toBeNull();
    a.release();
    const permit = given(pool.tryReserve());
    expect(pool.tryReserve()).toBeNull();
    permit.release();
    b.release();
    expect(pool.bytes).toBe(0);
  });

  test('under maxBytes the size of the first frame tells how many permits may follow [C3]', async () => {
    const pool = decodedPool({ capacity: 8, maxBytes: 3 * FRAME_BYTES });
    const first = given(pool.tryReserve());
    const waits = [pool.reserve(), pool.reserve(), pool.reserve()];
    expect(counts(pool)).toBe('free 7, lent 0, decoding 1, idle 0, waiting 3');
    const handle = first.adopt(makeFrame());
    expect(counts(pool)).toBe('free 5, lent 1, decoding 2, idle 0, waiting 1');
    handle.release();
    expect(pool.waitingCount).toBe(0);
    for (const wait of waits) (await wait).release();
    expect(counts(pool)).toBe('free 8, lent 0, decoding 0, idle 0, waiting 0');
  });

  test('a frame larger than its permit was thought is refused, and the permit comes back [C3]', async () => {
    const pool = decodedPool({ capacity: 2, maxBytes: FRAME_BYTES });
    const heard = listen(pool);
    const permit = given(pool.tryReserve());
    const large = makeFrame({ codedWidth: 640, codedHeight: 480 });
    expect(thrownBy(() => permit.adopt(large)).name).toBe('QuotaExceededError');
    expect([large.codedWidth, permit.released, pool.decodingCount]).toEqual([0, true, 0]);
    await microtasks();
    expect(heard).toHaveLength(1);
  });
});

describe('a permit', () => {
  test('is spent once: a second adopt() closes the frame [edge 4]', () => {
    const pool = decodedPool();
    const permit = given(pool.tryReserve());
    const handle = permit.adopt(makeFrame(), { holder: 'renderer' });
    expect([permit.released, handle.holder]).toEqual([true, 'renderer']);
    const frame = makeFrame();
    expect(thrownBy(() => permit.adopt(frame)).name).toBe('InvalidStateError');
    permit.release();
    expect([frame.codedWidth, pool.lentCount]).toEqual([0, 1]);
    handle.release();
  });

  test('given back twice gives back once', () => {
    const pool = decodedPool();
    const [a, b] = [given(pool.tryReserve()), given(pool.tryReserve())];
    a.release();
    a[Symbol.dispose]();
    expect(pool.decodingCount).toBe(1);
    b.release();
  });

  test('given back again, when its slot serves another already, changes nothing [edge 4]', () => {
    const pool = decodedPool({ capacity: 1 });
    const first = given(pool.tryReserve());
    first.release();
    const second = given(pool.tryReserve());
    first.release();
    expect([pool.decodingCount, first.released, second.released]).toEqual([1, true, false]);
    second.release();
    expect(pool.freeCount).toBe(1);
  });

  test('refuses what is no frame, and stays', () => {
    const permit = given(decodedPool().tryReserve());
    // What an app without types might do.
    expect(thrownBy(() => permit.adopt({} as VideoFrame)).name).toBe('TypeError');
    const closed = makeFrame();
    closed.close();
    expect(thrownBy(() => permit.adopt(closed)).name).toBe('InvalidStateError');
    expect(permit.released).toBe(false);
    permit.release();
  });
});
