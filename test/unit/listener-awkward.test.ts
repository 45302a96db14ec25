import { afterEach, describe, expect, vi } from 'vitest';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { acquired, given, microtasks, releaseAll } from '../support/fake-outcomes.ts';
import { canvasPool, decodedPool, fullPool, listen, test } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

afterEach(() => void vi.unstubAllGlobals());

describe('from inside the listener', () => {
  test('acquire and release work, without recursion [C2] [edge 1]', async ({ full: { pool, held } }) => {
    let [depth, calls] = [0, 0];
    pool.setListener(() => {
      expect(++depth).toBe(1);
      if (++calls < 5) given(pool.tryAcquire()).release();
      depth--;
    });
    held.release();
    await microtasks();
    expect(calls).toBe(5);
  });

  test('setListener(null) takes effect for the notices behind [edge 1]', async ({ frames: pool }) => {
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

describe('a listener that makes a notice out of each notice', () => {
  function endlessNotices(again: (pool: ReturnType<typeof canvasPool>) => void) {
    const clock = new ManualClock();
    const pool = canvasPool({ capacity: 1, clock });
    let calls = 0;
    pool.setListener(() => {
      // An end, so that a pool without a limit fails the test rather than hangs it.
      if (++calls < 5000) again(pool);
    });
    given(pool.tryAcquire()).release();
    return { pool, clock, calls: () => microtasks().then(() => calls) };
  }

  test('does not starve the page: after 1000 the rest goes on in a later task [C2] [edge 2]', async () => {
    const { pool, clock, calls } = endlessNotices((pool) => given(pool.tryAcquire()).release());
    expect(await calls()).toBe(1000);
    clock.advance(1);
    expect(await calls()).toBe(2000);
    pool.setListener(null);
    clock.advance(1);
    expect([await calls(), pool.lentCount]).toEqual([2000, 0]);
  });

  test('by way of a microtask of its own is held as well [C2] [edge 2]', async () => {
    const { pool, calls } = endlessNotices((pool) =>
      queueMicrotask(() => given(pool.tryAcquire()).release()),
    );
    expect(await calls()).toBe(1000);
    pool.close();
  });

  test('no notice of a long burst is lost, and their order stays [C2]', async () => {
    const clock = new ManualClock();
    const pool = canvasPool({ capacity: 2500, clock });
    const heard = listen(pool);
    releaseAll(acquired(pool, 2500));
    expect(await heard()).toHaveLength(1000);
    await clock.advanceAsync(5);
    expect((await heard()).map(({ freeCount }) => freeCount)).toEqual(
      Array.from({ length: 2500 }, (_, at) => at + 1),
    );
    pool.close();
  });
});
