/** Edit lists that end a track before its last frame. */
import { describe, expect, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { clipBlob } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import { WAYS } from '../support/readers.ts';

/** Distance from the name of the box to the length of its first edit. */
const TO_LENGTH = 12;

/** A clip with one edit of this length in ms. */
async function endingAfter(file: string, ms: number): Promise<Blob> {
  const bytes = new Uint8Array(await (await clipBlob(file)).arrayBuffer());
  const at = bytes.findIndex(
    (_, index) => String.fromCharCode(...bytes.subarray(index, index + 4)) === 'elst',
  );
  expect(at).toBeGreaterThan(0);
  new DataView(bytes.buffer).setUint32(at + TO_LENGTH, ms);
  return new Blob([bytes]);
}

/** B-frames, and frames before 0. */
const FILES = ['h264_bframes.mp4', 'h264_negative.mp4'];

describe.each(WAYS.flatMap((way) => FILES.map((file) => ({ ...way, file }))))(
  '$way > $file',
  ({ open, file }) => {
    const entry = clip(file);
    const isBefore = (end: number) => (time: number) => time < end;

    test.each([
      { title: 'between two frames', ms: 700, end: 700_000 },
      { title: 'within a frame, which becomes shorter', ms: 1025, end: 1_025_000 },
    ])('[C15] the video ends where its edit ends: $title', async ({ ms, end }) => {
      const pool = new VideoFramePool({ capacity: 3 });
      const reader = await open(await endingAfter(file, ms));
      expect(reader.duration).toBe(end);
      const times: number[] = [];
      let next = reader.firstTimestamp;
      for await (const handle of reader.frames({ pool })) {
        expect(handle.timestamp).toBe(next);
        expect(markOf(handle.frame, reader)).toBe(entry.firstNumber + times.length);
        times.push(handle.timestamp);
        next = handle.timestamp + (handle.duration ?? NaN);
        handle.release();
      }
      expect(times).toEqual(timestampsOf(entry).filter(isBefore(end)));
      expect(next).toBe(end);
      pool.assertNoLeaks();
      await reader.close();
    });

    test('[C15] no call returns a frame after the end', async () => {
      const pool = new VideoFramePool({ capacity: 3 });
      const reader = await open(await endingAfter(file, 700));
      const last = timestampsOf(entry).findLast(isBefore(700_000));
      const handle = await reader.frameAt(Infinity, { pool });
      expect(handle.timestamp).toBe(last);
      expect(handle.timestamp + (handle.duration ?? NaN)).toBe(700_000);
      handle.release();
      const late: number[] = [];
      for await (const given of reader.frames({ pool, from: 1e6, to: 2e6 })) {
        late.push(given.timestamp);
        given.release();
      }
      expect(late).toEqual([last]);
      const chunks: number[] = [];
      for await (const { timestamp } of reader.packets()) chunks.push(timestamp);
      expect(Math.max(...chunks.filter(isBefore(700_000)))).toBe(last);
      expect(chunks.length).toBeLessThan(entry.packets);
      pool.assertNoLeaks();
      await reader.close();
    });

    test.each([0, 60_000])('[C15] an edit of %i ms keeps all frames', async (ms) => {
      const pool = new VideoFramePool({ capacity: 3 });
      const reader = await open(await endingAfter(file, ms));
      const handle = await reader.frameAt(Infinity, { pool });
      expect(handle.timestamp).toBe(timestampsOf(entry).at(-1));
      expect(handle.timestamp + (handle.duration ?? NaN)).toBe(reader.duration);
      handle.release();
      pool.assertNoLeaks();
      await reader.close();
    });
  },
);
