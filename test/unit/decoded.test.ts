import { describe, expect } from 'vitest';
import { given, releaseAll, thrownBy } from '../support/fake-outcomes.ts';
import { counts, decodedPool, listen, test } from '../support/fake-pools.ts';
import { FRAME_BYTES, makeFrame, openFrames } from '../support/fake-video-frame.ts';

describe('tryReserve()', () => {
  test('never blocks: null when all slots are lent [A: AllocateSample] [B: AM_GBF_NOWAIT]', ({
    frames: pool,
  }) => {
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
  test('capacity is the sum of free, lent and decoding slots, at every moment [C3]', () => {
    const pool = decodedPool({ capacity: 3 });
    const shown = (): number[] => {
      const { freeCount, lentCount, decodingCount } = pool;
      expect(freeCount + lentCount + decodingCount).toBe(3);
      return [freeCount, lentCount, decodingCount];
    };
    expect(shown()).toEqual([3, 0, 0]);
    const permit = given(pool.tryReserve());
    expect(shown()).toEqual([2, 0, 1]);
    const first = permit.adopt(makeFrame());
    expect(shown()).toEqual([2, 1, 0]);
    const second = first.retain();
    expect(shown()).toEqual([2, 1, 0]);
    releaseAll([first, second]);
    expect(shown()).toEqual([3, 0, 0]);
  });

  test('a frame without room is rejected with the names of the holders, and closed [C3]', async () => {
    const pool = decodedPool({ capacity: 1, name: 'player' });
    const notices = listen(pool);
    using _held = pool.adopt(makeFrame(), { holder: 'renderer' });
    const frame = makeFrame();
    const refusal = thrownBy(() => pool.adopt(frame));
    expect(String(refusal)).toMatch(/^QuotaExceededError: .*player.*renderer/u);
    expect([frame.codedWidth, openFrames(), pool.stats().refused]).toEqual([0, 1, 1]);
    expect(await notices()).toHaveLength(0);
  });

  test('adopt() does not overtake waiters [C4]', async ({ oneFrame: pool }) => {
    const held = given(pool.tryReserve());
    const waiting = pool.reserve();
    expect(thrownBy(() => pool.adopt(makeFrame())).name).toBe('QuotaExceededError');
    held.release();
    using _permit = await waiting;
    expect(counts(pool)).toBe('free 0, lent 0, decoding 1, idle 0, waiting 0');
  });

  test('adopt() does not overtake a waiter for bytes, even if the frame would fit [C4]', async () => {
    const small = { codedWidth: 8, codedHeight: 8 };
    const pool = decodedPool({ capacity: 4, maxBytes: 3 * FRAME_BYTES - 1 });
    const out = [pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    const waiting = pool.reserve();
    expect(counts(pool)).toBe('free 2, lent 2, decoding 0, idle 0, waiting 1');
    expect(thrownBy(() => pool.adopt(makeFrame(small))).name).toBe('QuotaExceededError');
    releaseAll(out);
    (await waiting).release();
    pool.adopt(makeFrame(small)).release();
  });

  test('a frame does not take the bytes that a permit was promised [C3]', () => {
    const pool = decodedPool({ capacity: 4, maxBytes: 2 * FRAME_BYTES });
    pool.adopt(makeFrame()).release();
    const permit = given(pool.tryReserve());
    using _first = pool.adopt(makeFrame());
    expect(thrownBy(() => pool.adopt(makeFrame())).name).toBe('QuotaExceededError');
    permit.adopt(makeFrame()).release();
  });

  test('maxBytes applies to frames as well: one that does not fit is rejected and closed [C3]', () => {
    const pool = decodedPool({ capacity: 8, maxBytes: 2 * FRAME_BYTES });
    const [a, b] = [pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    expect(pool.bytes).toBe(2 * FRAME_BYTES);
    expect(thrownBy(() => pool.adopt(makeFrame())).name).toBe('QuotaExceededError');
    expect([pool.bytes, pool.lentCount, openFrames()]).toEqual([2 * FRAME_BYTES, 2, 2]);
    expect(pool.tryReserve()).toBeNull();
    a.release();
    const permit = given(pool.tryReserve());
    expect(pool.tryReserve()).toBeNull();
    releaseAll([permit, b]);
    expect(pool.bytes).toBe(0);
  });

  test('under maxBytes the size of the first frame limits the permits that follow [C3]', async () => {
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

  test('a frame larger than its permit’s estimate is rejected, and the permit returns [C3]', async () => {
    const pool = decodedPool({ capacity: 2, maxBytes: FRAME_BYTES });
    const notices = listen(pool);
    const permit = given(pool.tryReserve());
    const large = makeFrame({ codedWidth: 640, codedHeight: 480 });
    expect(thrownBy(() => permit.adopt(large)).name).toBe('QuotaExceededError');
    expect([large.codedWidth, permit.released, pool.decodingCount]).toEqual([0, true, 0]);
    expect(await notices()).toHaveLength(1);
  });
});

describe('a permit', () => {
  test('is spent once: a second adopt() closes the frame [edge 4]', ({ frames: pool }) => {
    const permit = given(pool.tryReserve());
    using handle = permit.adopt(makeFrame(), { holder: 'renderer' });
    expect([permit.released, handle.holder]).toEqual([true, 'renderer']);
    const frame = makeFrame();
    expect(thrownBy(() => permit.adopt(frame)).name).toBe('InvalidStateError');
    permit.release();
    expect([frame.codedWidth, pool.lentCount]).toEqual([0, 1]);
  });

  test('released twice returns its slot once', ({ frames: pool }) => {
    const a = given(pool.tryReserve());
    using _b = given(pool.tryReserve());
    a.release();
    a[Symbol.dispose]();
    expect(pool.decodingCount).toBe(1);
  });

  test('released again, when its slot already serves another caller, changes nothing [edge 4]', () => {
    const pool = decodedPool({ capacity: 1 });
    const first = given(pool.tryReserve());
    first.release();
    const second = given(pool.tryReserve());
    first.release();
    expect([pool.decodingCount, first.released, second.released]).toEqual([1, true, false]);
    second.release();
    expect(pool.freeCount).toBe(1);
  });

  test('rejects an argument that is no frame, and stays valid', () => {
    using permit = given(decodedPool().tryReserve());
    // Calls that an app without types might make.
    expect(thrownBy(() => permit.adopt({} as VideoFrame)).name).toBe('TypeError');
    const closed = makeFrame();
    closed.close();
    expect(thrownBy(() => permit.adopt(closed)).name).toBe('InvalidStateError');
    expect(permit.released).toBe(false);
  });
});
