import { describe, expect, test } from 'vitest';
import type { TrackPacket } from '../../src/media/container/track-packets.ts';
import { TimedPackets } from '../../src/media/timed-packets.ts';

/** A frame by its tick, or a packet: a VP8 frame of four bytes, whose show_frame bit is in the first one. */
type Spec = number | { tick: number; ticks?: number; hidden?: boolean; empty?: boolean };

function packetsOf(specs: readonly Spec[], log: string[] = []): AsyncIterator<TrackPacket, undefined> {
  const list = specs.values();
  let order = 0;
  return {
    async next() {
      const { value: spec } = list.next();
      log.push('read');
      if (spec === undefined) return { done: true, value: undefined };
      const {
        tick,
        ticks = 0,
        hidden = false,
        empty = false,
      } = typeof spec === 'number' ? { tick: spec } : spec;
      const data = Uint8Array.of(...(empty ? [] : [hidden ? 0b10_0001 : 0b11_0001, 0, 0, 0]));
      const packet = {
        tick,
        ticks,
        order: order++,
        isKey: false,
        data,
        byteLength: data.length,
        alpha: null,
      };
      return { done: false, value: packet as unknown as TrackPacket };
    },
    async return() {
      log.push('return');
      return { done: true, value: undefined };
    },
  };
}

/** Starts and durations of the frames in decode order, in ticks of a millisecond. */
async function timesOf(
  specs: readonly Spec[],
  reorderDepth: number,
  endTick = 0,
): Promise<[begin: number, length: number][]> {
  const timed = new TimedPackets(packetsOf(specs), {
    codec: 'vp8',
    ticksPerSecond: 1000,
    reorderDepth,
    endTick,
  });
  const times: [number, number][] = [];
  for (let next = await timed.next(); next.done !== true; next = await timed.next()) {
    const { timestamp, duration, isShown } = next.value;
    if (isShown) times.push([timestamp / 1000, duration / 1000]);
  }
  return times;
}

describe('[C15] durations', () => {
  test('are the time to the next frame, whatever the container declares', async () => {
    const frames = [{ tick: 0, ticks: 40 }, 33, { tick: 67, ticks: 10 }, { tick: 100, ticks: 33 }];
    expect(await timesOf(frames, 0)).toEqual([
      [0, 33],
      [33, 34],
      [67, 33],
      [100, 33],
    ]);
  });

  test('of reordered frames are the time to the next one in presentation order', async () => {
    expect(await timesOf([0, 40, 20, 10, 30, 80, 60, 50, 70], 2, 90)).toEqual(
      [0, 40, 20, 10, 30, 80, 60, 50, 70].map((tick) => [tick, 10]),
    );
  });

  test('of the last frame are the container’s, or last to the end of the video', async () => {
    expect((await timesOf([0, { tick: 20, ticks: 5 }], 0)).at(-1)).toEqual([20, 5]);
    expect((await timesOf([0, { tick: 20, ticks: 5 }], 0, 24)).at(-1)).toEqual([20, 4]);
    expect((await timesOf([0, 20], 0, 50)).at(-1)).toEqual([20, 30]);
    expect(await timesOf([7], 0)).toEqual([[7, 0]]);
  });

  test('of frames with equal times are 0 except for the last of them', async () => {
    expect(await timesOf([0, 0, 20, 20, 40], 0, 60)).toEqual([
      [0, 0],
      [0, 20],
      [20, 0],
      [20, 20],
      [40, 20],
    ]);
  });

  test('do not end at a packet without a frame', async () => {
    const frames = [0, { tick: 10, hidden: true }, { tick: 15, empty: true }, 20];
    expect(await timesOf(frames, 0, 40)).toEqual([
      [0, 20],
      [20, 20],
    ]);
  });

  test('are exact over thousands of frames of a changing rate', async () => {
    const ticks = Array.from({ length: 5000 }, (_, n) => n * 33 + (n % 7) * 3);
    const times = await timesOf(ticks, 0);
    expect(times).toHaveLength(5000);
    for (const [n, [begin, length]] of times.slice(0, -1).entries())
      expect(begin + length).toBe(ticks[n + 1]);
  });
});

describe('reading ahead', () => {
  const facts = { codec: 'vp8', ticksPerSecond: 1000, endTick: 0 };

  test('is limited by the reorder depth', async () => {
    const log: string[] = [];
    const timed = new TimedPackets(packetsOf([0, 10, 20, 30, 40, 50], log), { ...facts, reorderDepth: 2 });
    await timed.next();
    expect(log).toEqual(['read', 'read', 'read', 'read']);
  });

  test('ends with a frame that begins at this one’s end by the container', async () => {
    const log: string[] = [];
    const frames = [{ tick: 0, ticks: 10 }, 10, 20, 30];
    const timed = new TimedPackets(packetsOf(frames, log), { ...facts, reorderDepth: 16 });
    await timed.next();
    expect(log).toEqual(['read', 'read']);
  });

  test('ends with return(), which ends the packets', async () => {
    const log: string[] = [];
    const timed = new TimedPackets(packetsOf([0, 10, 20], log), { ...facts, reorderDepth: 0 });
    await timed.next();
    await timed.return();
    expect(await timed.next()).toEqual({ done: true, value: undefined });
    expect(log).toEqual(['read', 'read', 'return']);
  });
});
