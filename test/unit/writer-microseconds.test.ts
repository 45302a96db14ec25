/** Times of the writer: whole µs, fractions truncated toward zero, exact in files of any length. */
import { describe, expect, test } from 'vitest';
import {
  countIn,
  microsecondsOf,
  requireMicroseconds,
  toSeconds,
} from '../../src/media/writer/microseconds.ts';

describe('microsecondsOf()', () => {
  test.each([
    ['a 30th of a second', 1, 30, 33_333],
    ['two thirds of a µs are truncated', 2, 30, 66_666],
    ['a second of NTSC pictures', 30, 30_000 / 1001, 1_001_000],
    ['samples at 44,100 Hz', 1024, 44_100, 23_219],
    ['samples before the beginning', -1024, 44_100, -23_219],
  ])('%s', (_, count, rate, microseconds) => {
    expect(microsecondsOf(count, rate)).toBe(microseconds);
  });

  test('is exact after 27 hours at every rate of sound', () => {
    for (const rate of [8000, 11_025, 44_100, 48_000, 96_000, 768_000]) {
      const start = 97_200 * rate;
      for (let count = start; count < start + 1000; count++) {
        const exact = (BigInt(count) * 1_000_000n) / BigInt(rate);
        expect(microsecondsOf(count, rate)).toBe(Number(exact));
      }
    }
  });
});

test('countIn() returns the nearest whole sample', () => {
  expect([countIn(23_219, 44_100), countIn(10, 44_100), countIn(12, 44_100)]).toEqual([1024, 0, 1]);
});

test('toSeconds() returns what mediabunny reads as the same time', () => {
  expect([toSeconds(33_333), toSeconds(-1)]).toEqual([0.033333, -0.000001]);
});

describe('requireMicroseconds()', () => {
  test('truncates a fraction toward zero', () => {
    expect([33_333.9, -33_333.9, 0.5, -0.5, 7].map((time) => requireMicroseconds('timestamp', time))).toEqual(
      [33_333, -33_333, 0, 0, 7],
    );
  });

  test.each([
    ['5', TypeError],
    [undefined, TypeError],
    [NaN, RangeError],
    [Infinity, RangeError],
    [-1, RangeError],
  ])('refuses %s', (value, error) => {
    expect(() => requireMicroseconds('duration', value, 0)).toThrow(error);
  });
});
