import { describe, expect } from 'vitest';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { given, releaseAll, thrownBy } from '../support/fake-outcomes.ts';
import { canvasPool, decodedPool, fullPool, test } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

describe('holders()', () => {
  test('has one report for each named share, and one for the unnamed ones of a slot', ({ frames: pool }) => {
    const first = pool.adopt(makeFrame({ timestamp: 40 }), { holder: 'renderer' });
    const [second, ...others] = [first.retain(), first.retain(), first.retain('encoder')];
    const permit = given(pool.tryReserve({ holder: 'decoder' }));
    const base = { pool: 'pool', slot: 0, state: 'lent', timestamp: 40 };
    const reserved = { pool: 'pool', slot: 1, state: 'reserved', timestamp: 0, holder: 'decoder', shares: 1 };
    expect(pool.holders()).toEqual([
      { ...base, holder: 'renderer', shares: 1 },
      { ...base, holder: 'encoder', shares: 1 },
      { ...base, holder: undefined, shares: 2 },
      reserved,
    ]);
    releaseAll([first, second]);
    expect(pool.holders()).toEqual([
      { ...base, holder: 'encoder', shares: 1 },
      { ...base, holder: undefined, shares: 1 },
      reserved,
    ]);
    releaseAll([...others, permit]);
    expect(pool.holders()).toEqual([]);
  });

  test('reports time and place of each share, with trackHolders only', () => {
    const pool = canvasPool({ trackHolders: true, clock: new ManualClock(500) });
    using _handle = given(pool.tryAcquire());
    const acquiredAt = expect.stringContaining('holders.test.ts');
    expect(pool.holders()).toMatchObject([{ since: 500, acquiredAt }]);
    const plain = decodedPool();
    using _other = plain.adopt(makeFrame());
    const report = { pool: 'pool', slot: 0, state: 'lent', timestamp: 0, holder: undefined, shares: 1 };
    expect(plain.holders()).toEqual([report]);
  });

  test('follows a permit into its frame: the name is the one given to adopt()', ({ frames: pool }) => {
    using _handle = given(pool.tryReserve({ holder: 'decoder' })).adopt(makeFrame(), { holder: 'renderer' });
    expect(pool.holders().map(({ holder }) => holder)).toEqual(['renderer']);
  });
});

describe('assertNoLeaks()', () => {
  test('passes when every slot has returned, and names holders and slots otherwise', () => {
    const pool = decodedPool({ capacity: 3, name: 'player' });
    pool.assertNoLeaks();
    const a = pool.adopt(makeFrame(), { holder: 'renderer' });
    const shares = [a, a.retain(), a.retain()];
    expect(thrownBy(() => pool.assertNoLeaks()).message).toBe(
      'pool "player": 1 not released, held by renderer, (unnamed) (2)',
    );
    releaseAll(shares);
    pool.assertNoLeaks();
  });

  test('adds up the shares of one holder, over all slots', () => {
    const pool = decodedPool({ capacity: 3, name: 'player' });
    const handles = [0, 1, 2].map(() => pool.adopt(makeFrame(), { holder: 'renderer' }));
    expect(thrownBy(() => pool.assertNoLeaks()).message).toContain('held by renderer (3)');
    releaseAll(handles);
  });

  test('shows the place where each share was made, with trackHolders', () => {
    const pool = decodedPool({ trackHolders: true });
    using _permit = given(pool.tryReserve());
    expect(thrownBy(() => pool.assertNoLeaks()).message).toContain('holders.test.ts');
  });
});

describe('peek()', () => {
  test('gives a lent frame as a frame of the caller’s own, and takes no share', () => {
    const pool = decodedPool({ capacity: 3 });
    const handle = pool.adopt(makeFrame({ timestamp: 40 }));
    using _permit = given(pool.tryReserve());
    const [slot = -1, reserved = -1] = pool.holders().map((report) => report.slot);
    const seen = given(pool.peek(slot));
    expect(seen.timestamp).toBe(40);
    expect(pool.holders()[0]?.shares).toBe(1);
    seen.close();
    expect(handle.frame.timestamp).toBe(40);
    for (const other of [reserved, 2, -1, 0.5, NaN]) expect(pool.peek(other)).toBeNull();
    handle.release();
    expect(pool.peek(slot)).toBeNull();
  });

  test('gives null for a frame that was closed without the pool', ({ frames: pool }) => {
    const frame = makeFrame();
    using _handle = pool.adopt(frame);
    frame.close();
    expect(pool.peek(0)).toBeNull();
  });

  test('gives the picture of a lent canvas, and null for an idle one', () => {
    const { pool, held } = fullPool();
    given(pool.peek(0)).close();
    held.release();
    expect([pool.idleCount, pool.peek(0)]).toEqual([1, null]);
  });
});
