import { describe, expect, test } from 'vitest';
import { InFlight } from '../../src/decode/in-flight.ts';

function fed(...timestamps: number[]): InFlight {
  const inFlight = new InFlight();
  for (const [index, timestamp] of timestamps.entries()) inFlight.feed(timestamp, index === 0, true);
  return inFlight;
}

describe('[C9] what is inside a decoder', () => {
  test('is what went in and did not come out', () => {
    const inFlight = fed(0, 33, 66);
    expect(inFlight.size).toBe(3);
    inFlight.out(0);
    expect(inFlight.size).toBe(2);
    inFlight.out(33);
    inFlight.out(66);
    expect(inFlight.size).toBe(0);
  });

  test('is not what comes before a frame that came out: that was hidden or dropped', () => {
    const inFlight = fed(0, 20, 23, 33);
    inFlight.out(0);
    inFlight.out(33);
    expect(inFlight.size).toBe(0);
  });

  test('is what comes after it, though it went in before: frames are reordered', () => {
    // Decode order of a B-pyramid: shown 0 1 2 3 4.
    const inFlight = fed(0, 4, 2, 1, 3);
    inFlight.out(0);
    inFlight.out(1);
    expect(inFlight.size).toBe(3);
    inFlight.out(2);
    expect(inFlight.size).toBe(2);
  });

  test('is counted apart for chunks whose frames nobody wants', () => {
    const inFlight = new InFlight();
    inFlight.feed(0, true, false);
    inFlight.feed(33, false, false);
    inFlight.feed(66, false, true);
    expect([inFlight.size, inFlight.wanted]).toEqual([3, 1]);
    inFlight.out(33);
    expect([inFlight.size, inFlight.wanted]).toEqual([1, 1]);
    inFlight.out(66);
    expect([inFlight.size, inFlight.wanted]).toEqual([0, 0]);
  });

  test('is known also where timestamps jump back at a key frame', () => {
    const inFlight = fed(1000, 1033);
    inFlight.feed(0, true, true);
    inFlight.feed(33, false, true);
    inFlight.out(1000);
    expect(inFlight.size).toBe(3);
    inFlight.out(1033);
    expect(inFlight.size).toBe(2);
    inFlight.out(0);
    expect(inFlight.size).toBe(1);
  });

  test('survives times below 0 and beyond 2^32, and frames that nobody fed', () => {
    const inFlight = fed(-500_000, -466_667, 93_600_000_000);
    inFlight.out(-500_000);
    inFlight.out(-466_666);
    expect(inFlight.size).toBe(1);
    inFlight.out(93_600_000_000);
    expect(inFlight.size).toBe(0);
    inFlight.out(5);
    expect(inFlight.size).toBe(0);
  });

  test('is one frame less for each frame that came out, also where times are equal', () => {
    const inFlight = fed(0, 0, 0, 33);
    inFlight.out(0);
    expect(inFlight.size).toBe(3);
    inFlight.out(0);
    expect(inFlight.size).toBe(2);
    inFlight.out(33);
    expect(inFlight.size).toBe(0);
  });

  test('is nothing after clear()', () => {
    const inFlight = fed(0, 33);
    inFlight.clear();
    expect([inFlight.size, inFlight.wanted]).toEqual([0, 0]);
    inFlight.feed(0, true, true);
    expect(inFlight.size).toBe(1);
  });
});
