import { describe, expect, test } from 'vitest';
import { InFlight } from '../../src/decode/in-flight.ts';

const chunkAt = (timestamp: number, isKey = false, duration: number | null = null) =>
  ({ timestamp, duration, type: isKey ? 'key' : 'delta' }) as const;

function fed(...timestamps: number[]): InFlight {
  const inFlight = new InFlight();
  for (const [index, timestamp] of timestamps.entries())
    inFlight.feed(chunkAt(timestamp, index === 0), 'wanted');
  return inFlight;
}

function sizeAfter(inFlight: InFlight, out: number): number {
  inFlight.out(out);
  return inFlight.size;
}

describe('[C9] what is inside a decoder', () => {
  test.each<[title: string, fed: number[], out: number[], left: number[]]>([
    ['is what went in and did not come out', [0, 33, 66], [0, 33, 66], [2, 1, 0]],
    [
      'is not what comes before a frame that came out: that was hidden or dropped',
      [0, 20, 23, 33],
      [0, 33],
      [3, 0],
    ],
    // Decode order of a B-pyramid: shown 0 1 2 3 4.
    [
      'is what comes after it, though it went in before: frames are reordered',
      [0, 4, 2, 1, 3],
      [0, 1, 2],
      [4, 3, 2],
    ],
    [
      'survives times below 0 and beyond 2^32, and frames that nobody fed',
      [-500_000, -466_667, 93_600_000_000],
      [-500_000, -466_666, 93_600_000_000, 5],
      [2, 1, 0, 0],
    ],
    [
      'is one frame less for each frame that came out, also where times are equal',
      [0, 0, 0, 33],
      [0, 0, 33],
      [3, 2, 0],
    ],
  ])('%s', (_, timestamps, out, left) => {
    const inFlight = fed(...timestamps);
    expect(inFlight.size).toBe(timestamps.length);
    expect(out.map((timestamp) => sizeAfter(inFlight, timestamp))).toEqual(left);
  });

  test('is counted apart for chunks whose frames nobody wants', () => {
    const inFlight = new InFlight();
    inFlight.feed(chunkAt(0, true), 'decode-only');
    inFlight.feed(chunkAt(33), 'decode-only');
    inFlight.feed(chunkAt(66), 'wanted');
    expect([inFlight.size, inFlight.wanted]).toEqual([3, 1]);
    expect([sizeAfter(inFlight, 33), inFlight.wanted]).toEqual([1, 1]);
    expect([sizeAfter(inFlight, 66), inFlight.wanted]).toEqual([0, 0]);
  });

  test('is known also where timestamps jump back at a key frame', () => {
    const inFlight = fed(1000, 1033);
    inFlight.feed(chunkAt(0, true), 'wanted');
    inFlight.feed(chunkAt(33), 'wanted');
    expect([1000, 1033, 0].map((timestamp) => sizeAfter(inFlight, timestamp))).toEqual([3, 2, 1]);
  });

  test('is known by the first chunk of its time that gives a frame, with its kind and its duration', () => {
    const inFlight = new InFlight();
    inFlight.feed(chunkAt(0, true, 10), 'invisible');
    inFlight.feed(chunkAt(0, false, 20), 'decode-only');
    inFlight.feed(chunkAt(0, false, 30), 'wanted');
    expect(inFlight.wanted).toBe(1);
    expect(inFlight.out(0)).toMatchObject({ kind: 'decode-only', duration: 20 });
    expect(inFlight.out(0)).toMatchObject({ kind: 'wanted', duration: 30 });
    expect(inFlight.out(0)).toBeNull();
    expect([inFlight.out(40), inFlight.size]).toEqual([null, 0]);
  });

  test('is nothing after clear()', () => {
    const inFlight = fed(0, 33);
    inFlight.clear();
    expect([inFlight.size, inFlight.wanted]).toEqual([0, 0]);
    inFlight.feed(chunkAt(0, true), 'wanted');
    expect(inFlight.size).toBe(1);
  });
});
