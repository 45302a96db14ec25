/** Times of frames: exact far from the beginning, without gaps, and without waiting for a timer. */
import { MkvOutputFormat, Mp4OutputFormat, WebMOutputFormat } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { VideoFramePool } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { CLIPS, clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { clipBlob } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import { WAYS } from '../support/readers.ts';
import { remuxed } from '../support/remuxed.ts';
import { sampled } from '../support/sampled.ts';

const clips = CLIPS.filter(({ codec }) => codec !== null);

/** Steps with the frame that is displayed when the previous one ends. */
async function stepThrough(
  reader: VideoReader,
  pool: VideoFramePool,
  visit: (handle: FrameHandle) => void,
): Promise<void> {
  let last = -Infinity;
  for (let time = -Infinity; ;) {
    const handle = await reader.frameAt(time, { pool });
    const { timestamp, duration } = handle;
    if (timestamp > last) visit(handle);
    handle.release();
    if (timestamp <= last) return;
    last = timestamp;
    time = timestamp + (duration ?? NaN);
  }
}

const WITHOUT_TIMERS = { capacity: 1, clock: new ManualClock() };

describe.each(sampled(WAYS.flatMap((way) => clips.map((entry) => ({ ...way, entry, file: entry.file })))))(
  '$way > $file',
  ({ open, entry, file }) => {
    test('[C9] [C15] timestamp + duration steps visit every frame once at capacity 1, without timers', async () => {
      const pool = new VideoFramePool(WITHOUT_TIMERS);
      const reader = await open(await clipBlob(file));
      const times: number[] = [];
      const numbers: number[] = [];
      await stepThrough(reader, pool, ({ timestamp, frame }) => {
        times.push(timestamp);
        numbers.push(markOf(frame, reader));
      });
      expect(times).toEqual(timestampsOf(entry));
      expect(numbers).toEqual(numbersOf(entry));
      pool.assertNoLeaks();
      await reader.close();
    });

    test('[C15] a handle has its frame’s time and duration, up to the next frame', async () => {
      const pool = new VideoFramePool({ capacity: 3 });
      const reader = await open(await clipBlob(file));
      let next: number | null = null;
      for await (const handle of reader.frames({ pool })) {
        const { timestamp, duration, frame } = handle;
        expect([frame.timestamp, frame.duration]).toEqual([timestamp, duration]);
        if (next !== null) expect(timestamp).toBe(next);
        next = timestamp + (duration ?? NaN);
        handle.release();
      }
      expect(next).toBe(reader.duration);
      pool.assertNoLeaks();
      await reader.close();
    });
  },
);

/** Frames of 1001/30000 s: NTSC's rate. */
const NTSC = 1001 / 30_000;

describe.each(WAYS)('$way', ({ open }) => {
  test.each([
    ['mp4', 47_000, new Mp4OutputFormat()],
    ['mkv', 47_000, new MkvOutputFormat()],
    ['webm', 93_600, new WebMOutputFormat()],
    ['mkv', 93_600, new MkvOutputFormat()],
  ])(
    '[C15] in a %s file that begins at %d s frameAt() is exact to the microsecond',
    async (_, seconds, format) => {
      const file = format instanceof Mp4OutputFormat ? 'h264_baseline.mp4' : 'vp8.webm';
      const blob = await remuxed(file, format, (packet) =>
        packet.clone({ timestamp: seconds + packet.timestamp }),
      );
      const pool = new VideoFramePool({ capacity: 2 });
      const reader = await open(blob);
      const times: number[] = [];
      for await (const handle of reader.frames({ pool })) {
        times.push(handle.timestamp);
        handle.release();
      }
      expect(times).toHaveLength(clip(file).frames);
      for (const n of [1, 2, 29, 30, 31, times.length - 1]) {
        for (const [back, time] of [0, 1].map((back) => [back, (times[n] ?? NaN) - back] as const)) {
          const handle = await reader.frameAt(time, { pool });
          expect(handle.timestamp).toBe(times[n - back]);
          expect(markOf(handle.frame)).toBe(n - back);
          handle.release();
        }
      }
      pool.assertNoLeaks();
      await reader.close();
    },
  );

  test('[C15] times of NTSC are whole ticks, truncated to microseconds', async () => {
    const blob = await remuxed(
      'h264_baseline.mp4',
      new Mp4OutputFormat(),
      (packet, index) => packet.clone({ timestamp: index * NTSC, duration: NTSC }),
      1 / NTSC,
    );
    const pool = new VideoFramePool({ capacity: 2 });
    const reader = await open(blob);
    const times: number[] = [];
    await stepThrough(reader, pool, ({ timestamp }) => times.push(timestamp));
    expect(times).toEqual(Array.from({ length: 60 }, (_, n) => Math.floor((n * 1001 * 1e6) / 30_000)));
    pool.assertNoLeaks();
    await reader.close();
  });

  test('a transport stream that begins two groups later begins with its third key frame', async () => {
    const whole = await clipBlob('h264.m2t');
    const pool = new VideoFramePool({ capacity: 2 });
    const all = await open(whole);
    const times: number[] = [];
    for await (const handle of all.frames({ pool })) {
      times.push(handle.timestamp);
      handle.release();
    }
    await all.close();
    const keys = clip('h264.m2t').keyFrames.map((place) => times[place] ?? NaN);
    // Cut within the second group of pictures, at the border of a packet of 188 bytes.
    const cut = Math.floor((whole.size * 0.45) / 188) * 188;
    const reader = await open(whole.slice(cut));
    const left: number[] = [];
    for await (const handle of reader.frames({ pool })) {
      left.push(handle.timestamp);
      handle.release();
    }
    expect(keys).toContain(left[0]);
    expect(left).toEqual(times.slice(times.indexOf(left[0] ?? NaN)));
    expect(reader.firstTimestamp).toBe(left[0]);
    const before = await reader.frameAt(0, { pool });
    expect(before.timestamp).toBe(left[0]);
    before.release();
    pool.assertNoLeaks();
    await reader.close();
  });
});
