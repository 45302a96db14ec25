/** Pictures of a canvas, each known by its number: every one that came was seen, or dropped and counted. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { FrameBudget, trackFrames, VideoFramePool } from '../../src/index.ts';
import { livePictures } from '../support/accounting.ts';
import { colourFrame } from '../support/frames.ts';
import { markOf } from '../support/picture.ts';
import { NumberedCanvas, takeMark } from '../support/tracks.ts';

let canvas: NumberedCanvas;

beforeEach(() => {
  canvas = new NumberedCanvas();
});
afterEach(() => canvas.stop());

/** Takes a frame and keeps it. */
async function hold(frames: AsyncIterator<FrameHandle>): Promise<FrameHandle> {
  const { value } = (await frames.next()) as IteratorResult<FrameHandle, undefined>;
  if (value === undefined) throw new Error('the frames have ended');
  return value;
}

describe('trackFrames() over a canvas', () => {
  test('gives every picture, in order, to who takes them as they come', async () => {
    const pool = new VideoFramePool({ capacity: 2 });
    const frames = trackFrames(pool, canvas.track);
    const times: number[] = [];
    for (let number = 0; number < 10; number++) {
      const next = hold(frames);
      await canvas.show();
      const handle = await next;
      expect(markOf(handle.frame)).toBe(number);
      expect([handle.frame.displayWidth, handle.frame.displayHeight]).toEqual([320, 180]);
      expect(handle.timestamp).toBe(handle.frame.timestamp);
      times.push(handle.timestamp);
      handle.release();
    }
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(pool.stats().dropped).toBe(0);
    await frames.return?.();
    pool.assertNoLeaks();
  });

  test('gives the newest picture to who comes late, and counts those before it', async () => {
    const pool = new VideoFramePool({ capacity: 4 });
    const frames = trackFrames(pool, canvas.track);
    await canvas.show(8);
    await expect.poll(() => pool.stats().dropped).toBe(7);
    expect(pool.lentCount).toBe(1);
    expect(await takeMark(frames)).toBe(7);
    await canvas.show(2);
    await expect.poll(() => pool.stats().dropped).toBe(8);
    expect(await takeMark(frames)).toBe(9);
    await frames.return?.();
    pool.assertNoLeaks();
  });

  test('gives the first ones in their order where the newest are dropped', async () => {
    const pool = new VideoFramePool({ capacity: 8 });
    const frames = trackFrames(pool, canvas.track, { drop: 'newest', ahead: 3, maxOpen: 8 });
    await canvas.show(8);
    await expect.poll(() => pool.stats().dropped).toBe(5);
    expect(pool.lentCount).toBe(3);
    expect([await takeMark(frames), await takeMark(frames), await takeMark(frames)]).toEqual([0, 1, 2]);
    await canvas.show();
    expect(await takeMark(frames)).toBe(8);
    await frames.return?.();
    pool.assertNoLeaks();
  });

  test('keeps the newest few in their order, as many as may wait', async () => {
    const pool = new VideoFramePool({ capacity: 8 });
    const frames = trackFrames(pool, canvas.track, { ahead: 3, maxOpen: 8 });
    await canvas.show(8);
    await expect.poll(() => pool.stats().dropped).toBe(5);
    expect([await takeMark(frames), await takeMark(frames), await takeMark(frames)]).toEqual([5, 6, 7]);
    await frames.return?.();
    pool.assertNoLeaks();
  });

  test('keeps nothing that nobody asked for where none may wait', async () => {
    const pool = new VideoFramePool({ capacity: 4 });
    const frames = trackFrames(pool, canvas.track, { ahead: 0 });
    await canvas.show(3);
    await expect.poll(() => pool.stats().dropped).toBe(3);
    expect(pool.stats().lent).toBe(0);
    const next = takeMark(frames);
    await canvas.show();
    expect(await next).toBe(3);
    await frames.return?.();
  });

  test('serves several next() calls at a time in order', async () => {
    const pool = new VideoFramePool({ capacity: 4 });
    const frames = trackFrames(pool, canvas.track);
    const marks = Promise.all([takeMark(frames), takeMark(frames), takeMark(frames)]);
    await canvas.show(3);
    expect(await marks).toEqual([0, 1, 2]);
    await frames.return?.();
    pool.assertNoLeaks();
  });

  test('goes through two pools by two iterations, each with an account of its own', async () => {
    const pools = [new VideoFramePool({ capacity: 2 }), new VideoFramePool({ capacity: 2 })] as const;
    // The track's frames are counted together, so there must be room for both.
    const options = { maxOpen: 4 };
    const one = trackFrames(pools[0], canvas.track, options);
    const other = trackFrames(pools[1], canvas.track, options);
    await canvas.show(4);
    await expect.poll(() => pools.map((pool) => pool.stats().dropped)).toEqual([3, 3]);
    expect(await takeMark(one)).toBe(3);
    expect(pools.map((pool) => pool.lentCount)).toEqual([0, 1]);
    expect(await takeMark(other)).toBe(3);
    await one.return?.();
    await other.return?.();
  });
});

describe('a frame of a track is dropped', () => {
  test('while the pool has no slot, also before somebody who waits, and the next one comes in', async () => {
    const pool = new VideoFramePool({ capacity: 1 });
    const own = pool.adopt(colourFrame([9, 9, 9]));
    const frames = trackFrames(pool, canvas.track);
    const next = takeMark(frames);
    await canvas.show(3);
    await expect.poll(() => pool.stats().dropped).toBe(3);
    expect(pool.lentCount).toBe(1);
    own.release();
    await canvas.show();
    expect(await next).toBe(3);
    expect(pool.stats().dropped).toBe(3);
    await frames.return?.();
    pool.assertNoLeaks();
  });

  test('while others wait for a slot: they come first', async () => {
    const pool = new VideoFramePool({ capacity: 1 });
    const own = pool.adopt(colourFrame([9, 9, 9]));
    const first = pool.reserve();
    const second = pool.reserve();
    const frames = trackFrames(pool, canvas.track);
    own.release();
    const permit = await first;
    await canvas.show(2);
    await expect.poll(() => pool.stats().dropped).toBe(2);
    permit.release();
    (await second).release();
    await canvas.show();
    expect(await takeMark(frames)).toBe(2);
    await frames.return?.();
    pool.assertNoLeaks();
  });

  test('while others wait for a slot: what is ready stays', async () => {
    const pool = new VideoFramePool({ capacity: 1 });
    const frames = trackFrames(pool, canvas.track);
    await canvas.show();
    await expect.poll(() => pool.lentCount).toBe(1);
    const waiting = pool.reserve();
    await canvas.show();
    await expect.poll(() => pool.stats().dropped).toBe(1);
    expect([pool.lentCount, pool.waitingCount]).toEqual([1, 1]);
    expect(await takeMark(frames)).toBe(0);
    (await waiting).release();
    await frames.return?.();
    pool.assertNoLeaks();
  });

  test('where nobody asked for it, and a shared budget has no room to spare', async () => {
    const budget = new FrameBudget({ maxFrames: 2 });
    const pool = new VideoFramePool({ capacity: 4, budget });
    const others = new VideoFramePool({ capacity: 4, budget });
    const own = others.adopt(colourFrame([9, 9, 9]));
    const frames = trackFrames(pool, canvas.track);
    await canvas.show();
    await expect.poll(() => pool.stats().dropped).toBe(1);
    const next = takeMark(frames);
    await canvas.show();
    expect(await next).toBe(1);
    await frames.return?.();
    own.release();
    expect(budget.frames).toBe(0);
  });

  test('beyond maxOpen, whatever the pool’s capacity, and the track goes on', async () => {
    const pool = new VideoFramePool({ capacity: 16 });
    const frames = trackFrames(pool, canvas.track, { maxOpen: 3 });
    const held: FrameHandle[] = [];
    for (let number = 0; number < 3; number++) {
      const asked = hold(frames);
      await canvas.show();
      held.push(await asked);
    }
    expect(held.map(({ frame }) => markOf(frame))).toEqual([0, 1, 2]);
    const next = takeMark(frames);
    await canvas.show(4);
    await expect.poll(() => pool.stats().dropped).toBe(4);
    expect(pool.lentCount).toBe(3);
    // A second share keeps the picture open as well.
    const share = held[0]?.retain();
    held[0]?.release();
    await canvas.show();
    await expect.poll(() => pool.stats().dropped).toBe(5);
    share?.release();
    await canvas.show();
    expect(await next).toBe(8);
    expect(pool.stats().dropped).toBe(5);
    for (const handle of held) handle.release();
    await frames.return?.();
    pool.assertNoLeaks();
  });

  test('beyond maxOpen over iterations that follow one another', async () => {
    const pool = new VideoFramePool({ capacity: 16 });
    const first = trackFrames(pool, canvas.track);
    const held: FrameHandle[] = [];
    for (let number = 0; number < 2; number++) {
      const asked = hold(first);
      await canvas.show();
      held.push(await asked);
    }
    await first.return?.();
    const { dropped } = pool.stats();
    const second = trackFrames(pool, canvas.track);
    const next = takeMark(second);
    await canvas.show(2);
    await expect.poll(() => pool.stats().dropped).toBeGreaterThanOrEqual(dropped + 2);
    expect(pool.lentCount).toBe(2);
    held[0]?.release();
    await canvas.show();
    expect(await next).toBe(4);
    held[1]?.release();
    await second.return?.();
    pool.assertNoLeaks();
  });

  test('with two open where nothing is said, one of which is left to the next while nobody asks', async () => {
    const pool = new VideoFramePool({ capacity: 16 });
    const frames = trackFrames(pool, canvas.track);
    await canvas.show();
    const first = await hold(frames);
    await canvas.show(3);
    await expect.poll(() => pool.stats().dropped).toBe(3);
    expect(pool.lentCount).toBe(1);
    // Who shows a picture until the next one is there holds two for a moment.
    const next = hold(frames);
    await canvas.show();
    const second = await next;
    expect([markOf(first.frame), markOf(second.frame)]).toEqual([0, 4]);
    expect(livePictures()).toBe(2);
    first.release();
    second.release();
    await frames.return?.();
    pool.assertNoLeaks();
  });

  test('that could never fit: next() rejects with QuotaExceededError', async () => {
    const pool = new VideoFramePool({ capacity: 2, maxBytes: 1000 });
    const frames = trackFrames(pool, canvas.track);
    const next = frames.next();
    const shown = canvas.show();
    await expect(next).rejects.toMatchObject({
      name: 'QuotaExceededError',
      message: expect.stringContaining('1000'),
    });
    await shown;
    expect((await frames.next()).done).toBe(true);
    expect(pool.stats()).toMatchObject({ refused: 1, dropped: 0 });
    pool.assertNoLeaks();
  });
});
