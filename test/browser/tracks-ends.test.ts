/** Every end of reading a track returns all frames, and leaves the track alone. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { connectPool, PoolStarvedError, receiveFrames, trackFrames } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { canvasPool, checkedPool } from '../support/checked-pools.ts';
import { colourFrame } from '../support/frames.ts';
import {
  expectUnread,
  hold,
  NumberedCanvas,
  readTrack,
  takeMark,
  takeMarks,
  watch,
} from '../support/tracks.ts';

const DONE = { done: true, value: undefined };

let canvas: NumberedCanvas;
let pool: VideoFramePool;

beforeEach(() => {
  canvas = new NumberedCanvas();
  pool = checkedPool({ capacity: 4, name: 'live' });
});
afterEach(() => {
  expect(pool.waitingCount).toBe(0);
});

/** Shows this many pictures, until they wait in the iteration. */
async function queue(count: number): Promise<void> {
  await canvas.show(count);
  await expect.poll(() => pool.lentCount).toBe(count);
}

/** The track is live and unread, and can be read again. */
async function expectLeftAlone(): Promise<void> {
  // The last read may end with this picture.
  await canvas.show();
  await expectUnread(canvas);
  const again = trackFrames(pool, canvas.track);
  const mark = await canvas.showTo(takeMark(again));
  // An engine may give the last picture to a reader that joins.
  expect([canvas.shown - 2, canvas.shown - 1]).toContain(mark);
  await again.return?.();
}

describe('[C10] trackFrames() ends cleanly', () => {
  test('when the app stops the track, after the queued frames', async () => {
    const frames = trackFrames(pool, canvas.track, { highWaterMark: 2, maxOpen: 4 });
    await queue(2);
    canvas.stop();
    expect(await takeMarks(frames, 2)).toEqual([0, 1]);
    expect(await frames.next()).toEqual(DONE);
    expect(await frames.next()).toEqual(DONE);
  });

  test('when the app stops the track during a wait', async () => {
    const frames = trackFrames(pool, canvas.track);
    const pending = Promise.all([frames.next(), frames.next()]);
    canvas.stop();
    expect(await pending).toEqual([DONE, DONE]);
  });

  test('at once when the track ended before', async () => {
    canvas.stop();
    expect(await trackFrames(pool, canvas.track).next()).toEqual(DONE);
  });

  test('when the loop is left, and the track continues', async () => {
    const shown = canvas.show(6);
    expect((await watch(trackFrames(pool, canvas.track), 3)).length).toBe(3);
    expect(pool.lentCount).toBe(0);
    await shown;
    await expectLeftAlone();
  });

  test('when the consumer throws, with a frame queued [fault: callback that throws]', async () => {
    const frames = trackFrames(pool, canvas.track, { highWaterMark: 2, maxOpen: 4 });
    await canvas.show(3);
    await expect.poll(() => pool.lentCount).toBe(2);
    const consume = (handle: FrameHandle): void => {
      handle.release();
      throw new Error('consumer');
    };
    await expect(watch(frames, 1, consume)).rejects.toThrow('consumer');
    expect(pool.lentCount).toBe(0);
    await expectLeftAlone();
  });

  test('[edge 16] when it is left while its next() is pending, which ends at once', async () => {
    const frames = trackFrames(pool, canvas.track);
    const pending = frames.next();
    expect(await frames.return?.()).toEqual(DONE);
    expect(await pending).toEqual(DONE);
    expect(await frames.next()).toEqual(DONE);
    await expectLeftAlone();
  });

  test('[edge 16] by throw() while its next() is pending', async () => {
    const frames = trackFrames(pool, canvas.track);
    const pending = frames.next();
    await expect(frames.throw?.(new Error('thrown in'))).rejects.toThrow('thrown in');
    expect(await pending).toEqual(DONE);
    await expectLeftAlone();
  });

  test('with the reason of a signal that fires during a wait', async () => {
    const controller = new AbortController();
    const frames = trackFrames(pool, canvas.track, { signal: controller.signal });
    const pending = frames.next();
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect(await frames.next()).toEqual(DONE);
    await expectLeftAlone();
  });

  test('with the reason of a signal that fires while frames are queued, which are closed', async () => {
    const controller = new AbortController();
    const frames = trackFrames(pool, canvas.track, { signal: controller.signal });
    await queue(1);
    controller.abort(new Error('enough'));
    expect(pool.lentCount).toBe(0);
    await expect(frames.next()).rejects.toThrow('enough');
    expect(await frames.next()).toEqual(DONE);
  });

  test('with the reason of a signal that fires between track’s end and last frame', async () => {
    const controller = new AbortController();
    const frames = trackFrames(pool, canvas.track, { signal: controller.signal });
    await queue(1);
    const ended = trackFrames(checkedPool(), canvas.track).next();
    canvas.stop();
    await ended;
    controller.abort(new Error('enough'));
    expect(pool.lentCount).toBe(0);
    await expect(frames.next()).rejects.toThrow('enough');
  });

  test('with the reason of a signal that had fired before, and reads nothing', async () => {
    const signal = AbortSignal.abort(new Error('never'));
    const frames = trackFrames(pool, canvas.track, { signal });
    await expect(frames.next()).rejects.toThrow('never');
    await expectLeftAlone();
  });

  test('with AbortError when the pool is decommitted during a wait for any frame', async () => {
    const frames = trackFrames(pool, canvas.track);
    const pending = frames.next();
    const gone = pool.decommit();
    const message: unknown = expect.stringContaining('live');
    await expect(pending).rejects.toMatchObject({ name: 'AbortError', message });
    expect(await gone).toBe(true);
    expect(await frames.next()).toEqual(DONE);
  });

  test('with AbortError when the pool is closed in the middle, and closes queued frames', async () => {
    const frames = trackFrames(pool, canvas.track);
    await queue(1);
    pool.close();
    await canvas.show();
    await expect.poll(() => pool.lentCount).toBe(0);
    await expect(frames.next()).rejects.toMatchObject({ name: 'AbortError' });
    expect(await frames.next()).toEqual(DONE);
  });

  test('with InvalidStateError when the pool was closed before', async () => {
    pool.close();
    const frames = trackFrames(pool, canvas.track);
    await expect(frames.next()).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(await frames.next()).toEqual(DONE);
  });

  test('when the app closes a lent frame, and the track continues [fault: frame taken away]', async () => {
    const frames = readTrack(pool, canvas.track, { maxOpen: 1 });
    const first = await canvas.showTo(hold(frames));
    first.frame.close();
    // The slot keeps the picture as long as the share is held.
    await canvas.show();
    await expect.poll(() => pool.stats().dropped).toBe(1);
    first.release();
    expect(await canvas.showTo(takeMark(frames))).toBe(2);
  });
});

describe('a consumer that waits', () => {
  let clock: ManualClock;
  beforeEach(() => {
    clock = new ManualClock();
    pool = checkedPool({ name: 'live', clock });
  });

  test('for a track without pictures waits without a limit', async () => {
    const frames = trackFrames(pool, canvas.track);
    canvas.track.enabled = false;
    const next = takeMark(frames);
    await clock.advanceAsync(60_000);
    canvas.track.enabled = true;
    expect(await canvas.showTo(next)).toBe(0);
    await frames.return?.();
    expect(clock.pendingCount).toBe(0);
  });

  test('and holds the whole pool ends with an error that names it', async () => {
    const held = [1, 2].map(() => pool.adopt(colourFrame([9, 9, 9]), { holder: 'effects' }));
    const frames = trackFrames(pool, canvas.track, { starvationMs: 1000 });
    const outcome = frames.next().catch((reason: unknown) => reason);
    await canvas.show(2);
    await clock.advanceAsync(1000);
    const error = await outcome;
    expect(error).toBeInstanceOf(PoolStarvedError);
    expect(String(error)).toContain('effects (2)');
    expect(await frames.next()).toEqual(DONE);
    for (const handle of held) handle.release();
    await expectLeftAlone();
  });

  test('and holds maxOpen frames ends with an error that names it, despite free slots', async () => {
    const frames = trackFrames(pool, canvas.track, { maxOpen: 1, starvationMs: 1000, holder: 'camera' });
    using _held = await canvas.showTo(hold(frames));
    const outcome = frames.next().catch((reason: unknown) => reason);
    await clock.advanceAsync(1000);
    const holders = [{ holder: 'camera', state: 'lent' }];
    expect(await outcome).toMatchObject({ name: 'PoolStarvedError', holders });
  });

  test('and sent maxOpen frames to another thread waits until they return', async () => {
    const { port1, port2 } = new MessageChannel();
    const link = connectPool(pool, port1);
    const received = receiveFrames(port2);
    const frames = readTrack(pool, canvas.track, { maxOpen: 1 });
    await link.send(await canvas.showTo(hold(frames)));
    const { value: there } = await received.next();
    const next = takeMark(frames);
    await canvas.show(2);
    // Neither of the two was taken.
    await expect.poll(() => pool.stats().dropped).toBe(2);
    there?.handle.release();
    await expect.poll(() => link.lentCount).toBe(0);
    expect(await canvas.showTo(next)).toBe(3);
    link.close();
    await received.return?.();
  });

  test('and had room in between ends with no error', async () => {
    const frames = readTrack(pool, canvas.track, { starvationMs: 1000 });
    const next = takeMark(frames);
    for (let round = 0; round < 3; round++) {
      const held = [1, 2].map(() => pool.adopt(colourFrame([9, 9, 9])));
      await clock.advanceAsync(900);
      for (const handle of held) handle.release();
      await clock.advanceAsync(100);
    }
    expect(await canvas.showTo(next)).toBe(0);
  });
});

describe('trackFrames() rejects at once, and lends nothing', () => {
  test('for an argument that is no video track', () => {
    const [sound] = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
    expect(sound).toBeDefined();
    const locked = new ReadableStream<VideoFrame>();
    locked.getReader();
    for (const track of [sound, null, undefined, 'camera', {}, canvas, locked]) {
      expect(() => trackFrames(pool, track as unknown as MediaStreamTrack)).toThrow(TypeError);
    }
  });

  test('for options that are no object, and for a pool of buffers', () => {
    const { track } = canvas;
    expect(() => trackFrames(pool, track, { highWaterMark: -1 })).toThrow(RangeError);
    expect(() => trackFrames(pool, track, { maxOpen: 0 })).toThrow(RangeError);
    expect(() => trackFrames(pool, track, { starvationMs: 0 })).toThrow(RangeError);
    expect(() => trackFrames(pool, track, { holder: 7 as unknown as string })).toThrow(TypeError);
    expect(() => trackFrames(pool, track, { drop: 'all' as 'oldest' })).toThrow(TypeError);
    expect(() => trackFrames(canvasPool() as unknown as VideoFramePool, track)).toThrow(TypeError);
  });
});
