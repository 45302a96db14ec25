/** Frames that are missing in a stream of live frames: counted by the gaps in an even source's times. */
import { expect, test } from 'vitest';
import { trackFrames, VideoFramePool } from '../../src/index.ts';
import { colourFrame } from '../support/frames.ts';

/** Reads frames at these times, in µs, each on request. Returns the number of dropped frames. */
async function droppedOf(times: readonly number[], frameRate?: number): Promise<number> {
  const pool = new VideoFramePool({ capacity: 1 });
  const { readable, writable } = new TransformStream<VideoFrame, VideoFrame>();
  const writer = writable.getWriter();
  const frames = trackFrames(pool, readable, { frameRate });
  for (const timestamp of times) {
    const taken = frames.next();
    void writer.write(colourFrame([1, 2, 3], { timestamp }));
    (await taken).value?.release();
  }
  await Promise.all([writer.close(), frames.next()]);
  expect(pool.lentCount).toBe(0);
  return pool.stats().dropped;
}

/** 30 a second, a little early or late: two are missing before the fourth, and 29 before the last. */
const TIMES = [0, 34_000, 66_000, 166_667, 200_000, 1_200_000];

test('a gap counts the frames of an even source within it', async () => {
  expect(await droppedOf(TIMES, 30)).toBe(31);
});

test('without a frame rate no gap is guessed', async () => {
  expect(await droppedOf(TIMES)).toBe(0);
});

test('times that repeat or decrease are no gap', async () => {
  expect(await droppedOf([500_000, 500_000, 0, 33_333], 30)).toBe(0);
});

test.each([
  ['30', TypeError],
  [0, RangeError],
  [NaN, RangeError],
  [Infinity, RangeError],
])('a frame rate of %s is rejected, and the stream stays unchanged', (frameRate, error) => {
  const pool = new VideoFramePool({ capacity: 1 });
  const stream = new ReadableStream<VideoFrame>();
  expect(() => trackFrames(pool, stream, { frameRate: frameRate as number })).toThrow(error);
  expect(stream.locked).toBe(false);
});
