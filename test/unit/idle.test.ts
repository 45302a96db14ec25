import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { CANVAS_BYTES } from '../support/fake-canvas.ts';
import { acquired, given, releaseAll } from '../support/fake-outcomes.ts';
import { canvasPool, counts } from '../support/fake-pools.ts';

/** A pool whose idle buffers are freed after a second; this many exist from the start. */
function idlePool(initial = 0) {
  const clock = new ManualClock();
  return { clock, pool: canvasPool({ capacity: Math.max(2, initial), initial, idleMs: 1000, clock }) };
}

describe('idle buffers', () => {
  test('are freed after idleMs, even without a call to the pool [edge 10] [A: NotifyPrune]', () => {
    const { pool, clock } = idlePool(2);
    clock.advance(999);
    expect([pool.idleCount, pool.bytes]).toEqual([2, 2 * CANVAS_BYTES]);
    clock.advance(1);
    expect([pool.idleCount, pool.bytes, pool.freeCount]).toEqual([0, 0, 2]);
    expect([pool.stats().pruned, clock.pendingCount]).toEqual([2, 0]);
  });

  test('are freed each at its own time, counted from its last use [edge 10]', () => {
    const { pool, clock } = idlePool();
    const [a, b] = [given(pool.tryAcquire()), given(pool.tryAcquire())];
    a.release();
    clock.advance(600);
    b.release();
    clock.advance(400);
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 1, waiting 0');
    clock.advance(599);
    expect(pool.idleCount).toBe(1);
    clock.advance(1);
    expect(pool.idleCount).toBe(0);
  });

  test('in use again are not freed', () => {
    const { pool, clock } = idlePool();
    given(pool.tryAcquire()).release();
    clock.advance(900);
    const handle = given(pool.tryAcquire());
    clock.advance(5000);
    expect([pool.lentCount, pool.bytes]).toEqual([1, CANVAS_BYTES]);
    handle.release();
    clock.advance(999);
    expect(pool.idleCount).toBe(1);
    clock.advance(1);
    expect(pool.idleCount).toBe(0);
  });

  test('cost one timer, for any number of buffers and loans [edge 10]', () => {
    const { pool, clock } = idlePool(50);
    for (let round = 0; round < 100; round++) releaseAll(acquired(pool, 50));
    expect([clock.pendingCount, pool.stats().allocated]).toEqual([1, 50]);
  });

  test.each(['trim', 'decommit', 'close'] as const)('leave no timer behind at %s() [edge 10]', (end) => {
    const { pool, clock } = idlePool(2);
    expect(clock.pendingCount).toBe(1);
    void pool[end]();
    expect([pool.idleCount, clock.pendingCount]).toEqual([0, 0]);
  });

  test('stay for ever with idleMs: Infinity, and 10 s by default', () => {
    const clock = new ManualClock();
    const forEver = canvasPool({ initial: 1, idleMs: Infinity, clock });
    const usual = canvasPool({ initial: 1, clock });
    expect(clock.pendingCount).toBe(1);
    clock.advance(9_999);
    expect([forEver.idleCount, usual.idleCount]).toEqual([1, 1]);
    clock.advance(1);
    expect([forEver.idleCount, usual.idleCount]).toEqual([1, 0]);
  });
});
