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

describe('[C9] the chunks inside a decoder', () => {
  test.each<[title: string, fed: number[], out: number[], left: number[]]>([
    ['are those that went in and did not come out', [0, 33, 66], [0, 33, 66], [2, 1, 0]],
    [
      'exclude chunks before a frame that came out: those were hidden or dropped',
      [0, 20, 23, 33],
      [0, 33],
      [3, 0],
    ],
    // Decode order of a B-pyramid: shown 0 1 2 3 4.
    [
      'include chunks after it, even if they went in before: frames are reordered',
      [0, 4, 2, 1, 3],
      [0, 1, 2],
      [4, 3, 2],
    ],
    [
      'are counted with times below 0 and beyond 2^32, and with frames that were not fed',
      [-500_000, -466_667, 93_600_000_000],
      [-500_000, -466_666, 93_600_000_000, 5],
      [2, 1, 0, 0],
    ],
    [
      'decrease by one with each frame that came out, also if times are equal',
      [0, 0, 0, 33],
      [0, 0, 33],
      [3, 2, 0],
    ],
  ])('%s', (_, timestamps, out, left) => {
    const inFlight = fed(...timestamps);
    expect(inFlight.size).toBe(timestamps.length);
    expect(out.map((timestamp) => sizeAfter(inFlight, timestamp))).toEqual(left);
  });

  test('are counted apart if their frames are not wanted', () => {
    const inFlight = new InFlight();
    inFlight.feed(chunkAt(0, true), 'decode-only');
    inFlight.feed(chunkAt(33), 'decode-only');
    inFlight.feed(chunkAt(66), 'wanted');
    expect([inFlight.size, inFlight.wanted]).toEqual([3, 1]);
    expect([sizeAfter(inFlight, 33), inFlight.wanted]).toEqual([1, 1]);
    expect([sizeAfter(inFlight, 66), inFlight.wanted]).toEqual([0, 0]);
  });

  test('are known also if timestamps jump back at a key frame', () => {
    const inFlight = fed(1000, 1033);
    inFlight.feed(chunkAt(0, true), 'wanted');
    inFlight.feed(chunkAt(33), 'wanted');
    expect([1000, 1033, 0].map((timestamp) => sizeAfter(inFlight, timestamp))).toEqual([3, 2, 1]);
  });

  test('are known by the first chunk of a time with a frame, with kind and duration', () => {
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

  test('are counted apart from chunks without a frame, which have the time of one', () => {
    const inFlight = new InFlight();
    inFlight.feed(chunkAt(0, true), 'wanted');
    inFlight.feed(chunkAt(0), 'invisible');
    inFlight.feed(chunkAt(0), 'wanted');
    expect([sizeAfter(inFlight, 0), inFlight.wanted]).toEqual([1, 1]);
  });

  test('exclude a chunk that the decoder rejected', () => {
    const inFlight = fed(0, 33);
    inFlight.cancel(inFlight.feed(chunkAt(66), 'wanted'));
    expect([inFlight.size, inFlight.wanted, sizeAfter(inFlight, 33)]).toEqual([2, 2, 0]);
  });

  test('have their positions in the stream', () => {
    const inFlight = new InFlight(7);
    for (const time of [0, 66, 33]) inFlight.feed(chunkAt(time, time === 0), 'wanted');
    inFlight.out(0);
    expect([inFlight.indices, inFlight.nextIndex]).toEqual([[8, 9], 10]);
  });

  test('exclude those with the time of the last frame, if the decoder is silent', () => {
    const inFlight = fed(0, 0, 0, 33);
    expect(inFlight.dropRepeated()).toBe(false);
    expect(sizeAfter(inFlight, 0)).toBe(3);
    expect([inFlight.dropRepeated(), inFlight.size, inFlight.wanted]).toEqual([true, 1, 1]);
    expect(inFlight.dropRepeated()).toBe(false);
  });
});

describe('[C9] a decoder that puts out in decode order', () => {
  // Shown 0 1 2 3 4 5 6 7 8.
  const order = [0, 4, 2, 1, 3, 8, 6, 5, 7];

  test('is detected by its first frame after a later one, and then counted by positions', () => {
    const inFlight = fed(...order);
    const left = order.map((time) => sizeAfter(inFlight, time));
    // The frame at 4 seems to overtake those at 2, 1 and 3.
    expect(left).toEqual([8, 4, 4, 4, 4, 3, 2, 1, 0]);
    expect(inFlight.isInDecodeOrder).toBe(true);
  });

  test('has the durations of its chunks from the first frame on', () => {
    const inFlight = new InFlight();
    for (const time of order) inFlight.feed(chunkAt(time, time === 0, 100 + time), 'wanted');
    expect(order.map((time) => inFlight.out(time)?.duration)).toEqual(order.map((time) => 100 + time));
  });

  test('is treated as one in presentation order as soon as it behaves so', () => {
    const inFlight = fed(...order);
    for (const time of [0, 4, 2]) inFlight.out(time);
    expect(inFlight.isInDecodeOrder).toBe(true);
    for (const time of [12, 10]) inFlight.feed(chunkAt(time), 'wanted');
    for (const time of [5, 6]) inFlight.out(time);
    expect(inFlight.isInDecodeOrder).toBe(false);
    expect(sizeAfter(inFlight, 10)).toBe(1);
  });

  test('is distinguished from one that drops frames', () => {
    const inFlight = fed(0, 20, 23, 33);
    inFlight.out(0);
    expect(inFlight.hasOvertaken).toBe(false);
    inFlight.out(33);
    expect([inFlight.hasOvertaken, inFlight.isInDecodeOrder]).toEqual([true, false]);
  });
});

describe('[C9] the chunks inside a decoder that was emptied', () => {
  test('are none after clear()', () => {
    const inFlight = fed(0, 33);
    inFlight.clear();
    expect([inFlight.size, inFlight.wanted]).toEqual([0, 0]);
    inFlight.feed(chunkAt(0, true), 'wanted');
    expect(inFlight.size).toBe(1);
  });
});
