import { beforeEach, describe, expect, vi } from 'vitest';
import { FrameBudget } from '../../src/index.ts';
import { coreOf } from '../../src/pool/pool.ts';
import { copyAndClose } from '../support/copying.ts';
import { CANVAS_BYTES } from '../support/fake-canvas.ts';
import { given, microtasks, rejectionOf, releaseAll } from '../support/fake-outcomes.ts';
import { canvases, canvasPool, counts, fullPool, test } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

let controller: AbortController;
beforeEach(() => void (controller = new AbortController()));

/** A full pool, and waits in its queue: a served waiter releases at once. `outcomes()` are those so far. */
function queue() {
  const { pool, held } = fullPool();
  const order: string[] = [];
  const wait = (name: string, signal?: AbortSignal): Promise<void> =>
    pool.acquire({ signal }).then(
      (handle) => {
        order.push(name);
        handle.release();
      },
      (error: DOMException) => void order.push(`${name}: ${error.name}`),
    );
  return { pool, held, outcomes: () => microtasks().then(() => order), wait };
}

/** A budget of four small buffers, a pool that holds one of them, and one whose buffers need all four. */
function smallAndLarge() {
  const budget = new FrameBudget({ maxBytes: 4 * CANVAS_BYTES });
  const small = canvasPool({ capacity: 3, budget });
  const large = canvasPool({ budget, storage: canvases(128, 96) });
  return { budget, small, large, held: given(small.tryAcquire()) };
}

type Handle = ReturnType<typeof fullPool>['held'];

/** A wait for the bytes of a picture that is as large as four buffers. */
const copyLarge = (pool: ReturnType<typeof canvasPool>): Promise<Handle> => {
  const options = { sizeChange: 'reconfigure', signal: controller.signal } as const;
  return copyAndClose(pool, makeFrame({ codedWidth: 128, codedHeight: 96 }), options);
};

describe('acquire() while all slots are lent', () => {
  test('waits, and is served first come, first served [C4] [B: GetBuffer]', async () => {
    const { pool, held, outcomes, wait } = queue();
    for (const name of ['a', 'b', 'c']) void wait(name);
    expect(counts(pool)).toBe('free 0, lent 1, decoding 0, idle 0, waiting 3');
    expect(await outcomes()).toEqual([]);
    held.release();
    expect(counts(pool)).toBe('free 0, lent 1, decoding 0, idle 0, waiting 2');
    expect(await outcomes()).toEqual(['a', 'b', 'c']);
    expect(counts(pool)).toBe('free 1, lent 0, decoding 0, idle 1, waiting 0');
  });

  test('serves one waiter for each returned slot [C4]', async ({ buffers: pool }) => {
    const [a, b] = [given(pool.tryAcquire()), given(pool.tryAcquire())];
    const waits = [pool.acquire(), pool.acquire(), pool.acquire()];
    a.release();
    expect(pool.waitingCount).toBe(2);
    b.release();
    expect(pool.waitingCount).toBe(1);
    (await waits[0])?.release();
    expect(pool.waitingCount).toBe(0);
    for (const wait of waits.slice(1)) (await wait).release();
    expect(pool.freeCount).toBe(2);
  });

  test('is not overtaken by a later tryAcquire() or acquire() [C4]', async () => {
    const { pool, held } = fullPool();
    const waiting = pool.acquire();
    held.release();
    expect(pool.tryAcquire()).toBeNull();
    using _handle = await waiting;
    expect(pool.lentCount).toBe(1);
  });

  test('resolves in the order of grants, also before a caller with room in the same task [C4]', async () => {
    const { pool, held, outcomes, wait } = queue();
    pool.configure({ capacity: 2 });
    const other = given(pool.tryAcquire());
    void wait('waited');
    releaseAll([held, other]);
    void wait('found room');
    expect(await outcomes()).toEqual(['waited', 'found room']);
  });

  test('keeps its place when a tryAcquire() fails [edge 8]', async () => {
    const { pool, held, outcomes, wait } = queue();
    for (const name of ['a', 'b']) void wait(name);
    expect(pool.tryAcquire()).toBeNull();
    expect(counts(pool)).toBe('free 0, lent 1, decoding 0, idle 0, waiting 2');
    held.release();
    expect(await outcomes()).toEqual(['a', 'b']);
  });
});

describe('a wait that is aborted', () => {
  test.each([
    ['at the head', 0, ['b', 'c']],
    ['in the middle', 1, ['a', 'c']],
    ['at the end', 2, ['a', 'b']],
  ])('%s leaves no trace, and the others keep their order [C4] [edge 8]', async (_where, at, served) => {
    const { pool, held, outcomes, wait } = queue();
    for (const [index, name] of ['a', 'b', 'c'].entries())
      void wait(name, (index === at ? controller : new AbortController()).signal);
    controller.abort();
    expect(pool.waitingCount).toBe(2);
    expect(await outcomes()).toEqual([`${'abc'.charAt(at)}: AbortError`]);
    held.release();
    expect((await outcomes()).slice(1)).toEqual(served);
    expect(counts(pool)).toBe('free 1, lent 0, decoding 0, idle 1, waiting 0');
  });

  test('rejects with the reason of the signal', async ({ full: { pool, held } }) => {
    const waiting = rejectionOf(pool.acquire({ signal: controller.signal }));
    controller.abort(new RangeError('the user left'));
    expect(await waiting).toMatchObject({ name: 'RangeError', message: 'the user left' });
    held.release();
  });

  test('before it began takes nothing, even if there is room [C4]', async ({ buffers: pool }) => {
    expect((await rejectionOf(pool.acquire({ signal: AbortSignal.abort() }))).name).toBe('AbortError');
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 0, waiting 0');
  });

  test('before a release in the same task: the next one is served [C4] [edge 8]', async () => {
    const { pool, held, outcomes, wait } = queue();
    void wait('a', controller.signal);
    void wait('b');
    controller.abort();
    held.release();
    expect([...(await outcomes())].sort()).toEqual(['a: AbortError', 'b']);
    expect(pool.lentCount).toBe(0);
  });

  test('blocks no other waiter, whichever listener is called first [C4] [edge 8]', async () => {
    const pool = canvasPool({ maxBytes: 4 * CANVAS_BYTES });
    using _held = given(pool.tryAcquire());
    const others: Handle[] = [];
    controller.signal.addEventListener('abort', () => others.push(given(pool.tryAcquire())));
    const waiting = rejectionOf(copyLarge(pool));
    expect([pool.waitingCount, pool.tryAcquire()]).toEqual([1, null]);
    controller.abort();
    expect(counts(pool)).toBe('free 0, lent 2, decoding 0, idle 0, waiting 0');
    expect((await waiting).name).toBe('AbortError');
    releaseAll(others);
  });

  test('leaves the last room to a waiter of another pool, not to a caller in the abort [C3] [C4] [edge 8]', async () => {
    const { budget, small, large, held } = smallAndLarge();
    const full = canvasPool({ capacity: 2, budget });
    const others = [given(full.tryAcquire()), given(full.tryAcquire())];
    const third = canvasPool({ budget });
    const seen: (Handle | null)[] = [];
    controller.signal.addEventListener('abort', () => seen.push(third.tryAcquire()));
    const first = rejectionOf(large.acquire({ signal: controller.signal }));
    const second = small.acquire();
    expect([large.waitingCount, small.waitingCount]).toEqual([1, 0]);
    controller.abort();
    expect([small.lentCount, small.waitingCount, budget.bytes]).toEqual([2, 0, 4 * CANVAS_BYTES]);
    expect(seen).toEqual([null]);
    expect((await first).name).toBe('AbortError');
    releaseAll([held, ...others, await second]);
  });

  test('serves a waiter of the same pool before a caller in the abort [C4] [edge 8]', async () => {
    const pool = canvasPool({ capacity: 3, maxBytes: 4 * CANVAS_BYTES });
    const held = given(pool.tryAcquire());
    const others: Handle[] = [];
    controller.signal.addEventListener('abort', () => others.push(given(pool.tryAcquire())));
    const first = rejectionOf(copyLarge(pool));
    const second = pool.acquire();
    expect(counts(pool)).toBe('free 2, lent 1, decoding 0, idle 0, waiting 2');
    controller.abort();
    expect(counts(pool)).toBe('free 0, lent 3, decoding 0, idle 0, waiting 0');
    expect((await first).name).toBe('AbortError');
    releaseAll([held, await second, ...others]);
  });

  test('leaves the last room to a waiter of the same pool, not to a caller in the abort [C4] [edge 8]', async () => {
    const pool = canvasPool({ capacity: 2, maxBytes: 4 * CANVAS_BYTES });
    const held = given(pool.tryAcquire());
    const seen: (Handle | null)[] = [];
    controller.signal.addEventListener('abort', () => seen.push(pool.tryAcquire()));
    const first = rejectionOf(copyLarge(pool));
    const second = pool.acquire();
    controller.abort();
    expect([pool.lentCount, pool.waitingCount, ...seen]).toEqual([2, 0, null]);
    expect((await first).name).toBe('AbortError');
    releaseAll([held, await second]);
  });

  test('is removed by the next call that grants a slot, and not by a question [C4] [edge 8]', async () => {
    const { pool, held, outcomes, wait } = queue();
    const { admission } = coreOf(pool);
    const seen: unknown[] = [];
    controller.signal.addEventListener('abort', () => {
      seen.push(admission.hasPriorWaiter, admission.canGrantNow(), pool.waitingCount);
      held.release();
      seen.push(admission.hasPriorWaiter, admission.canGrantNow(), pool.waitingCount);
    });
    void wait('a', controller.signal);
    controller.abort();
    expect(seen).toEqual([true, false, 1, false, true, 0]);
    expect(await outcomes()).toEqual(['a: AbortError']);
  });

  test('ends with its signal’s reason if the pool is decommitted inside the abort [C7] [edge 8]', async () => {
    const { pool, held, outcomes, wait } = queue();
    controller.signal.addEventListener('abort', () => void pool.decommit());
    void wait('a', controller.signal);
    void wait('b');
    controller.abort(new DOMException('late', 'TimeoutError'));
    expect(await outcomes()).toEqual(['a: TimeoutError', 'b: AbortError']);
    held.release();
  });

  test('after a release in the same task was already served [C4] [edge 8]', async () => {
    const { pool, held, outcomes, wait } = queue();
    void wait('a', controller.signal);
    held.release();
    controller.abort();
    expect(await outcomes()).toEqual(['a']);
    expect(pool.lentCount).toBe(0);
  });

  test('by AbortSignal.timeout fails with TimeoutError [edge 8]', async ({ full: { pool, held } }) => {
    expect((await rejectionOf(pool.acquire({ signal: AbortSignal.timeout(1) }))).name).toBe('TimeoutError');
    expect(counts(pool)).toBe('free 0, lent 1, decoding 0, idle 0, waiting 0');
    held.release();
  });

  test('for a permit leaves no trace either [C4] [B: GetBuffer]', async ({ oneFrame: pool }) => {
    const held = given(pool.tryReserve());
    const failed = rejectionOf(pool.reserve({ signal: controller.signal }));
    const second = pool.reserve();
    controller.abort();
    expect(counts(pool)).toBe('free 0, lent 0, decoding 1, idle 0, waiting 1');
    held.release();
    expect((await failed).name).toBe('AbortError');
    (await second).release();
    expect(counts(pool)).toBe('free 1, lent 0, decoding 0, idle 0, waiting 0');
  });
});

describe('10,000 waiters', () => {
  test('on one signal share one listener, which is removed with the last of them [C4]', async () => {
    const { pool, held, outcomes, wait } = queue();
    const added = vi.spyOn(controller.signal, 'addEventListener');
    const removed = vi.spyOn(controller.signal, 'removeEventListener');
    const waits = Array.from({ length: 10_000 }, () => wait('one', controller.signal));
    expect(pool.waitingCount).toBe(10_000);
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed).not.toHaveBeenCalled();
    controller.abort();
    expect(pool.waitingCount).toBe(0);
    expect(removed).toHaveBeenCalledTimes(1);
    await Promise.all(waits);
    const order = await outcomes();
    expect([order.length, ...new Set(order)]).toEqual([10_000, 'one: AbortError']);
    held.release();
  });

  test('keep their order when every other one leaves the queue [C4] [edge 8]', async () => {
    const { pool, held, outcomes, wait } = queue();
    for (let turn = 0; turn < 5000; turn++) {
      void wait(`${turn}`);
      void wait('leaves', controller.signal);
    }
    controller.abort();
    expect(pool.waitingCount).toBe(5000);
    held.release();
    const served = (await outcomes()).filter((outcome) => outcome !== 'leaves: AbortError');
    expect(served).toEqual(Array.from({ length: 5000 }, (_, turn) => `${turn}`));
    expect(counts(pool)).toBe('free 1, lent 0, decoding 0, idle 1, waiting 0');
  });
});
