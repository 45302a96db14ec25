import { afterEach, describe, expect, vi } from 'vitest';
import { acquired, given, microtasks, nextTask, releaseAll } from '../support/fake-outcomes.ts';
import { canvasPool, decodedPool, fullPool, listen, test } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

afterEach(() => void vi.unstubAllGlobals());

describe('from inside the listener', () => {
  test('acquire and release work, and are reported one task later, without recursion [C2] [edge 1]', async ({
    full: { pool, held },
  }) => {
    let [depth, calls] = [0, 0];
    pool.setListener(() => {
      expect(++depth).toBe(1);
      if (++calls < 5) given(pool.tryAcquire()).release();
      depth--;
    });
    held.release();
    const counts: number[] = [];
    for (let task = 0; task < 6; task++) {
      await nextTask();
      counts.push(calls);
    }
    expect(counts).toEqual([1, 2, 3, 4, 5, 5]);
  });

  test('a release is reported to the listener that is registered in that task [C1] [edge 1]', async ({
    full: { pool, held },
  }) => {
    const calls: string[] = [];
    pool.setListener(() => {
      calls.push('first');
      pool.setListener(null);
      given(pool.tryAcquire()).release();
    });
    held.release();
    await Promise.resolve();
    pool.setListener(() => calls.push('second'));
    await nextTask();
    expect(calls).toEqual(['first', 'second']);
  });

  test('setListener(null) takes effect for the remaining notices [edge 1]', async ({ frames: pool }) => {
    const listener = vi.fn(() => pool.setListener(null));
    pool.setListener(listener);
    releaseAll([pool.adopt(makeFrame()), pool.adopt(makeFrame())]);
    await microtasks();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('decommit() works, and its promise settles [edge 1]', async ({ frames: pool }) => {
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

  test('close() works, and ends the notices [edge 1] [edge 5]', async ({ frames: pool }) => {
    const listener = vi.fn(() => pool.close());
    pool.setListener(listener);
    releaseAll([pool.adopt(makeFrame()), pool.adopt(makeFrame())]);
    await microtasks();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(pool.state).toBe('closed');
  });

  test('an acquire() that waits there is served by the next release [edge 1]', async () => {
    const { pool, held } = fullPool();
    const order: string[] = [];
    pool.setListener(() => {
      pool.setListener(null);
      const again = given(pool.tryAcquire());
      void pool.acquire().then((handle) => {
        order.push('served');
        handle.release();
      });
      order.push(`waiting ${pool.waitingCount}`);
      again.release();
    });
    held.release();
    await microtasks();
    expect(order).toEqual(['waiting 1', 'served']);
  });
});

describe('a listener that throws [fault: callback that throws]', () => {
  test('is reported, and the other notices are delivered [C2] [edge 2]', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    const pool = decodedPool();
    let calls = 0;
    pool.setListener(() => {
      throw new Error(`no ${++calls}`);
    });
    releaseAll([pool.adopt(makeFrame()), pool.adopt(makeFrame())]);
    await microtasks();
    expect(reported.map(String)).toEqual(['Error: no 1', 'Error: no 2']);
  });
});

describe('a listener that causes a notice during each notice', () => {
  function endlessNotices(again: (pool: ReturnType<typeof canvasPool>) => void) {
    const pool = canvasPool({ capacity: 1 });
    let calls = 0;
    pool.setListener(() => {
      // An end, so that a pool without a limit fails the test instead of hanging it.
      if (++calls < 5000) again(pool);
    });
    given(pool.tryAcquire()).release();
    return { pool, calls: () => calls };
  }

  test('does not starve the page: each is dispatched in a later task [C2] [edge 2]', async () => {
    const { pool, calls } = endlessNotices((pool) => given(pool.tryAcquire()).release());
    await nextTask();
    await nextTask();
    expect(calls()).toBe(2);
    pool.setListener(null);
    await nextTask();
    expect([calls(), pool.lentCount]).toEqual([2, 0]);
  });

  test('by a microtask of its own yields after every 1000 notices [C2] [edge 2]', async () => {
    const { pool, calls } = endlessNotices((pool) =>
      queueMicrotask(() => given(pool.tryAcquire()).release()),
    );
    const counts: number[] = [];
    while (counts.length < 3) {
      await nextTask();
      counts.push(calls());
    }
    // The run that continues in a task is not one of the thousand that begin in microtasks.
    expect(counts).toEqual([1000, 2001, 3002]);
    pool.close();
  });
});

describe('a burst of releases', () => {
  test('is delivered by one run, whole and in order [C2]', async () => {
    const pool = canvasPool({ capacity: 12_000 });
    const notices = listen(pool);
    releaseAll(acquired(pool, 12_000));
    await Promise.resolve();
    expect((await notices()).map(({ freeCount }) => freeCount)).toEqual(
      Array.from({ length: 12_000 }, (_, at) => at + 1),
    );
    pool.close();
  });

  test('leaves nothing for a listener that is set in the next microtask [C1]', async () => {
    const pool = canvasPool({ capacity: 12_000 });
    releaseAll(acquired(pool, 12_000));
    await Promise.resolve();
    const notices = listen(pool);
    given(pool.tryAcquire()).release();
    expect(await notices()).toHaveLength(1);
    pool.close();
  });

  test('and steady releases behind it are delivered in the task of each, without a timer [C2]', async () => {
    const set = vi.fn<typeof setTimeout>();
    vi.stubGlobal('setTimeout', set);
    const pool = canvasPool({ capacity: 12_000, idleMs: Infinity });
    let calls = 0;
    pool.setListener(() => calls++);
    releaseAll(acquired(pool, 12_000));
    for (let released = 12_000; released < 24_000;) {
      await Promise.resolve();
      expect(calls).toBe(released);
      await nextTask();
      releaseAll(acquired(pool, 4));
      released += 4;
    }
    expect(set).not.toHaveBeenCalled();
    pool.close();
  });
});
