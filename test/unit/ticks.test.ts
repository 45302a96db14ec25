import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastTickAt, microsecondsOf } from '../../src/media/container/track-packets.ts';

/** Ticks converted to microseconds: truncated toward zero, computed without loss. */
const exact = (ticks: number, perSecond: number): number =>
  Number((BigInt(ticks) * 1_000_000n) / BigInt(perSecond));

/** Ticks per second as containers have them, and a time of up to 27 hours in either direction. */
const times = fc
  .constantFrom(
    1,
    24,
    30,
    600,
    1000,
    12_800,
    15_360,
    24_000,
    30_000,
    48_000,
    60_000,
    90_000,
    1_000_000,
    10_000_000,
  )
  .chain((perSecond) =>
    fc.tuple(fc.integer({ min: -97_200 * perSecond, max: 97_200 * perSecond }), fc.constant(perSecond)),
  );

describe('[C15] ticks', () => {
  test('become whole microseconds, truncated toward zero, exact up to 27 hours', () => {
    fc.assert(
      fc.property(times, ([ticks, perSecond]) => {
        expect(microsecondsOf(ticks, perSecond)).toBe(exact(ticks, perSecond));
      }),
      { numRuns: 2000 },
    );
  });

  test('are found again by their time in microseconds', () => {
    fc.assert(
      fc.property(times, ([ticks, perSecond]) => {
        const time = microsecondsOf(ticks, perSecond);
        const found = lastTickAt(time, perSecond);
        expect(found).toBeGreaterThanOrEqual(ticks);
        expect(microsecondsOf(found, perSecond)).toBe(time);
        expect(microsecondsOf(found + 1, perSecond)).toBeGreaterThan(time);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    [0.5, 1000, 0],
    [999.9, 1000, 0],
    [1000, 1000, 1],
    [-0.5, 1000, -1],
    [33_365, 30_000, 1000],
    [33_366, 30_000, 1001],
    [Infinity, 1000, Infinity],
    [-Infinity, 1000, -Infinity],
  ])('the last one at or before %d µs at %d a second is %d', (time, perSecond, tick) => {
    expect(lastTickAt(time, perSecond)).toBe(tick);
  });

  test('may have a fractional rate', () => {
    const perSecond = 1e9 / 41_667;
    for (const tick of [0, 1, 24, 1000, 2_332_800]) {
      expect(microsecondsOf(tick, perSecond)).toBe(Math.trunc((tick * 41_667) / 1000));
      expect(lastTickAt(microsecondsOf(tick, perSecond), perSecond)).toBe(tick);
    }
  });
});
