import { describe, expect } from 'vitest';
import { given, thrownBy } from '../support/fake-outcomes.ts';
import { counts, decodedPool, test } from '../support/fake-pools.ts';
import { makeFrame, openFrames } from '../support/fake-video-frame.ts';

describe('a holder that closes the lent frame', () => {
  test('harms no other holder: the next reader gets a fresh frame [C13] [edge 7]', ({ frames: pool }) => {
    const first = pool.adopt(makeFrame({ timestamp: 7 }));
    const second = first.retain();
    const closed = first.frame;
    closed.close();
    expect(second.frame).not.toBe(closed);
    expect([second.frame.codedWidth, second.frame.timestamp]).toEqual([64, 7]);
    expect(first.frame).toBe(second.frame);
    first.release();
    expect([pool.lentCount, second.frame.codedWidth]).toEqual([1, 64]);
    second.release();
    expect([pool.lentCount, openFrames()]).toEqual([0, 0]);
  });

  test('and then releases: nothing is closed twice, and nothing stays open [C13]', ({ oneFrame: pool }) => {
    const handle = pool.adopt(makeFrame());
    handle.frame.close();
    handle.release();
    expect([pool.freeCount, openFrames(), pool.bytes]).toEqual([1, 0, 0]);
  });

  test('that it passed to adopt() gets an error, and the slot still returns [C13]', () => {
    const pool = decodedPool({ capacity: 1 });
    const original = makeFrame();
    const handle = pool.adopt(original);
    original.close();
    expect(thrownBy(() => handle.frame).name).toBe('InvalidStateError');
    handle.release();
    expect([pool.freeCount, pool.bytes]).toEqual([1, 0]);
  });
});

describe('a frame that a pool lent', () => {
  test('is rejected by adopt(), and stays unchanged [C13] [edge 4]', () => {
    const pool = decodedPool({ capacity: 3 });
    using handle = pool.adopt(makeFrame());
    using permit = given(pool.tryReserve());
    for (const offer of [() => pool.adopt(handle.frame), () => permit.adopt(handle.frame)]) {
      expect(thrownBy(offer).name).toBe('TypeError');
      expect(handle.frame.codedWidth).toBe(64);
      expect(counts(pool)).toBe('free 1, lent 1, decoding 1, idle 0, waiting 0');
    }
    expect(permit.released).toBe(false);
  });

  test('is copied by copyFrom(), and stays lent as it is [C13] [edge 4]', async ({ buffers: pool }) => {
    const frames = decodedPool();
    using handle = frames.adopt(makeFrame({ timestamp: 7 }));
    const lent = handle.frame;
    using copy = await pool.copyFrom(lent);
    expect([copy.timestamp, lent.codedWidth, handle.frame === lent, frames.lentCount]).toEqual([
      7,
      64,
      true,
      1,
    ]);
  });
});

describe('a frame that is adopted twice', () => {
  test('is rejected the second time: one frame cannot be in two slots [C13]', ({ frames: pool }) => {
    const frame = makeFrame();
    using handle = pool.adopt(frame);
    expect(thrownBy(() => pool.adopt(frame)).name).toBe('TypeError');
    expect([pool.lentCount, handle.frame.codedWidth]).toEqual([1, 64]);
  });
});

describe('bytes', () => {
  test('of an opaque frame are an estimate and labelled so, never an exception [C13]', ({ frames: pool }) => {
    const opaque = pool.adopt(makeFrame({ format: null }));
    expect([pool.bytes, pool.stats().bytesEstimated]).toEqual([64 * 48 * 4, true]);
    const known = pool.adopt(makeFrame());
    expect(pool.bytes).toBe(64 * 48 * 4 + 64 * 48 * 1.5);
    opaque.release();
    expect([pool.bytes, pool.stats().bytesEstimated]).toEqual([64 * 48 * 1.5, false]);
    known.release();
    expect(pool.bytes).toBe(0);
  });
});
