import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { thrownBy } from '../support/fake-failures.ts';
import { canvasPool, decodedPool, given } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

describe('holders()', () => {
  test('has one report for each named share, and one for the unnamed of a slot', () => {
    const pool = decodedPool();
    const first = pool.adopt(makeFrame({ timestamp: 40 }), { holder: 'renderer' });
    const shares = [first, first.retain(), first.retain(), first.retain('encoder')];
    const permit = given(pool.tryReserve({ holder: 'decoder' }));
    const base = { pool: 'pool', slot: 0, state: 'lent', timestamp: 40 };
    expect(pool.holders()).toEqual([
      { ...base, holder: 'renderer', shares: 1 },
      { ...base, holder: 'encoder', shares: 1 },
      { ...base, holder: undefined, shares: 2 },
      { pool: 'pool', slot: 1, state: 'reserved', timestamp: 0, holder: 'decoder', shares: 1 },
    ]);
    shares[0]?.release();
    shares[1]?.release();
    expect(pool.holders().map(({ holder, shares: count }) => [holder, count])).toEqual([
      ['encoder', 1],
      [undefined, 1],
      ['decoder', 1],
    ]);
    for (const share of shares) share.release();
    permit.release();
    expect(pool.holders()).toEqual([]);
  });

  test('tells since when and where, with trackHolders only', () => {
    const clock = new ManualClock(500);
    const pool = canvasPool({ trackHolders: true, clock });
    const handle = given(pool.tryAcquire());
    const [report] = pool.holders();
    expect(report?.since).toBe(500);
    expect(report?.acquiredAt).toContain('holders.test.ts');
    handle.release();
    const plain = decodedPool();
    const other = plain.adopt(makeFrame());
    expect(plain.holders()).toEqual([
      { pool: 'pool', slot: 0, state: 'lent', timestamp: 0, holder: undefined, shares: 1 },
    ]);
    other.release();
  });

  test('follows a permit into its frame: the name is the one given to adopt()', () => {
    const pool = decodedPool();
    const handle = given(pool.tryReserve({ holder: 'decoder' })).adopt(makeFrame(), { holder: 'renderer' });
    expect(pool.holders().map(({ holder }) => holder)).toEqual(['renderer']);
    handle.release();
  });
});

describe('assertNoLeaks()', () => {
  test('passes when all is home, and names who holds what otherwise', () => {
    const pool = decodedPool({ capacity: 3, name: 'player' });
    pool.assertNoLeaks();
    const a = pool.adopt(makeFrame(), { holder: 'renderer' });
    const shares = [a, a.retain(), a.retain()];
    expect(thrownBy(() => pool.assertNoLeaks()).message).toBe(
      'pool "player": 1 not released, held by renderer, (unnamed) (2)',
    );
    for (const share of shares) share.release();
    pool.assertNoLeaks();
  });

  test('counts all that one holder has, in whatever slots', () => {
    const pool = decodedPool({ capacity: 3, name: 'player' });
    const handles = [0, 1, 2].map(() => pool.adopt(makeFrame(), { holder: 'renderer' }));
    expect(thrownBy(() => pool.assertNoLeaks()).message).toContain('held by renderer (3)');
    for (const handle of handles) handle.release();
  });

  test('shows where each share was made, with trackHolders', () => {
    const pool = decodedPool({ trackHolders: true });
    const permit = given(pool.tryReserve());
    expect(thrownBy(() => pool.assertNoLeaks()).message).toContain('holders.test.ts');
    permit.release();
  });
});

describe('peek()', () => {
  test('gives a frame of the caller’s own of what is lent, and takes no share', () => {
    const pool = decodedPool({ capacity: 3 });
    const handle = pool.adopt(makeFrame({ timestamp: 40 }));
    const permit = given(pool.tryReserve());
    const [slot = -1, reserved = -1] = pool.holders().map((report) => report.slot);
    const seen = given(pool.peek(slot));
    expect(seen.timestamp).toBe(40);
    expect(pool.holders()[0]?.shares).toBe(1);
    seen.close();
    expect(handle.frame.timestamp).toBe(40);
    for (const other of [reserved, 2, -1, 0.5, NaN]) expect(pool.peek(other)).toBeNull();
    handle.release();
    permit.release();
    expect(pool.peek(slot)).toBeNull();
  });

  test('gives null of a frame that was closed behind the pool’s back', () => {
    const pool = decodedPool();
    const frame = makeFrame();
    const handle = pool.adopt(frame);
    frame.close();
    expect(pool.peek(0)).toBeNull();
    handle.release();
  });

  test('gives the picture of a canvas that is lent, and nothing of one that is idle', () => {
    const pool = canvasPool();
    const handle = given(pool.tryAcquire());
    const seen = given(pool.peek(0));
    seen.close();
    handle.release();
    expect(pool.idleCount).toBe(1);
    expect(pool.peek(0)).toBeNull();
  });
});
