/** Whatever ends the reading of a track gives everything back, and leaves the track alone. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import {
  canvasStorage,
  connectPool,
  PoolStarvedError,
  receiveFrames,
  trackFrames,
  VideoFramePool,
} from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { frameAccount } from '../support/frame-account.ts';
import { colourFrame } from '../support/frames.ts';
import { NumberedCanvas, takeMark } from '../support/tracks.ts';

const DONE = { done: true, value: undefined };

let canvas: NumberedCanvas;
let pool: VideoFramePool;

beforeEach(() => {
  canvas = new NumberedCanvas();
  pool = new VideoFramePool({ capacity: 4, name: 'live' });
});
afterEach(() => {
  canvas.stop();
  pool.assertNoLeaks();
  expect(pool.waitingCount).toBe(0);
});

/** The track lives, and nobody reads it any more but who reads anew. */
async function expectLeftAlone(): Promise<void> {
  // With which the last read may end.
  await canvas.show();
  const others = frameAccount().opened - canvas.witnessed;
  await canvas.show(2);
  expect(frameAccount().opened - canvas.witnessed).toBe(others);
  expect(canvas.track.readyState).toBe('live');
  const again = trackFrames(pool, canvas.track);
  const next = takeMark(again);
  await canvas.show();
  // An engine may give the last picture to who joins.
  expect([canvas.shown - 2, canvas.shown - 1]).toContain(await next);
  await again.return?.();
}

describe('[C10] trackFrames() ends clean', () => {
  test('when the app stops the track, after what is queued', async () => {
    const frames = trackFrames(pool, canvas.track, { ahead: 2, maxOpen: 4 });
    await canvas.show(2);
    await expect.poll(() => pool.lentCount).toBe(2);
    canvas.stop();
    expect([await takeMark(frames), await takeMark(frames)]).toEqual([0, 1]);
    expect(await frames.next()).toEqual(DONE);
    expect(await frames.next()).toEqual(DONE);
  });

  test('when the app stops the track while it is waited for', async () => {
    const frames = trackFrames(pool, canvas.track);
    const pending = Promise.all([frames.next(), frames.next()]);
    canvas.stop();
    expect(await pending).toEqual([DONE, DONE]);
  });

  test('at once when the track has ended before', async () => {
    canvas.stop();
    expect(await trackFrames(pool, canvas.track).next()).toEqual(DONE);
  });

  test('when the loop is left, and the track goes on', async () => {
    const shown = (async () => {
      for (let left = 6; left > 0; left--) await canvas.show();
    })();
    let taken = 0;
    for await (const handle of trackFrames(pool, canvas.track)) {
      handle.release();
      if (++taken === 3) break;
    }
    expect(taken).toBe(3);
    pool.assertNoLeaks();
    await shown;
    await expectLeftAlone();
  });

  test('when the consumer throws, with a frame queued', async () => {
    const frames = trackFrames(pool, canvas.track, { ahead: 2, maxOpen: 4 });
    await canvas.show(3);
    await expect.poll(() => pool.lentCount).toBe(2);
    const consume = async (): Promise<void> => {
      for await (const handle of frames) {
        handle.release();
        throw new Error('consumer');
      }
    };
    await expect(consume()).rejects.toThrow('consumer');
    pool.assertNoLeaks();
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

  test('with the reason of a signal that fires while it is waited for', async () => {
    const controller = new AbortController();
    const frames = trackFrames(pool, canvas.track, { signal: controller.signal });
    const pending = frames.next();
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect(await frames.next()).toEqual(DONE);
    await expectLeftAlone();
  });

  test('with the reason of a signal that fires while frames are queued, which go home at once', async () => {
    const controller = new AbortController();
    const frames = trackFrames(pool, canvas.track, { signal: controller.signal });
    await canvas.show();
    await expect.poll(() => pool.lentCount).toBe(1);
    controller.abort(new Error('enough'));
    expect(pool.lentCount).toBe(0);
    await expect(frames.next()).rejects.toThrow('enough');
    expect(await frames.next()).toEqual(DONE);
  });

  test('with the reason of a signal that fires after the track’s end, before its last frame was taken', async () => {
    const controller = new AbortController();
    const frames = trackFrames(pool, canvas.track, { signal: controller.signal });
    await canvas.show();
    await expect.poll(() => pool.lentCount).toBe(1);
    const ended = trackFrames(new VideoFramePool({ capacity: 1 }), canvas.track).next();
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

  test('with AbortError when the pool is decommitted during the wait, also where no frame comes', async () => {
    const frames = trackFrames(pool, canvas.track);
    const pending = frames.next();
    const gone = pool.decommit();
    await expect(pending).rejects.toMatchObject({
      name: 'AbortError',
      message: expect.stringContaining('live'),
    });
    expect(await gone).toBe(true);
    expect(await frames.next()).toEqual(DONE);
  });

  test('with AbortError when the pool is closed in the middle, and gives up what is queued', async () => {
    const frames = trackFrames(pool, canvas.track);
    await canvas.show();
    await expect.poll(() => pool.lentCount).toBe(1);
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

  test('when the app closes a frame that it was lent, the track goes on', async () => {
    const frames = trackFrames(pool, canvas.track, { maxOpen: 1 });
    const first = frames.next();
    await canvas.show();
    const { value } = (await first) as IteratorResult<FrameHandle, undefined>;
    value?.frame.close();
    // The slot keeps the picture as long as the share is out.
    await canvas.show();
    await expect.poll(() => pool.stats().dropped).toBe(1);
    value?.release();
    const next = takeMark(frames);
    await canvas.show();
    expect(await next).toBe(2);
    await frames.return?.();
  });
});

describe('a consumer that waits', () => {
  let clock: ManualClock;
  beforeEach(() => {
    clock = new ManualClock();
    pool = new VideoFramePool({ capacity: 2, name: 'live', clock });
  });

  test('for a track that shows nothing, waits as long as it takes', async () => {
    const frames = trackFrames(pool, canvas.track);
    canvas.track.enabled = false;
    const next = takeMark(frames);
    await clock.advanceAsync(60_000);
    canvas.track.enabled = true;
    await canvas.show();
    expect(await next).toBe(0);
    await frames.return?.();
    expect(clock.pendingCount).toBe(0);
  });

  test('and holds all of the pool is told so, by name', async () => {
    const held = [1, 2].map(() => pool.adopt(colourFrame([9, 9, 9]), { holder: 'effects' }));
    const frames = trackFrames(pool, canvas.track, { starvationMs: 1000 });
    const outcome = frames.next().catch((reason: unknown) => reason);
    await canvas.show(2);
    await clock.advanceAsync(1000);
    const error = await outcome;
    expect(error).toBeInstanceOf(PoolStarvedError);
    expect((error as PoolStarvedError).message).toContain('effects (2)');
    expect(await frames.next()).toEqual(DONE);
    for (const handle of held) handle.release();
    await expectLeftAlone();
  });

  test('and holds as many of the track as may be open is told so, though the pool has room', async () => {
    const frames = trackFrames(pool, canvas.track, { maxOpen: 1, starvationMs: 1000, holder: 'camera' });
    const first = frames.next();
    await canvas.show();
    const { value } = (await first) as IteratorResult<FrameHandle, undefined>;
    const outcome = frames.next().catch((reason: unknown) => reason);
    await clock.advanceAsync(1000);
    expect((await outcome) as PoolStarvedError).toMatchObject({
      name: 'PoolStarvedError',
      holders: [{ holder: 'camera', state: 'lent' }],
    });
    value?.release();
  });

  test('and sent as many of the track as may be open to another thread waits until they are home', async () => {
    const { port1, port2 } = new MessageChannel();
    const link = connectPool(pool, port1);
    const received = receiveFrames(port2);
    const frames = trackFrames(pool, canvas.track, { maxOpen: 1 });
    const first = frames.next();
    await canvas.show();
    await link.send((await first).value as FrameHandle);
    const { value: there } = await received.next();
    const next = takeMark(frames);
    await canvas.show(2);
    expect(await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 50, 'waits'))])).toBe(
      'waits',
    );
    there?.handle.release();
    await expect.poll(() => link.lentCount).toBe(0);
    await canvas.show();
    expect(await next).toBe(3);
    link.close();
    await received.return?.();
    await frames.return?.();
  });

  test('is not told so where there was room in between', async () => {
    const frames = trackFrames(pool, canvas.track, { starvationMs: 1000 });
    const next = takeMark(frames);
    for (let round = 0; round < 3; round++) {
      const held = [1, 2].map(() => pool.adopt(colourFrame([9, 9, 9])));
      await clock.advanceAsync(900);
      for (const handle of held) handle.release();
      await clock.advanceAsync(100);
    }
    await canvas.show();
    expect(await next).toBe(0);
    await frames.return?.();
  });
});

describe('trackFrames() refuses at once, and lends nothing', () => {
  test('what is no track of video', () => {
    const [sound] = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
    expect(() => trackFrames(pool, sound as MediaStreamTrack)).toThrow(TypeError);
    for (const track of [null, undefined, 'camera', {}, canvas]) {
      expect(() => trackFrames(pool, track as unknown as MediaStreamTrack)).toThrow(TypeError);
    }
    const locked = new ReadableStream<VideoFrame>();
    locked.getReader();
    expect(() => trackFrames(pool, locked)).toThrow(TypeError);
  });

  test('options that are none, and a pool of buffers', () => {
    const { track } = canvas;
    expect(() => trackFrames(pool, track, { ahead: -1 })).toThrow(RangeError);
    expect(() => trackFrames(pool, track, { maxOpen: 0 })).toThrow(RangeError);
    expect(() => trackFrames(pool, track, { starvationMs: 0 })).toThrow(RangeError);
    expect(() => trackFrames(pool, track, { holder: 7 as unknown as string })).toThrow(TypeError);
    expect(() => trackFrames(pool, track, { drop: 'all' as 'oldest' })).toThrow(TypeError);
    const canvases = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 2, height: 2 }) });
    expect(() => trackFrames(canvases as unknown as VideoFramePool, track)).toThrow(TypeError);
  });
});
