import { describe, expect } from 'vitest';
import type { CanvasStorage, CopyTarget } from '../../src/index.ts';
import { loanOf } from '../../src/pool/handle.ts';
import { coreOf } from '../../src/pool/pool.ts';
import { given, microtasks, releaseAll, thrownBy } from '../support/fake-outcomes.ts';
import { canvasPool, counts, decodedPool, fullPool, listen, test } from '../support/fake-pools.ts';
import { makeFrame, openFrames, referencesTo } from '../support/fake-video-frame.ts';

describe('release()', () => {
  test('the last release frees the slot in the same call [C5]', ({ frames: pool }) => {
    const first = pool.adopt(makeFrame());
    const second = first.retain();
    expect(counts(pool)).toBe('free 1, lent 1, decoding 0, idle 0, waiting 0');
    first.release();
    expect(counts(pool)).toBe('free 1, lent 1, decoding 0, idle 0, waiting 0');
    second.release();
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 0, waiting 0');
    expect(openFrames()).toBe(0);
  });

  test('twice frees the slot once, and cannot take the share of another holder [C5] [edge 4]', ({
    frames: pool,
  }) => {
    const first = pool.adopt(makeFrame());
    const second = first.retain();
    releaseAll([first, first]);
    first[Symbol.dispose]();
    expect([pool.lentCount, second.frame.codedWidth]).toEqual([1, 64]);
    releaseAll([second, second]);
    expect([pool.lentCount, pool.freeCount]).toEqual([0, 2]);
  });

  test('of a share that the pool has revoked takes nothing from the next holder [C5] [edge 4]', ({
    oneFrame: pool,
  }) => {
    const revoked = pool.adopt(makeFrame());
    coreOf(pool).revoke(loanOf(revoked, 'revoke'), { by: 'abort()', reason: null });
    const next = pool.adopt(makeFrame());
    revoked.release();
    expect([pool.lentCount, next.frame.codedWidth]).toEqual([1, 64]);
    next.release();
    expect(pool.freeCount).toBe(1);
  });

  test('late, when the slot serves another holder already, changes nothing [C5] [edge 4]', () => {
    const { pool, held } = fullPool();
    held.release();
    using now = given(pool.tryAcquire());
    held.release();
    expect(counts(pool)).toBe('free 0, lent 1, decoding 0, idle 0, waiting 0');
    expect(now.canvas.width).toBe(64);
  });

  test('[Symbol.dispose]() is a release [C5]', ({ frames: pool }) => {
    const handle = pool.adopt(makeFrame());
    handle[Symbol.dispose]();
    expect([handle.released, pool.lentCount]).toEqual([true, 0]);
  });

  test('a share frees its slot once, like a tracked sample [A: SetAllocator]', async ({ oneFrame: pool }) => {
    const notices = listen(pool);
    const handle = pool.adopt(makeFrame());
    releaseAll([handle, handle]);
    expect(await notices()).toHaveLength(1);
    expect(pool.stats().released).toBe(1);
  });
});

describe('a released handle', () => {
  test('rejects reads, and names its holder [C5] [edge 4]', ({ frames: pool }) => {
    const handle = pool.adopt(makeFrame({ timestamp: 1234 }), { holder: 'thumbnails' });
    handle.release();
    for (const reading of [() => handle.frame, () => handle.retain(), () => handle.toVideoFrame()]) {
      const refusal = String(thrownBy(reading));
      for (const part of ['InvalidStateError', 'thumbnails', '1234']) expect(refusal).toContain(part);
    }
    expect(pool.lentCount).toBe(0);
  });

  test('of a canvas rejects access to canvas and context [C5]', () => {
    const handle = given(canvasPool().tryAcquire({ holder: 'painter' }));
    handle.release();
    expect(thrownBy(() => handle.canvas).message).toContain('painter');
    expect(thrownBy(() => handle.context).name).toBe('InvalidStateError');
  });

  test('cannot be released after a promise [C5]', () => {
    const handle = decodedPool().adopt(makeFrame());
    handle.release();
    expect(thrownBy(() => handle.releaseAfter(Promise.resolve())).name).toBe('InvalidStateError');
  });

  test('still has time, duration and holder', () => {
    const handle = decodedPool().adopt(makeFrame({ timestamp: -40, duration: 20 }), { holder: 'x' });
    handle.release();
    expect([handle.timestamp, handle.duration, handle.holder, handle.released]).toEqual([-40, 20, 'x', true]);
  });
});

describe('retain()', () => {
  test('costs no clone and no slot: all shares read one object', ({ frames: pool }) => {
    const first = pool.adopt(makeFrame());
    const second = first.retain();
    expect(second.frame).toBe(first.frame);
    expect([openFrames(), pool.lentCount]).toEqual([2, 1]);
    releaseAll([first, second]);
    expect(openFrames()).toBe(0);
  });

  test.each([
    ['in order', [0, 1, 2, 3, 4]],
    ['backwards', [4, 3, 2, 1, 0]],
    ['mixed', [2, 0, 4, 1, 3]],
  ])('five holders release %s, and the frame lives until the last [edge 14]', (_how, order) => {
    const pool = decodedPool({ capacity: 1 });
    const first = pool.adopt(makeFrame());
    const shares = [first, ...Array.from({ length: 4 }, () => first.retain())];
    const [lent] = shares.map((share) => share.frame);
    for (const [step, at] of order.entries()) {
      expect([pool.lentCount, lent?.codedWidth]).toEqual([1, 64]);
      shares[at]?.release();
      expect(shares.filter((share) => share.released)).toHaveLength(step + 1);
    }
    expect([pool.lentCount, lent?.codedWidth]).toEqual([0, 0]);
  });
});

describe('releaseAfter()', () => {
  test('spends the handle at once, and the slot stays lent until the promise settles', async () => {
    const pool = decodedPool();
    const handle = pool.adopt(makeFrame());
    let finish = (): void => {};
    handle.releaseAfter(new Promise<void>((resolve) => (finish = resolve)));
    expect([handle.released, pool.lentCount]).toEqual([true, 1]);
    finish();
    await microtasks();
    expect(pool.lentCount).toBe(0);
  });

  test('a rejection releases as well', async ({ frames: pool }) => {
    pool.adopt(makeFrame()).releaseAfter(Promise.reject(new Error('device lost')));
    await microtasks();
    expect(pool.lentCount).toBe(0);
  });
});

describe('a frame that the app made itself', () => {
  test('is the caller’s to close by toVideoFrame(), and keeps no slot busy [edge 14]', () => {
    const pool = decodedPool();
    const handle = pool.adopt(makeFrame({ timestamp: 7, duration: 3 }));
    const own = handle.toVideoFrame();
    const later = handle.toVideoFrame({ timestamp: 99 });
    expect([own.timestamp, own.duration, later.timestamp]).toEqual([7, 3, 99]);
    handle.release();
    expect([pool.lentCount, pool.freeCount]).toEqual([0, 2]);
    expect([own.codedWidth, referencesTo(own)]).toEqual([64, 2]);
    own.close();
    later.close();
  });

  test('as a clone of the lent frame keeps no slot busy and breaks nothing [edge 14]', ({
    oneFrame: pool,
  }) => {
    const handle = pool.adopt(makeFrame());
    const clone = handle.frame.clone();
    handle.release();
    expect(pool.freeCount).toBe(1);
    using next = pool.adopt(makeFrame());
    expect(clone.codedWidth).toBe(64);
    clone.close();
    expect(next.frame.codedWidth).toBe(64);
  });

  test('as a clone may enter the pool as a frame of its own [edge 14]', ({ frames: pool }) => {
    const handle = pool.adopt(makeFrame());
    using second = pool.adopt(handle.frame.clone());
    expect(pool.lentCount).toBe(2);
    handle.release();
    expect(second.frame.codedWidth).toBe(64);
  });
});

describe('copyTo()', () => {
  test('rejects an object that is no VideoFramePool, and calls none of its methods', async ({
    frames: pool,
  }) => {
    using handle = pool.adopt(makeFrame());
    let calls = 0;
    const foreign: CopyTarget<CanvasStorage> = {
      copyFrom() {
        calls++;
        return canvasPool().acquire();
      },
    };
    await expect(handle.copyTo(foreign)).rejects.toThrow(TypeError);
    expect([calls, pool.lentCount]).toEqual([0, 1]);
  });
});
