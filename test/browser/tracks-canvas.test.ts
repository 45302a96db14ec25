/** Pictures of a canvas, each known by its number: every one was read, or dropped and counted. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { FrameHandle, PoolOptions, TrackFramesOptions, VideoFramePool } from '../../src/index.ts';
import { FrameBudget } from '../../src/index.ts';
import { livePictures } from '../support/accounting.ts';
import { checkedPool } from '../support/checked-pools.ts';
import { colourFrame } from '../support/frames.ts';
import { markOf } from '../support/picture.ts';
import { expectGrowing, hold, NumberedCanvas, readTrack, takeMark, takeMarks } from '../support/tracks.ts';

let canvas: NumberedCanvas;

beforeEach(() => {
  canvas = new NumberedCanvas();
});

/** A pool, and the iteration that reads the canvas into it. */
function read(
  settings: Partial<PoolOptions>,
  options?: TrackFramesOptions,
): { pool: VideoFramePool; frames: ReturnType<typeof readTrack> } {
  const pool = checkedPool(settings);
  return { pool, frames: readTrack(pool, canvas.track, options) };
}

/** Shows pictures until this many were dropped in total. */
async function showDropping(count: number, pool: VideoFramePool, dropped: number): Promise<void> {
  await canvas.show(count);
  await expect.poll(() => pool.stats().dropped).toBe(dropped);
}

describe('trackFrames() over a canvas', () => {
  test('gives every picture, in order, to a consumer that keeps up', async () => {
    const { pool, frames } = read({ capacity: 2 });
    const times: number[] = [];
    for (let number = 0; number < 10; number++) {
      using handle = await canvas.showTo(hold(frames));
      expect(markOf(handle.frame)).toBe(number);
      expect([handle.frame.displayWidth, handle.frame.displayHeight]).toEqual([320, 180]);
      expect(handle.timestamp).toBe(handle.frame.timestamp);
      times.push(handle.timestamp);
    }
    expectGrowing(times);
    expect(pool.stats().dropped).toBe(0);
  });

  test('gives the newest picture to a slow consumer, and counts the dropped ones', async () => {
    const { pool, frames } = read({ capacity: 4 });
    await showDropping(8, pool, 7);
    expect(pool.lentCount).toBe(1);
    expect(await takeMark(frames)).toBe(7);
    await showDropping(2, pool, 8);
    expect(await takeMark(frames)).toBe(9);
  });

  test('gives the first pictures in order if the newest are dropped', async () => {
    const { pool, frames } = read({ capacity: 8 }, { drop: 'newest', highWaterMark: 3, maxOpen: 8 });
    await showDropping(8, pool, 5);
    expect(pool.lentCount).toBe(3);
    expect(await takeMarks(frames, 3)).toEqual([0, 1, 2]);
    await canvas.show();
    expect(await takeMark(frames)).toBe(8);
  });

  test('keeps the newest pictures in order, up to highWaterMark', async () => {
    const { pool, frames } = read({ capacity: 8 }, { highWaterMark: 3, maxOpen: 8 });
    await showDropping(8, pool, 5);
    expect(await takeMarks(frames, 3)).toEqual([5, 6, 7]);
  });

  test('keeps no picture without a pending next() if highWaterMark is 0', async () => {
    const { pool, frames } = read({ capacity: 4 }, { highWaterMark: 0 });
    await showDropping(3, pool, 3);
    expect(pool.stats().lent).toBe(0);
    expect(await canvas.showTo(takeMark(frames))).toBe(3);
  });

  test('serves several next() calls at a time in order', async () => {
    const { frames } = read({ capacity: 4 });
    const marks = Promise.all([1, 2, 3].map(() => takeMark(frames)));
    await canvas.show(3);
    expect(await marks).toEqual([0, 1, 2]);
  });

  test('is read through two pools by two iterations, each with its own counts', async () => {
    // The track's frames are counted together, so there must be room for both.
    const [one, other] = [read({ capacity: 2 }, { maxOpen: 4 }), read({ capacity: 2 }, { maxOpen: 4 })];
    await canvas.show(4);
    for (const { pool } of [one, other]) await expect.poll(() => pool.stats().dropped).toBe(3);
    expect(await takeMark(one.frames)).toBe(3);
    expect([one.pool.lentCount, other.pool.lentCount]).toEqual([0, 1]);
    expect(await takeMark(other.frames)).toBe(3);
  });
});

describe('a frame of a track is dropped', () => {
  test('while the pool has no slot, even before a waiter, and the next one is taken', async () => {
    const { pool, frames } = read({ capacity: 1 });
    const own = pool.adopt(colourFrame([9, 9, 9]));
    const next = takeMark(frames);
    await showDropping(3, pool, 3);
    expect(pool.lentCount).toBe(1);
    own.release();
    expect(await canvas.showTo(next)).toBe(3);
    expect(pool.stats().dropped).toBe(3);
  });

  test('while other callers wait for a slot: they are served first', async () => {
    const { pool, frames } = read({ capacity: 1 });
    const own = pool.adopt(colourFrame([9, 9, 9]));
    const [first, second] = [pool.reserve(), pool.reserve()];
    own.release();
    const permit = await first;
    await showDropping(2, pool, 2);
    permit.release();
    (await second).release();
    await canvas.show();
    expect(await takeMark(frames)).toBe(2);
  });

  test('while other callers wait for a slot: a ready frame stays', async () => {
    const { pool, frames } = read({ capacity: 1 });
    await canvas.show();
    await expect.poll(() => pool.lentCount).toBe(1);
    const waiting = pool.reserve();
    await showDropping(1, pool, 1);
    expect([pool.lentCount, pool.waitingCount]).toEqual([1, 1]);
    expect(await takeMark(frames)).toBe(0);
    (await waiting).release();
  });

  test('without a pending next() if a shared budget has no headroom', async () => {
    const budget = new FrameBudget({ maxFrames: 2 });
    const { pool, frames } = read({ capacity: 4, budget });
    const own = checkedPool({ capacity: 4, budget }).adopt(colourFrame([9, 9, 9]));
    await showDropping(1, pool, 1);
    expect(await canvas.showTo(takeMark(frames))).toBe(1);
    await frames.return?.();
    own.release();
    expect(budget.frames).toBe(0);
  });

  test('beyond maxOpen, whatever the pool’s capacity, and the track continues', async () => {
    const { pool, frames } = read({ capacity: 16 }, { maxOpen: 3 });
    const held: FrameHandle[] = [];
    while (held.length < 3) held.push(await canvas.showTo(hold(frames)));
    expect(held.map(({ frame }) => markOf(frame))).toEqual([0, 1, 2]);
    const next = takeMark(frames);
    await showDropping(4, pool, 4);
    expect(pool.lentCount).toBe(3);
    // A second share keeps the picture open, too.
    const share = held[0]?.retain();
    held[0]?.release();
    await showDropping(1, pool, 5);
    share?.release();
    expect(await canvas.showTo(next)).toBe(8);
    expect(pool.stats().dropped).toBe(5);
    for (const handle of held) handle.release();
  });

  test('beyond maxOpen, counted over consecutive iterations', async () => {
    const { pool, frames: first } = read({ capacity: 16 });
    const held: FrameHandle[] = [];
    while (held.length < 2) held.push(await canvas.showTo(hold(first)));
    await first.return?.();
    const { dropped } = pool.stats();
    const second = readTrack(pool, canvas.track);
    const next = takeMark(second);
    await canvas.show(2);
    await expect.poll(() => pool.stats().dropped).toBeGreaterThanOrEqual(dropped + 2);
    expect(pool.lentCount).toBe(2);
    held[0]?.release();
    expect(await canvas.showTo(next)).toBe(4);
    held[1]?.release();
  });

  test('beyond the default of two, one of which waits for the next next()', async () => {
    const { pool, frames } = read({ capacity: 16 });
    await canvas.show();
    using first = await hold(frames);
    await showDropping(3, pool, 3);
    expect(pool.lentCount).toBe(1);
    // A consumer that displays a picture until the next one arrives holds two for a moment.
    using second = await canvas.showTo(hold(frames));
    expect([markOf(first.frame), markOf(second.frame)]).toEqual([0, 4]);
    expect(livePictures()).toBe(2);
  });

  test('if it could never fit: next() rejects with QuotaExceededError', async () => {
    const { pool, frames } = read({ maxBytes: 1000 });
    const next = frames.next();
    const shown = canvas.show();
    const message: unknown = expect.stringContaining('1000');
    await expect(next).rejects.toMatchObject({ name: 'QuotaExceededError', message });
    await shown;
    expect((await frames.next()).done).toBe(true);
    expect(pool.stats()).toMatchObject({ refused: 1, dropped: 0 });
  });
});
