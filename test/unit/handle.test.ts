import { describe, expect, test } from 'vitest';
import { openFrames } from '../support/fake-accounting.ts';
import { thrownBy } from '../support/fake-failures.ts';
import { canvasPool, counts, decodedPool, given, listen, microtasks } from '../support/fake-pools.ts';
import { makeFrame, referencesTo } from '../support/fake-video-frame.ts';

describe('release()', () => {
  test('the last release sends the slot home in the same call [C5]', () => {
    const pool = decodedPool();
    const first = pool.adopt(makeFrame());
    const second = first.retain();
    expect(counts(pool)).toBe('free 1, lent 1, decoding 0, idle 0, waiting 0');
    first.release();
    expect(counts(pool)).toBe('free 1, lent 1, decoding 0, idle 0, waiting 0');
    second.release();
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 0, waiting 0');
    expect(openFrames()).toBe(0);
  });

  test('twice gives back once, and cannot take the share of another [C5] [edge 4]', () => {
    const pool = decodedPool();
    const first = pool.adopt(makeFrame());
    const second = first.retain();
    first.release();
    first.release();
    first[Symbol.dispose]();
    expect(pool.lentCount).toBe(1);
    expect(second.frame.codedWidth).toBe(64);
    second.release();
    second.release();
    expect([pool.lentCount, pool.freeCount]).toEqual([0, 2]);
  });

  test('late, when the slot serves another holder already, changes nothing [C5] [edge 4]', () => {
    const pool = canvasPool({ capacity: 1 });
    const before = given(pool.tryAcquire());
    before.release();
    const now = given(pool.tryAcquire());
    before.release();
    expect(counts(pool)).toBe('free 0, lent 1, decoding 0, idle 0, waiting 0');
    expect(now.canvas.width).toBe(64);
    now.release();
  });

  test('[Symbol.dispose]() is a release [C5]', () => {
    const pool = decodedPool();
    const handle = pool.adopt(makeFrame());
    handle[Symbol.dispose]();
    expect([handle.released, pool.lentCount]).toEqual([true, 0]);
  });

  test('a share gives back once, as a tracked sample does [A: SetAllocator]', async () => {
    const pool = decodedPool({ capacity: 1 });
    const heard = listen(pool);
    const handle = pool.adopt(makeFrame());
    handle.release();
    handle.release();
    await microtasks();
    expect(heard).toHaveLength(1);
    expect(pool.stats().released).toBe(1);
  });
});

describe('a released handle', () => {
  test('refuses to be read, and names its holder [C5] [edge 4]', () => {
    const pool = decodedPool();
    const handle = pool.adopt(makeFrame({ timestamp: 1234 }), { holder: 'thumbnails' });
    handle.release();
    for (const reading of [() => handle.frame, () => handle.retain(), () => handle.toVideoFrame()]) {
      const { name, message } = thrownBy(reading);
      expect(name).toBe('InvalidStateError');
      expect(message).toContain('thumbnails');
      expect(message).toContain('1234');
    }
    expect(pool.lentCount).toBe(0);
  });

  test('of a canvas refuses canvas and context [C5]', () => {
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

  test('still tells time, duration and holder', () => {
    const handle = decodedPool().adopt(makeFrame({ timestamp: -40, duration: 20 }), { holder: 'x' });
    handle.release();
    expect([handle.timestamp, handle.duration, handle.holder, handle.released]).toEqual([-40, 20, 'x', true]);
  });
});

describe('retain()', () => {
  test('costs no clone and no slot: all shares read one object', () => {
    const pool = decodedPool();
    const first = pool.adopt(makeFrame());
    const second = first.retain();
    expect(second.frame).toBe(first.frame);
    expect(openFrames()).toBe(2);
    expect(pool.lentCount).toBe(1);
    first.release();
    second.release();
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

  test('a rejection releases as well', async () => {
    const pool = decodedPool();
    pool.adopt(makeFrame()).releaseAfter(Promise.reject(new Error('device lost')));
    await microtasks();
    expect(pool.lentCount).toBe(0);
  });
});

describe('a frame that the app made itself', () => {
  test('toVideoFrame() gives one that the caller closes, and keeps no slot busy [edge 14]', () => {
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

  test('a clone of the lent frame keeps no slot busy and breaks nothing [edge 14]', () => {
    const pool = decodedPool({ capacity: 1 });
    const handle = pool.adopt(makeFrame());
    const clone = handle.frame.clone();
    handle.release();
    expect(pool.freeCount).toBe(1);
    const next = pool.adopt(makeFrame());
    expect(clone.codedWidth).toBe(64);
    clone.close();
    expect(next.frame.codedWidth).toBe(64);
    next.release();
  });

  test('a clone may come into the pool as a frame of its own [edge 14]', () => {
    const pool = decodedPool({ capacity: 2 });
    const handle = pool.adopt(makeFrame());
    const second = pool.adopt(handle.frame.clone());
    expect(pool.lentCount).toBe(2);
    handle.release();
    expect(second.frame.codedWidth).toBe(64);
    second.release();
  });
});
