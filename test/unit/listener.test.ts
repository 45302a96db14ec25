import { describe, expect, test, vi } from 'vitest';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { rejectionOf } from '../support/fake-failures.ts';
import { canvasPool, decodedPool, given, listen, microtasks } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

describe('setListener()', () => {
  test('replaces the one before: there is at most one [C1] [A: SetCallback] [B: SetNotify]', async () => {
    const pool = decodedPool();
    const first = listen(pool);
    const second = listen(pool);
    pool.adopt(makeFrame()).release();
    await microtasks();
    expect([first.length, second.length]).toEqual([0, 1]);
  });

  test('null removes it [C1] [A: SetCallback] [B: SetNotify]', async () => {
    const pool = decodedPool();
    const heard = listen(pool);
    pool.setListener(null);
    pool.adopt(makeFrame()).release();
    await microtasks();
    expect(heard).toHaveLength(0);
  });

  test('is legal in every state [C1] [A: SetCallback]', async () => {
    const pool = decodedPool();
    listen(pool);
    const handle = pool.adopt(makeFrame());
    const gone = pool.decommit();
    expect(pool.state).toBe('draining');
    const heard = listen(pool);
    handle.release();
    expect(await gone).toBe(true);
    expect(pool.state).toBe('decommitted');
    expect(heard).toHaveLength(1);
    listen(pool);
    pool.setListener(null);
    pool.close();
    listen(pool);
    pool.setListener(null);
    expect(pool.state).toBe('closed');
  });

  test('who is registered at delivery is called, not who was there at the release [C1] [edge 2]', async () => {
    const pool = decodedPool();
    const before = listen(pool);
    pool.adopt(makeFrame()).release();
    const after = listen(pool);
    await microtasks();
    expect([before.length, after.length]).toEqual([0, 1]);
  });

  test('removed between a release and its notice, it hears nothing [C1] [edge 2]', async () => {
    const pool = decodedPool();
    const heard = listen(pool);
    pool.adopt(makeFrame()).release();
    pool.setListener(null);
    await microtasks();
    expect(heard).toHaveLength(0);
  });
});

describe('a notice', () => {
  test('never comes inside a call, and the slot is free before [C2] [A: NotifyRelease] [B: NotifyRelease]', async () => {
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

  test('comes once for each slot that came back, in that order [C2] [edge 3] [A: NotifyRelease]', async () => {
    const pool = decodedPool({ capacity: 3 });
    const heard = listen(pool);
    const [a, b, c] = [0, 1, 2].map((timestamp) => pool.adopt(makeFrame({ timestamp })));
    b?.release();
    a?.release();
    c?.release();
    await microtasks();
    expect(heard.map(({ freeCount }) => freeCount)).toEqual([1, 2, 3]);
    const released = { reason: 'released', discarded: false, holders: [] };
    expect(heard).toEqual([1, 2, 3].map((freeCount) => ({ ...released, freeCount })));
  });

  test('does not come for a slot that is still shared [C2] [edge 3]', async () => {
    const pool = decodedPool();
    const heard = listen(pool);
    const first = pool.adopt(makeFrame());
    const second = first.retain();
    first.release();
    await microtasks();
    expect(heard).toHaveLength(0);
    second.release();
    await microtasks();
    expect(heard).toHaveLength(1);
  });

  test('comes for a permit that is given back, and not for one that became a frame [C2] [edge 3]', async () => {
    const pool = decodedPool();
    const heard = listen(pool);
    given(pool.tryReserve()).release();
    const handle = given(pool.tryReserve()).adopt(makeFrame());
    await microtasks();
    expect(heard).toHaveLength(1);
    handle.release();
    await microtasks();
    expect(heard).toHaveLength(2);
  });

  test('a closed pool tells nobody [C7]', async () => {
    const pool = decodedPool();
    const heard = listen(pool);
    const early = pool.adopt(makeFrame());
    const late = pool.adopt(makeFrame());
    early.release();
    pool.close();
    late.release();
    await microtasks();
    expect(heard).toHaveLength(0);
  });
});

describe('from inside the listener', () => {
  test('acquire and release work, without recursion [C2] [edge 1]', async () => {
    const pool = canvasPool({ capacity: 1 });
    let depth = 0;
    let calls = 0;
    pool.setListener(() => {
      expect(++depth).toBe(1);
      if (++calls < 5) given(pool.tryAcquire()).release();
      depth--;
    });
    given(pool.tryAcquire()).release();
    await microtasks();
    expect(calls).toBe(5);
  });

  test('setListener(null) takes effect for the notices behind [edge 1]', async () => {
    const pool = decodedPool();
    let calls = 0;
    pool.setListener(() => {
      calls++;
      pool.setListener(null);
    });
    const [a, b] = [pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    a.release();
    b.release();
    await microtasks();
    expect(calls).toBe(1);
  });

  test('decommit() works, and its promise settles [edge 1]', async () => {
    const pool = decodedPool();
    let gone: Promise<boolean> | null = null;
    pool.setListener(() => (gone ??= pool.decommit()));
    const [a, b] = [pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    a.release();
    await microtasks();
    expect(pool.state).toBe('draining');
    b.release();
    expect(await gone).toBe(true);
    expect(pool.state).toBe('decommitted');
  });

  test('close() works, and ends the notices [edge 1] [edge 5]', async () => {
    const pool = decodedPool();
    let calls = 0;
    pool.setListener(() => {
      calls++;
      pool.close();
    });
    const [a, b] = [pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    a.release();
    b.release();
    await microtasks();
    expect([calls, pool.state]).toEqual([1, 'closed']);
  });

  test('an acquire() that waits there is served by the next release [edge 1]', async () => {
    const pool = canvasPool({ capacity: 1 });
    const order: string[] = [];
    pool.setListener(() => {
      pool.setListener(null);
      const held = given(pool.tryAcquire());
      void pool.acquire().then((handle) => {
        order.push('served');
        handle.release();
      });
      order.push(`waiting ${pool.waitingCount}`);
      held.release();
    });
    given(pool.tryAcquire()).release();
    await microtasks();
    expect(order).toEqual(['waiting 1', 'served']);
  });
});

describe('a listener that throws', () => {
  test('is reported, and the other notices are delivered [C2] [edge 2]', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    const pool = decodedPool();
    let calls = 0;
    pool.setListener(() => {
      throw new Error(`no ${++calls}`);
    });
    const [a, b] = [pool.adopt(makeFrame()), pool.adopt(makeFrame())];
    a.release();
    b.release();
    await microtasks();
    vi.unstubAllGlobals();
    expect(reported.map(String)).toEqual(['Error: no 1', 'Error: no 2']);
  });
});

describe('a listener that makes a notice out of each notice', () => {
  test('does not starve the page: after 1000 the rest goes on in a later task [C2] [edge 2]', async () => {
    const clock = new ManualClock();
    const pool = canvasPool({ capacity: 1, clock });
    let calls = 0;
    pool.setListener(() => {
      calls++;
      given(pool.tryAcquire()).release();
    });
    given(pool.tryAcquire()).release();
    await microtasks();
    expect(calls).toBe(1000);
    clock.advance(1);
    await microtasks();
    expect(calls).toBe(2000);
    pool.setListener(null);
    clock.advance(1);
    await microtasks();
    expect([calls, pool.lentCount]).toEqual([2000, 0]);
  });

  test('by way of a microtask of its own is held as well [C2] [edge 2]', async () => {
    const clock = new ManualClock();
    const pool = canvasPool({ capacity: 1, clock });
    let calls = 0;
    pool.setListener(() => {
      calls++;
      queueMicrotask(() => given(pool.tryAcquire()).release());
    });
    given(pool.tryAcquire()).release();
    await microtasks();
    expect(calls).toBe(1000);
    pool.close();
  });

  test('no notice of a long burst is lost, and their order stays [C2]', async () => {
    const clock = new ManualClock();
    const pool = canvasPool({ capacity: 2500, clock });
    const heard = listen(pool);
    const handles = Array.from({ length: 2500 }, () => given(pool.tryAcquire()));
    for (const handle of handles) handle.release();
    await microtasks();
    expect(heard).toHaveLength(1000);
    await clock.advanceAsync(5);
    expect(heard.map(({ freeCount }) => freeCount)).toEqual(handles.map((_, index) => index + 1));
    pool.close();
    expect((await rejectionOf(pool.acquire())).name).toBe('InvalidStateError');
  });
});
