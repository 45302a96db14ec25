/** Sixteen decoders under one budget of a quarter of their need: all run to their ends. */
import { describe, expect, test } from 'vitest';
import type { CanvasStorage, FrameHandle, PoolStats } from '../../src/index.ts';
import {
  canvasStorage,
  decodeFrames,
  FrameBudget,
  PoolStarvedError,
  VideoFramePool,
} from '../../src/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import type { Track } from '../support/packets.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { outcomeOf, takeAll } from '../support/streams.ts';

const FILES = [
  'vp8.webm',
  'vp9.webm',
  'h264_baseline.mp4',
  'h264_bframes.mp4',
  'av1.mp4',
  'vp9_hidden.webm',
  'vp8_odd.webm',
  'h264_opengop.mp4',
];
const POOLS = 16;
const CAPACITY = 8;

/** The bytes of a pool with all its slots lent. Engines differ in the bytes of a pixel, so a frame is measured. */
async function bytesWanted({ chunks, config }: Track): Promise<number> {
  const pool = new VideoFramePool({ capacity: 1 });
  let bytes = 0;
  await takeAll(decodeFrames(pool, streamOf(chunks.slice(0, 1)), config), () => (bytes = pool.bytes));
  expect(bytes).toBeGreaterThan(0);
  return CAPACITY * bytes;
}

/** The sum of a figure of several pools. */
const sumOf = (all: readonly PoolStats[], figure: (stats: PoolStats) => number): number =>
  all.reduce((sum, stats) => sum + figure(stats), 0);

describe.each([
  ['that release each frame at once', 0],
  ['that hold a frame until the next one arrives, like players', 1],
])('sixteen pools with readers %s, under a quarter of the bytes', (_, held) => {
  test('run to their ends without starvation, and the sums are true at each step', async () => {
    const files = Array.from({ length: POOLS }, (__, index) => FILES[index % FILES.length] as string);
    const tracks = await Promise.all(files.map((file) => trackOf(file)));
    const wanted = await Promise.all(tracks.map(bytesWanted));
    const budget = new FrameBudget({ maxBytes: Math.floor(wanted.reduce((sum, one) => sum + one) / 4) });
    const pools = files.map((name) => new VideoFramePool({ capacity: CAPACITY, budget, name }));
    let steps = 0;
    let pressed = 0;
    const check = (): void => {
      steps++;
      const stats = pools.map((pool) => pool.stats());
      if (stats.some(({ waitingCount, freeCount }) => waitingCount > 0 && freeCount > 0)) pressed++;
      const bytes = sumOf(stats, (each) => each.bytes);
      const out = sumOf(stats, (each) => each.lentCount + each.decodingCount);
      expect([budget.bytes, budget.frames]).toEqual([bytes, out]);
      // Only overcommitted frames may exceed it.
      const overcommitted = sumOf(stats, (each) => each.overcommitted);
      expect(bytes).toBeLessThanOrEqual(budget.maxBytes + overcommitted * largest);
    };
    const largest = Math.max(...wanted) / CAPACITY;
    const read = async (pool: VideoFramePool, index: number): Promise<void> => {
      const { chunks, config } = tracks[index] as Track;
      const kept: FrameHandle[] = [];
      const timestamps: number[] = [];
      for await (const handle of decodeFrames(pool, streamOf(chunks), config, { starvationMs: 20_000 })) {
        timestamps.push(handle.timestamp);
        check();
        kept.push(handle);
        while (kept.length > held) kept.shift()?.release();
        check();
      }
      for (const handle of kept) handle.release();
      expect(timestamps, pool.name).toEqual(timestampsOf(clip(pool.name)));
    };
    await Promise.all(pools.map(read));
    for (const pool of pools) pool.assertNoLeaks();
    expect(steps).toBeGreaterThan(POOLS * 20);
    // The budget held back some readers whose pools had free slots.
    expect(pressed).toBeGreaterThan(0);
    expect([budget.bytes, budget.frames]).toEqual([0, 0]);
  });
});

test('two videos start under a budget, and neither waits for the picture of the other [C4]', async () => {
  const track = await trackOf('vp8.webm', 20);
  const { chunks, config } = track;
  const bytes = (await bytesWanted(track)) / CAPACITY;
  // One picture for each video, and one that arrives before another is released.
  const budget = new FrameBudget({ maxBytes: 3 * bytes });
  const players = ['first', 'second'].map((name) => {
    const pool = new VideoFramePool({ capacity: CAPACITY, budget, name });
    const frames = decodeFrames(pool, streamOf(chunks), config, { starvationMs: 5000 });
    let shown: FrameHandle | undefined;
    const timestamps: number[] = [];
    const step = async (): Promise<void> => {
      const { value } = await frames.next();
      shown?.release();
      shown = value;
      if (value !== undefined) timestamps.push(value.timestamp);
    };
    return { pool, step, timestamps };
  });
  await players[0]?.step();
  for (let turn = 0; turn <= chunks.length; turn++) {
    for (const player of players.toReversed()) await player.step();
  }
  for (const { pool, timestamps } of players) {
    expect(timestamps).toEqual(chunks.map(({ timestamp }) => timestamp));
    pool.assertNoLeaks();
  }
  expect(budget.bytes).toBe(0);
});

test('starvation under a budget names the holders in every pool', async () => {
  const { chunks, config } = await trackOf('vp8.webm', 10);
  const budget = new FrameBudget({ maxFrames: 1 });
  const other: VideoFramePool<CanvasStorage> = new VideoFramePool({
    capacity: 1,
    budget,
    name: 'thumbnails',
    storage: canvasStorage({ width: 8, height: 8 }),
  });
  const pool = new VideoFramePool({ capacity: 4, budget, name: 'player' });
  const held = await other.acquire({ holder: 'strip' });
  const frames = decodeFrames(pool, streamOf(chunks), config, { starvationMs: 300 });
  const error = await outcomeOf(frames.next());
  if (!(error instanceof PoolStarvedError)) throw new Error(`not starved but ${String(error)}`);
  expect(error.holders.map((report) => [report.pool, report.holder])).toEqual([['thumbnails', 'strip']]);
  expect(error.message).toContain('in pool "player", whose room is held by strip of pool "thumbnails"');
  held.release();
  expect([budget.frames, pool.lentCount, pool.decodingCount]).toEqual([0, 0, 0]);
});
