import { describe, expect } from 'vitest';
import { Ledger } from '../../src/pool/ledger.ts';
import { given, releaseAll } from '../support/fake-outcomes.ts';
import { canvasPool, decodedPool, test } from '../support/fake-pools.ts';
import { FRAME_BYTES, makeFrame } from '../support/fake-video-frame.ts';

/** The invariant of the cap: `capacity + overcommitted = free + lent + decoding`. */
const balance = ({ capacity, overcommitted, free, lent, decoding }: Ledger): number =>
  capacity + overcommitted - free - lent - decoding;

describe('the ledger', () => {
  test('balances through lending, permits, the delay allowance and shrinking [C3]', () => {
    const ledger = new Ledger(2, Infinity);
    ledger.reserve();
    ledger.reserve();
    expect([ledger.free, balance(ledger)]).toEqual([0, 0]);
    ledger.fulfil();
    ledger.lend(true);
    expect([ledger.overcommitted, ledger.free, ledger.lent, balance(ledger)]).toEqual([1, 0, 2, 0]);
    ledger.resize(1);
    expect([ledger.capacity, ledger.free, balance(ledger)]).toEqual([2, 0, 0]);
    ledger.takeBack('lent');
    expect([ledger.overcommitted, ledger.capacity, ledger.free, balance(ledger)]).toEqual([0, 2, 0, 0]);
    ledger.takeBack('reserved');
    expect([ledger.capacity, ledger.free, balance(ledger)]).toEqual([1, 0, 0]);
    ledger.takeBack('lent');
    expect([ledger.capacity, ledger.free, ledger.lent, ledger.decoding]).toEqual([1, 1, 0, 0]);
  });

  test('overcommitted frames are returned before any slot is free again [C3]', () => {
    const ledger = new Ledger(1, Infinity);
    ledger.lend();
    for (let extra = 1; extra <= 3; extra++) {
      ledger.lend(true);
      expect([ledger.overcommitted, ledger.free]).toEqual([extra, 0]);
    }
    for (let left = 3; left > 0; left--) {
      ledger.takeBack('lent');
      expect([ledger.overcommitted, ledger.free]).toEqual([left - 1, 0]);
    }
    ledger.takeBack('lent');
    expect([ledger.overcommitted, ledger.free]).toEqual([0, 1]);
  });

  test('records the maximum lent at one time', () => {
    const ledger = new Ledger(5, Infinity);
    ledger.lend();
    ledger.lend();
    ledger.takeBack('lent');
    ledger.lend();
    expect([ledger.peakLent, ledger.totals.lent]).toEqual([2, 3]);
  });

  test('compares its bytes with the limit', () => {
    const ledger = new Ledger(1, 100);
    ledger.addBytes(60, true);
    expect([ledger.hasRoomFor(40), ledger.hasRoomFor(41), ledger.estimates]).toEqual([true, false, 1]);
    ledger.dropBytes(60, true);
    expect([ledger.bytes, ledger.estimates]).toEqual([0, 0]);
  });
});

describe('stats()', () => {
  test('reports counts and totals of a pool of frames [B: GetProperties] [A: GetFreeSampleCount]', () => {
    const pool = decodedPool({ capacity: 3, maxBytes: 1_000_000 });
    const out = [pool.adopt(makeFrame()), given(pool.tryReserve())];
    const settings = { state: 'active', capacity: 3, maxBytes: 1_000_000, generation: 0, overcommitted: 0 };
    const slots = { freeCount: 1, lentCount: 1, decodingCount: 1, idleCount: 0, waitingCount: 0 };
    const frames = { lent: 1, released: 0, recovered: 0, lost: 0, refused: 0, dropped: 0, peakLentCount: 1 };
    const buffers = { allocated: 0, reused: 0, discarded: 0, pruned: 0 };
    const bytes = { bytes: FRAME_BYTES, bytesEstimated: false };
    expect(pool.stats()).toEqual({ ...settings, ...slots, ...frames, ...buffers, ...bytes });
    releaseAll(out);
    expect(pool.stats()).toMatchObject({ freeCount: 3, bytes: 0, released: 2 });
  });

  test('distinguishes made, reused and freed buffers, and marks canvases as estimates', () => {
    const pool = canvasPool();
    given(pool.tryAcquire()).release();
    given(pool.tryAcquire()).release();
    expect(pool.stats()).toMatchObject({ allocated: 1, reused: 1, pruned: 0, lent: 2, bytesEstimated: true });
    pool.trim();
    expect(pool.stats()).toMatchObject({ allocated: 1, pruned: 1, bytes: 0, bytesEstimated: false });
  });

  test('is a snapshot: a later change is not visible', ({ frames: pool }) => {
    const before = pool.stats();
    pool.adopt(makeFrame()).release();
    expect([before.lent, pool.stats().lent]).toEqual([0, 1]);
  });

  test('a buffer that was only made ahead does not count as reused', () => {
    const pool = canvasPool({ capacity: 1, initial: 1 });
    given(pool.tryAcquire()).release();
    expect(pool.stats()).toMatchObject({ allocated: 1, lent: 1, reused: 0 });
    given(pool.tryAcquire()).release();
    expect(pool.stats()).toMatchObject({ allocated: 1, lent: 2, reused: 1 });
  });

  test('nor does a buffer that is made ahead in place of another', async () => {
    const pool = canvasPool({ capacity: 1, initial: 1 });
    given(pool.tryAcquire()).release();
    await pool.decommit();
    pool.commit();
    given(pool.tryAcquire()).release();
    expect(pool.stats()).toMatchObject({ allocated: 2, lent: 2, reused: 0 });
  });
});
