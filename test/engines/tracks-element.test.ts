/**
 * Tracks in an engine without MediaStreamTrackProcessor: its absence is simulated, the element and its callbacks
 * are real.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { trackFrames } from '../../src/index.ts';
import { checkedPool } from '../support/checked-pools.ts';
import { does } from '../support/engine.ts';
import { markOf } from '../support/picture.ts';
import {
  expectGrowing,
  expectUnread,
  hideProcessor,
  hold,
  NumberedCanvas,
  readTrack,
  takeMark,
  watch,
} from '../support/tracks.ts';

const DONE = { done: true, value: undefined };

let canvas: NumberedCanvas;
let pool: VideoFramePool;

beforeEach(() => {
  canvas = new NumberedCanvas();
  pool = checkedPool({ capacity: 4 });
  hideProcessor();
});

describe('[C10] trackFrames() without a processor', () => {
  test('ends with the reason of a signal', async () => {
    const controller = new AbortController();
    const frames = trackFrames(pool, canvas.track, { signal: controller.signal });
    const pending = frames.next();
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
  });
});

if (does('showsTracks')) {
  describe('[C10] trackFrames() without a processor', () => {
    test('gives pictures in order, each once, with increasing times', async () => {
      const frames = trackFrames(pool, canvas.track);
      const marks: number[] = [];
      await canvas.showUntil(frames.next().then(({ value }) => value?.release()));
      const shown = (async () => {
        await canvas.show(12);
        // A busy element skips pictures.
        await canvas.showWhile(() => marks.length <= 3);
        canvas.stop();
      })();
      const times = await watch(frames, Infinity, ({ frame, timestamp }) => {
        marks.push(markOf(frame));
        expect(frame.timestamp).toBe(timestamp);
      });
      await shown;
      expect(marks.length).toBeGreaterThan(3);
      expectGrowing(marks);
      expectGrowing(times);
    });

    test('gives the newest picture to a slow consumer', async () => {
      const frames = readTrack(pool, canvas.track);
      const first = await canvas.showUntil(takeMark(frames));
      const { dropped } = pool.stats();
      await canvas.showWhile(() => pool.stats().dropped === dropped);
      expect(pool.lentCount).toBe(1);
      expect(await takeMark(frames)).toBeGreaterThan(first + 1);
    });

    test('[edge 16] is left while its next() is pending, and releases the element', async () => {
      const frames = trackFrames(pool, canvas.track);
      await canvas.showUntil(takeMark(frames));
      await frames.return?.();
      const frames2 = trackFrames(pool, canvas.track);
      const pending = frames2.next();
      await frames2.return?.();
      expect(await pending).toEqual(DONE);
      const { dropped } = pool.stats();
      await expectUnread(canvas);
      expect(pool.stats().dropped).toBe(dropped);
    });

    test('ends when the app stops the track during a wait', async () => {
      const frames = trackFrames(pool, canvas.track);
      await canvas.showUntil(takeMark(frames));
      const rest = watch(frames, Infinity).then(() => 'ended');
      canvas.stop();
      expect(await rest).toBe('ended');
    });

    test('keeps to maxOpen', async () => {
      const frames = readTrack(pool, canvas.track);
      const held: FrameHandle[] = [];
      while (held.length < 2) held.push(await canvas.showUntil(hold(frames)));
      const { dropped } = pool.stats();
      await canvas.showWhile(() => pool.stats().dropped === dropped);
      expect(pool.lentCount).toBe(2);
      for (const handle of held) handle.release();
    });
  });
} else {
  test('trackFrames() of a canvas without an element gives nothing, and can be left', async () => {
    const frames = trackFrames(pool, canvas.track);
    const pending = frames.next();
    await canvas.show(3);
    expect([pool.lentCount, pool.stats().peakLentCount]).toEqual([0, 0]);
    await frames.return?.();
    expect(await pending).toEqual(DONE);
  });
}
