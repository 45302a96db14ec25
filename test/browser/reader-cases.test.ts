/**
 * Files that are easily read wrongly: the reader returns the right value for each, in this thread and in a worker.
 */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { numberIn } from '../support/cases.ts';
import { caseBlob } from '../support/packets.ts';
import { WAYS } from '../support/readers.ts';

/** Expected properties of a case's frame. */
interface Seen {
  readonly number: number;
  readonly timestamp: number;
  readonly duration: number | null;
}

const look = (handle: FrameHandle): Seen => {
  const { timestamp, duration, frame } = handle;
  expect([frame.timestamp, frame.duration]).toEqual([timestamp, duration]);
  return { number: numberIn(frame), timestamp, duration };
};

/** All frames, and the name of the error that ended them. */
async function readAll(reader: VideoReader, pool: VideoFramePool) {
  const frames: Seen[] = [];
  let error: string | null = null;
  try {
    for await (const handle of reader.frames({ pool })) {
      frames.push(look(handle));
      handle.release();
    }
  } catch (thrown) {
    error = (thrown as Error).name;
  }
  return { frames, error };
}

async function numberAt(reader: VideoReader, pool: VideoFramePool, time: number): Promise<number> {
  const handle = await reader.frameAt(time, { pool });
  const { number } = look(handle);
  handle.release();
  return number;
}

const count = (length: number, first = 0): number[] => Array.from({ length }, (_, index) => first + index);

/** Start of frame n in a video of 30 frames per second, in µs. */
const at30 = (n: number): number => Math.floor((n * 1e6) / 30);

const each = WAYS.flatMap((way) => [1, 3].map((capacity) => ({ ...way, capacity })));

describe.each(each)('$way at capacity $capacity', ({ open, capacity }) => {
  const opened = async (file: string) => {
    const pool = new VideoFramePool({ capacity });
    const reader = await open(await caseBlob(file));
    return {
      pool,
      reader,
      async [Symbol.asyncDispose]() {
        pool.assertNoLeaks();
        await reader.close();
      },
    };
  };

  const tiles = (frames: readonly Seen[]): void => {
    for (const [index, { timestamp, duration }] of frames.entries()) {
      const next = frames[index + 1];
      if (next !== undefined) expect(timestamp + (duration ?? NaN)).toBe(next.timestamp);
    }
  };

  test.each(['noctts.mp4', 'bframes.mp4'])(
    '%s: frames come in order, at evenly increasing times',
    async (file) => {
      await using video = await opened(file);
      const { reader, pool } = video;
      const { frames, error } = await readAll(reader, pool);
      expect(error).toBe(null);
      expect(frames.map(({ number }) => number)).toEqual(count(90));
      expect(frames.map(({ timestamp }) => timestamp)).toEqual(count(90).map(at30));
      tiles(frames);
      for (const n of [0, 1, 2, 3, 29, 30, 31, 58, 88, 89]) {
        expect(await numberAt(reader, pool, at30(n))).toBe(n);
        expect(await numberAt(reader, pool, at30(n + 1) - 1)).toBe(n);
      }
    },
  );

  test('a transport stream that begins in the middle begins with its first key frame', async () => {
    await using video = await opened('midgop.m2t');
    const { reader, pool } = video;
    const { frames, error } = await readAll(reader, pool);
    expect(error).toBe(null);
    expect(frames).toHaveLength(66);
    expect(frames.map(({ number }) => number)).toEqual(count(66, frames[0]?.number));
    expect(reader.firstTimestamp).toBe(frames[0]?.timestamp);
    tiles(frames);
    for (const time of [-Infinity, 0, reader.firstTimestamp - 1, reader.firstTimestamp]) {
      expect(await numberAt(reader, pool, time)).toBe(frames[0]?.number);
    }
  });

  test('times are exact to the microsecond at 90,000 s', async () => {
    await using video = await opened('far_90000.webm');
    const { reader, pool } = video;
    const { frames, error } = await readAll(reader, pool);
    expect(error).toBe(null);
    expect(frames.map(({ timestamp }) => timestamp)).toEqual(count(50).map((n) => 90_000e6 + n * 40_000));
    tiles(frames);
    for (const n of [1, 2, 3, 25, 49]) {
      const times = [(frames[n]?.timestamp ?? NaN) - 1, frames[n]?.timestamp ?? NaN];
      for (const [before, time] of times.entries()) {
        const handle = await reader.frameAt(time, { pool });
        expect(handle.timestamp).toBe(frames[n - 1 + before]?.timestamp);
        handle.release();
      }
    }
  });

  test('of frames with equal times the last is shown, and the earlier one lasts no time', async () => {
    await using video = await opened('twins_raw.mkv');
    const { reader, pool } = video;
    const { frames, error } = await readAll(reader, pool);
    expect(error).toBe(null);
    expect(frames.map(({ number }) => number)).toEqual(count(frames.length));
    tiles(frames);
    const times = frames.map(({ timestamp }) => timestamp);
    expect(new Set(times).size).toBeLessThan(times.length);
    for (const [n, time] of times.entries()) {
      expect(await numberAt(reader, pool, time)).toBe(times.lastIndexOf(time));
      if (times.lastIndexOf(time) !== n) expect(frames[n]?.duration).toBe(0);
    }
    const visited: number[] = [];
    for (let time = reader.firstTimestamp; time < reader.duration;) {
      const handle = await reader.frameAt(time, { pool });
      visited.push(numberIn(handle.frame));
      time = handle.timestamp + (handle.duration ?? NaN);
      handle.release();
    }
    expect(visited).toEqual(count(times.length).filter((n) => n === times.lastIndexOf(times[n] ?? 0)));
  });

  test('the size of interlaced video is that of whole frames', async () => {
    await using video = await opened('sd576i.m2t');
    const { reader, pool } = video;
    const handle = await reader.frameAt(0, { pool });
    const { displayWidth, displayHeight } = handle.frame;
    handle.release();
    expect(displayHeight).toBe(576);
    expect([reader.displayWidth, reader.displayHeight]).toEqual([displayWidth, displayHeight]);
  });

  test('a sample without bytes is skipped', async () => {
    await using video = await opened('zero_sample.mp4');
    const { frames, error } = await readAll(video.reader, video.pool);
    expect(error).toBe(null);
    expect(frames.map(({ number }) => number)).toEqual(count(90).filter((n) => n !== 19));
    tiles(frames);
  });

  test('a track with two sample descriptions is decoded part by part', async () => {
    await using video = await opened('two_stsd.mp4');
    const { reader, pool } = video;
    const { frames, error } = await readAll(reader, pool);
    const numbers = frames.map(({ number }) => number);
    expect(error).toBe(null);
    expect(numbers).toEqual([...count(30), ...count(30)]);
    tiles(frames);
    for (const n of [0, 29, 30, 59]) expect(await numberAt(reader, pool, at30(n))).toBe(numbers[n]);
  });

  test('a key frame without its sequence header is reached from an earlier one', async () => {
    await using video = await opened('av1_noseq.mp4');
    const { reader, pool } = video;
    // The file was cut by hand: its pictures are damaged from number 61 on, for every decoder.
    const { frames, error } = await readAll(reader, pool);
    expect(error).toBe(null);
    expect(frames.slice(0, 61).map(({ number }) => number)).toEqual(count(61));
    for (const n of [0, 1, 29, 30, 31, 60, 61, 89]) {
      expect(await numberAt(reader, pool, at30(n))).toBe(frames[n]?.number);
    }
  });

  // The second file lacks frames 55 and 56, which the last one precedes in decode order.
  test.each([
    ['cut_whole.webm', count(63)],
    ['cut.mkv', [...count(55), 57]],
  ])('%s, truncated, gives its good frames and then an error', async (file, numbers) => {
    await using video = await opened(file);
    const { reader, pool } = video;
    const { frames, error } = await readAll(reader, pool);
    expect(error).toBe('EncodingError');
    expect(frames.map(({ number }) => number)).toEqual(numbers);
    expect(await numberAt(reader, pool, Infinity)).toBe(numbers.at(-1));
  });

  test.each(['cut_whole.webm', 'cut.mkv', 'far_90000.webm'])(
    '%s, truncated at any byte, gives at least as many frames as a shorter part',
    async (file) => {
      const blob = await caseBlob(file);
      let before: number[] = [];
      for (const part of [0.35, 0.637, 0.9]) {
        const pool = new VideoFramePool({ capacity });
        const reader = await open(blob.slice(0, Math.floor(blob.size * part)));
        const { frames, error } = await readAll(reader, pool);
        const times = frames.map(({ timestamp }) => timestamp);
        expect(error).toBe('EncodingError');
        expect(times).toEqual([...times].sort((one, other) => one - other));
        expect(times).toEqual(expect.arrayContaining(before));
        const last = await reader.frameAt(Infinity, { pool });
        expect(last.timestamp).toBe(times.at(-1));
        last.release();
        pool.assertNoLeaks();
        await reader.close();
        before = times;
      }
      expect(before.length).toBeGreaterThan(30);
    },
  );
});
