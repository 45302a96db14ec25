import { afterEach, describe, expect, vi } from 'vitest';
import type { PoolNotice } from '../../src/index.ts';
import { VideoFramePool } from '../../src/index.ts';
import { canvasesMade } from '../support/fake-canvas.ts';
import { collectInVain, collectUntil } from '../support/fake-collector.ts';
import { given } from '../support/fake-outcomes.ts';
import { canvasPool, counts, decodedPool, listen, test } from '../support/fake-pools.ts';
import { leaveToCollection, makeFrame, openFrames } from '../support/fake-video-frame.ts';

afterEach(() => void vi.restoreAllMocks());

/** In a function of its own, so that no variable of the test keeps a handle. */
function forgetFrame(pool: VideoFramePool, ...holders: (string | undefined)[]): void {
  const [first, ...others] = holders;
  const handle = pool.adopt(makeFrame(), { holder: first });
  for (const holder of others) handle.retain(holder);
}

/** A pool of one slot, its notices, and a wait until the collector has freed the slot. */
function listenedPool() {
  const pool = decodedPool({ capacity: 1 });
  return { pool, notices: listen(pool), recovered: () => collectUntil(() => pool.freeCount === 1) };
}

const RECOVERED = { reason: 'recovered', discarded: false, freeCount: 1 };

describe('a slot whose shares were all forgotten', () => {
  test('returns, and the notice names its holders [C6]', async () => {
    const { pool, notices, recovered } = listenedPool();
    forgetFrame(pool, 'renderer', undefined, 'encoder');
    expect([pool.lentCount, openFrames()]).toEqual([1, 1]);
    await recovered();
    expect(await notices()).toEqual([{ ...RECOVERED, holders: ['renderer', 'encoder', '(unnamed)'] }]);
    expect([openFrames(), pool.bytes, pool.stats().recovered, pool.stats().released]).toEqual([0, 0, 1, 0]);
    expect(pool.holders()).toEqual([]);
  });

  test('serves waiters [C6] [C4]', async () => {
    const { pool } = listenedPool();
    forgetFrame(pool);
    const waiting = pool.reserve();
    await collectUntil(() => pool.waitingCount === 0);
    (await waiting).release();
    expect(counts(pool)).toBe('free 1, lent 0, decoding 0, idle 0, waiting 0');
  });

  test('finishes a decommit [C6] [C7]', async () => {
    const { pool } = listenedPool();
    forgetFrame(pool);
    const gone = pool.decommit();
    await collectUntil(() => pool.state === 'decommitted');
    expect(await gone).toBe(true);
  });

  test('stays lent while a share is reachable, and the notice names the other one [C6]', async () => {
    const { pool, notices, recovered } = listenedPool();
    const kept = (() => pool.adopt(makeFrame(), { holder: 'forgotten' }).retain('kept'))();
    await collectInVain();
    expect([pool.lentCount, kept.frame.codedWidth]).toEqual([1, 64]);
    kept.release();
    // One share was never released, so the slot is lent until the leak detector recovers it.
    expect(pool.lentCount).toBe(1);
    await recovered();
    expect(await notices()).toMatchObject([{ reason: 'recovered', holders: ['forgotten'] }]);
    // The lent clone that was read.
    leaveToCollection(1);
  });

  test('stays lent while the lent frame is reachable, though every handle is gone [C6]', async () => {
    const { pool, recovered } = listenedPool();
    const kept = (() => ({ frame: pool.adopt(makeFrame()).frame as VideoFrame | null }))();
    await collectInVain();
    expect([pool.lentCount, kept.frame?.codedWidth]).toEqual([1, 64]);
    kept.frame = null;
    await recovered();
    // The pool closed its own frame; the lent clone was collected.
    leaveToCollection(1);
    expect(openFrames()).toBe(1);
  });

  test('has its canvas discarded, never reused: the app may still reach it [C6]', async () => {
    const pool = canvasPool({ capacity: 1 });
    const notices = listen(pool);
    const canvas = (() => given(pool.tryAcquire({ holder: 'painter' })).canvas)();
    await collectUntil(() => pool.lentCount === 0);
    expect(await notices()).toEqual([
      { reason: 'recovered', discarded: true, freeCount: 1, holders: ['painter'] },
    ]);
    expect([pool.idleCount, pool.bytes, canvas.width]).toEqual([0, 0, 64]);
    using fresh = given(pool.tryAcquire());
    expect([fresh.canvas === canvas, canvasesMade()]).toEqual([false, 2]);
  });

  test('may be a permit, which returns as well [C6] [edge 16]', async () => {
    const { pool, notices, recovered } = listenedPool();
    (() => void pool.tryReserve({ holder: 'reader' }))();
    expect(pool.decodingCount).toBe(1);
    await recovered();
    expect(await notices()).toEqual([{ ...RECOVERED, holders: ['reader'] }]);
  });

  test('returns also when it was released and lent again before [C6]', async () => {
    const { pool, notices, recovered } = listenedPool();
    for (let loan = 0; loan < 3; loan++) (() => pool.adopt(makeFrame()).release())();
    forgetFrame(pool, 'last');
    await recovered();
    forgetFrame(pool, 'after that');
    await recovered();
    expect((await notices()).map(({ reason, holders }) => [reason, ...holders].join())).toEqual([
      'released',
      'released',
      'released',
      'recovered,last',
      'recovered,after that',
    ]);
  });

  test('is not recovered after a release [C6]', async () => {
    const { pool, notices } = listenedPool();
    (() => pool.adopt(makeFrame()).release())();
    using _handle = pool.adopt(makeFrame());
    await collectInVain();
    expect((await notices()).map(({ reason }) => reason)).toEqual(['released']);
    expect(pool.lentCount).toBe(1);
  });
});

describe('without a listener', () => {
  test('the console gets one line for each pool, with the names [C6]', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const pool = decodedPool({ capacity: 2, name: 'player' });
    for (let time = 0; time < 2; time++) {
      forgetFrame(pool, 'renderer');
      await collectUntil(() => pool.lentCount === 0);
    }
    expect(warned.mock.calls).toEqual([[expect.stringMatching(/player.*renderer/u)]]);
  });

  test('the console gets nothing once there is a listener [C6]', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { pool, recovered } = listenedPool();
    forgetFrame(pool);
    await recovered();
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('a listener that refers to its pool', () => {
  test('is collected together with its pool [C6] [edge 5]', async () => {
    const gone = (() => {
      const pool = new VideoFramePool({ capacity: 1 });
      const notices: PoolNotice[] = [];
      pool.setListener((notice) => pool.state === 'active' && notices.push(notice));
      pool.adopt(makeFrame()).release();
      return new WeakRef(pool);
    })();
    await collectUntil(() => gone.deref() === undefined);
    expect(gone.deref()).toBeUndefined();
  });
});
