/** Sixteen decoders under one budget of a quarter of what they would take: all run to their ends. */
import { describe, expect, test } from 'vitest';
import type { CanvasStorage, DecodedStorage, FrameHandle } from '../../src/index.ts';
import {
  canvasStorage,
  decodeFrames,
  FrameBudget,
  PoolStarvedError,
  VideoFramePool,
} from '../../src/index.ts';
import { CLIPS, timestampsOf } from '../media/clips.ts';
import { streamOf, trackOf } from '../support/packets.ts';

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

type Track = Awaited<ReturnType<typeof trackOf>>;

/** What a pool would hold with all its slots lent. Engines differ in the bytes of a pixel, so a frame is looked at. */
async function bytesWanted({ chunks, config }: Track): Promise<number> {
  const pool = new VideoFramePool({ capacity: 1 });
  for await (const handle of decodeFrames(pool, streamOf(chunks), config)) {
    const { bytes } = pool;
    handle.release();
    return CAPACITY * bytes;
  }
  throw new Error('no frame');
}

/** The frames of one pool, and whether every sum held at each of them. */
interface Run {
  readonly pool: VideoFramePool;
  readonly timestamps: number[];
}

describe.each([
  ['that release each frame at once', 0],
  ['that hold a frame until the next has come, as players do', 1],
])('sixteen pools with readers %s, under a quarter of the bytes', (_, held) => {
  test('run to their ends, none starves, and the sum is true at each step', async () => {
    const files = Array.from({ length: POOLS }, (__, index) => FILES[index % FILES.length] as string);
    const tracks = await Promise.all(files.map((file) => trackOf(file)));
    const wanted = await Promise.all(tracks.map(bytesWanted));
    const budget = new FrameBudget({ maxBytes: Math.floor(wanted.reduce((sum, one) => sum + one) / 4) });
    const runs: Run[] = files.map((file) => ({
      pool: new VideoFramePool({ capacity: CAPACITY, budget, name: file }),
      timestamps: [],
    }));
    let steps = 0;
    let pressed = 0;
    const check = (): void => {
      steps++;
      const stats = runs.map(({ pool }) => pool.stats());
      if (stats.some(({ waitingCount, freeCount }) => waitingCount > 0 && freeCount > 0)) pressed++;
      const bytes = stats.reduce((sum, one) => sum + one.bytes, 0);
      const out = stats.reduce((sum, one) => sum + one.lentCount + one.decodingCount, 0);
      expect([budget.bytes, budget.frames]).toEqual([bytes, out]);
      // What decoders put out on their lag may be beyond it, and nothing else.
      const surplus = stats.reduce((sum, one) => sum + one.surplus, 0);
      expect(bytes).toBeLessThanOrEqual(budget.maxBytes + surplus * largest);
    };
    const largest = Math.max(...wanted) / CAPACITY;
    const read = async ({ pool, timestamps }: Run, index: number): Promise<void> => {
      const { chunks, config } = tracks[index] as Track;
      const kept: FrameHandle<DecodedStorage>[] = [];
      for await (const handle of decodeFrames(pool, streamOf(chunks), config, { starvationMs: 20_000 })) {
        timestamps.push(handle.timestamp);
        check();
        kept.push(handle);
        while (kept.length > held) kept.shift()?.release();
        check();
      }
      for (const handle of kept) handle.release();
    };
    await Promise.all(runs.map(read));
    for (const [index, { pool, timestamps }] of runs.entries()) {
      const clip = CLIPS.find(({ file }) => file === files[index]);
      if (clip === undefined) throw new Error(`no clip ${files[index]}`);
      expect(timestamps, clip.file).toEqual(timestampsOf(clip));
      pool.assertNoLeaks();
    }
    expect(steps).toBeGreaterThan(POOLS * 20);
    // The budget did hold some back who had slots of their own.
    expect(pressed).toBeGreaterThan(0);
    expect([budget.bytes, budget.frames]).toEqual([0, 0]);
  });
});

test('who starves under a budget is told who holds it, in whatever pool', async () => {
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
  const error = await frames.next().then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PoolStarvedError)) throw new Error(`not starved but ${String(error)}`);
  expect(error.holders.map((report) => [report.pool, report.holder])).toEqual([['thumbnails', 'strip']]);
  expect(error.message).toContain('in pool "player", whose room is held by strip of pool "thumbnails"');
  held.release();
  expect([budget.frames, pool.lentCount, pool.decodingCount]).toEqual([0, 0, 0]);
});
