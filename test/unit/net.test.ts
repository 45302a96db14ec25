import { afterEach, describe, expect, test, vi } from 'vitest';
import type { PoolNotice } from '../../src/index.ts';
import { VideoFramePool } from '../../src/index.ts';
import { leaveToCollection, openFrames } from '../support/fake-accounting.ts';
import { canvasesMade } from '../support/fake-canvas.ts';
import { collectInVain, collectUntil } from '../support/fake-collector.ts';
import { canvasPool, counts, decodedPool, given, listen, microtasks } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

afterEach(() => void vi.restoreAllMocks());

/** In functions of their own, so that no variable of the test keeps a handle. */
function forgetFrame(pool: VideoFramePool, ...holders: (string | undefined)[]): void {
  const [first, ...others] = holders;
  const handle = pool.adopt(makeFrame(), { holder: first });
  for (const holder of others) handle.retain(holder);
}
const keepFrame = (pool: VideoFramePool): { frame: VideoFrame | null } => ({
  frame: pool.adopt(makeFrame()).frame,
});

describe('a slot whose shares were all forgotten', () => {
  test('comes back, and the notice names who never released [C6]', async () => {
    const pool = decodedPool({ capacity: 1 });
    const heard = listen(pool);
    forgetFrame(pool, 'renderer', undefined, 'encoder');
    expect([pool.lentCount, openFrames()]).toEqual([1, 1]);
    await collectUntil(() => pool.lentCount === 0);
    await microtasks();
    const holders = ['renderer', 'encoder', '(unnamed)'];
    expect(heard).toEqual([{ reason: 'recovered', discarded: false, freeCount: 1, holders }]);
    expect([openFrames(), pool.bytes, pool.stats().recovered, pool.stats().released]).toEqual([0, 0, 1, 0]);
    expect(pool.holders()).toEqual([]);
  });

  test('serves who waits [C6] [C4]', async () => {
    const pool = decodedPool({ capacity: 1 });
    listen(pool);
    forgetFrame(pool);
    const waiting = pool.reserve();
    await collectUntil(() => pool.waitingCount === 0);
    (await waiting).release();
    expect(counts(pool)).toBe('free 1, lent 0, decoding 0, idle 0, waiting 0');
  });

  test('finishes a decommit [C6] [C7]', async () => {
    const pool = decodedPool({ capacity: 1 });
    listen(pool);
    forgetFrame(pool);
    const gone = pool.decommit();
    await collectUntil(() => pool.state === 'decommitted');
    expect(await gone).toBe(true);
  });

  test('stays while one of its shares can be reached, and the notice names the other one [C6]', async () => {
    const pool = decodedPool({ capacity: 1 });
    const heard = listen(pool);
    const kept = (() => pool.adopt(makeFrame(), { holder: 'forgotten' }).retain('kept'))();
    await collectInVain();
    expect([pool.lentCount, kept.frame.codedWidth]).toEqual([1, 64]);
    kept.release();
    // One share was never given back, so the slot is lent until the net has seen that it is gone.
    expect(pool.lentCount).toBe(1);
    await collectUntil(() => pool.lentCount === 0);
    await microtasks();
    expect(heard).toMatchObject([{ reason: 'recovered', holders: ['forgotten'] }]);
    // The lent clone that was read.
    leaveToCollection(1);
  });

  test('stays while the lent frame can be reached, though every handle is gone [C6]', async () => {
    const pool = decodedPool({ capacity: 1 });
    listen(pool);
    const kept = keepFrame(pool);
    await collectInVain();
    expect([pool.lentCount, kept.frame?.codedWidth]).toEqual([1, 64]);
    kept.frame = null;
    await collectUntil(() => pool.lentCount === 0);
    // The pool closed its own frame; the lent clone went with the collection.
    leaveToCollection(1);
    expect(openFrames()).toBe(1);
  });

  test('a canvas is thrown away, never reused: the app may still reach it [C6]', async () => {
    const pool = canvasPool({ capacity: 1 });
    const heard = listen(pool);
    const canvas = (() => given(pool.tryAcquire({ holder: 'painter' })).canvas)();
    await collectUntil(() => pool.lentCount === 0);
    await microtasks();
    expect(heard).toEqual([{ reason: 'recovered', discarded: true, freeCount: 1, holders: ['painter'] }]);
    expect([pool.idleCount, pool.bytes, canvas.width]).toEqual([0, 0, 64]);
    const fresh = given(pool.tryAcquire());
    expect([fresh.canvas === canvas, canvasesMade()]).toEqual([false, 2]);
    fresh.release();
  });

  test('a forgotten permit comes back as well [C6] [edge 16]', async () => {
    const pool = decodedPool({ capacity: 1 });
    const heard = listen(pool);
    (() => void pool.tryReserve({ holder: 'reader' }))();
    expect(pool.decodingCount).toBe(1);
    await collectUntil(() => pool.decodingCount === 0);
    await microtasks();
    expect(heard).toEqual([{ reason: 'recovered', discarded: false, freeCount: 1, holders: ['reader'] }]);
  });

  test('comes back also when it was released and lent again before [C6]', async () => {
    const pool = decodedPool({ capacity: 1 });
    const heard = listen(pool);
    for (let loan = 0; loan < 3; loan++) (() => pool.adopt(makeFrame()).release())();
    forgetFrame(pool, 'last');
    await collectUntil(() => pool.lentCount === 0);
    forgetFrame(pool, 'after that');
    await collectUntil(() => pool.lentCount === 0);
    await microtasks();
    expect(heard.map(({ reason, holders }) => [reason, ...holders])).toEqual([
      ['released'],
      ['released'],
      ['released'],
      ['recovered', 'last'],
      ['recovered', 'after that'],
    ]);
  });

  test('what was released is not recovered again [C6]', async () => {
    const pool = decodedPool({ capacity: 1 });
    const heard = listen(pool);
    (() => pool.adopt(makeFrame()).release())();
    const handle = pool.adopt(makeFrame());
    await collectInVain();
    expect(heard.map(({ reason }) => reason)).toEqual(['released']);
    expect(pool.lentCount).toBe(1);
    handle.release();
  });
});

describe('when nobody listens', () => {
  test('the console is told once a pool, with the names [C6]', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const pool = decodedPool({ capacity: 2, name: 'player' });
    forgetFrame(pool, 'renderer');
    await collectUntil(() => pool.lentCount === 0);
    forgetFrame(pool, 'renderer');
    await collectUntil(() => pool.lentCount === 0);
    expect(warned).toHaveBeenCalledTimes(1);
    expect(warned.mock.calls[0]?.[0]).toMatch(/player.*renderer/u);
  });

  test('and when somebody does, the console is left alone [C6]', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const pool = decodedPool({ capacity: 1 });
    listen(pool);
    forgetFrame(pool);
    await collectUntil(() => pool.lentCount === 0);
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('a listener that refers to its pool', () => {
  test('keeps neither alive in a cycle [C6] [edge 5]', async () => {
    const gone = (() => {
      const pool = new VideoFramePool({ capacity: 1 });
      const heard: PoolNotice[] = [];
      pool.setListener((notice) => {
        if (pool.state === 'active') heard.push(notice);
      });
      pool.adopt(makeFrame()).release();
      return new WeakRef(pool);
    })();
    await collectUntil(() => gone.deref() === undefined);
    expect(gone.deref()).toBeUndefined();
  });
});
