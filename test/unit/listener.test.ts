import { describe, expect } from 'vitest';
import { given, microtasks, releaseAll } from '../support/fake-outcomes.ts';
import { canvasPool, decodedPool, listen, test } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

describe('setListener()', () => {
  test('replaces the previous one: there is at most one [C1] [A: SetCallback] [B: SetNotify]', async () => {
    const pool = decodedPool();
    const first = listen(pool);
    const second = listen(pool);
    pool.adopt(makeFrame()).release();
    expect([(await first()).length, (await second()).length]).toEqual([0, 1]);
  });

  test.each([
    ['null removes it [C1] [A: SetCallback] [B: SetNotify]', 'first'],
    ['removed between a release and its notice, it is not called [C1] [edge 2]', 'after the release'],
  ])('%s', async (_, when) => {
    const pool = decodedPool();
    const notices = listen(pool);
    if (when === 'first') pool.setListener(null);
    pool.adopt(makeFrame()).release();
    pool.setListener(null);
    expect(await notices()).toHaveLength(0);
  });

  test('is legal in every state [C1] [A: SetCallback]', async ({ frames: pool }) => {
    listen(pool);
    const handle = pool.adopt(makeFrame());
    const gone = pool.decommit();
    expect(pool.state).toBe('draining');
    const notices = listen(pool);
    handle.release();
    expect(await gone).toBe(true);
    expect(pool.state).toBe('decommitted');
    expect(await notices()).toHaveLength(1);
    listen(pool);
    pool.setListener(null);
    pool.close();
    listen(pool);
    pool.setListener(null);
    expect(pool.state).toBe('closed');
  });

  test('at delivery decides: the present listener is called, not the former one [C1] [edge 2]', async () => {
    const pool = decodedPool();
    const before = listen(pool);
    pool.adopt(makeFrame()).release();
    const after = listen(pool);
    expect([(await before()).length, (await after()).length]).toEqual([0, 1]);
  });
});

describe('a notice', () => {
  test('is never dispatched inside a call, and the slot is free before [C2] [A: NotifyRelease] [B: NotifyRelease]', async () => {
    const pool = canvasPool({ capacity: 1 });
    const seen: unknown[] = [];
    let inside = true;
    pool.setListener((notice) => {
      const handle = pool.tryAcquire();
      seen.push(inside, notice.freeCount, pool.lentCount);
      handle?.release();
      pool.setListener(null);
    });
    given(pool.tryAcquire()).release();
    inside = false;
    expect(seen).toEqual([]);
    await microtasks();
    expect(seen).toEqual([false, 1, 1]);
    expect(pool.lentCount).toBe(0);
  });

  test('is dispatched once for each returned slot, in that order [C2] [edge 3] [A: NotifyRelease]', async () => {
    const pool = decodedPool({ capacity: 3 });
    const notices = listen(pool);
    const [a, b, c] = [pool.adopt(makeFrame()), pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    releaseAll([b, a, c]);
    await microtasks();
    const released = { reason: 'released', discarded: false, holders: [] };
    expect(await notices()).toEqual([1, 2, 3].map((freeCount) => ({ ...released, freeCount })));
  });

  test('is not dispatched for a slot that is still shared [C2] [edge 3]', async ({ frames: pool }) => {
    const notices = listen(pool);
    const first = pool.adopt(makeFrame());
    const second = first.retain();
    first.release();
    expect(await notices()).toHaveLength(0);
    second.release();
    expect(await notices()).toHaveLength(1);
  });

  test('is dispatched for a released permit, and not for a filled one [C2] [edge 3]', async () => {
    const pool = decodedPool();
    const notices = listen(pool);
    given(pool.tryReserve()).release();
    const handle = given(pool.tryReserve()).adopt(makeFrame());
    expect(await notices()).toHaveLength(1);
    handle.release();
    expect(await notices()).toHaveLength(2);
  });

  test('is not dispatched by a closed pool [C7]', async ({ frames: pool }) => {
    const notices = listen(pool);
    const [early, late] = [pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    early.release();
    pool.close();
    late.release();
    expect(await notices()).toHaveLength(0);
  });
});
