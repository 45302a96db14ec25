/** Frames of real clips, copied out of the decoder's memory and read when the decoder is gone. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle, MemoryFormat, MemoryStorage } from '../../src/index.ts';
import { decodeFrames, memoryStorage, VideoFramePool } from '../../src/index.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import { clip, numbersOf, timestampsOf } from '../media/clips.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { markIn, markOf } from '../support/picture.ts';

const FRAMES = 6;

/** The first frames of a clip, copied into memory. The decoder is closed, and nothing of it is held. */
async function copies(
  file: string,
  format: MemoryFormat,
  decoder: typeof VideoDecoder = VideoDecoder,
): Promise<FrameHandle<MemoryStorage>[]> {
  const { config, chunks } = await trackOf(file);
  const decoded = new VideoFramePool({ capacity: 3 });
  const storage = memoryStorage({ format, codedWidth: 16, codedHeight: 16, rowAlignment: 64 });
  const pool = new VideoFramePool({ capacity: FRAMES, storage });
  const kept: FrameHandle<MemoryStorage>[] = [];
  for await (const handle of decodeFrames(decoded, streamOf(chunks), config, { decoder })) {
    // A clone of its own, for a hidden format is a property of the stand-in's frames and clones.
    const frame = handle.frame.clone();
    handle.release();
    expect(frame.format === null).toBe(decoder !== VideoDecoder);
    kept.push(await pool.capture(frame, { sizeChange: 'reconfigure' }));
    if (kept.length === FRAMES) break;
  }
  expect([decoded.lentCount, decoded.decodingCount, pool.lentCount]).toEqual([0, 0, FRAMES]);
  decoded.close();
  return kept;
}

/** Looks at the copies and gives them back. */
function check(
  file: string,
  kept: FrameHandle<MemoryStorage>[],
  read: (handle: FrameHandle<MemoryStorage>) => number,
): void {
  expect(kept.map(({ timestamp }) => timestamp)).toEqual(timestampsOf(clip(file)).slice(0, FRAMES));
  expect(kept.map(read)).toEqual(numbersOf(clip(file)).slice(0, FRAMES));
  for (const handle of kept) handle.release();
}

const CLIPS = ['vp8.webm', 'vp9.webm', 'vp8_odd.webm', 'vp9_odd.webm', 'av1.mp4', 'h264_baseline.mp4'];

describe('frames of a clip', () => {
  test.each(CLIPS)('are in memory as they were decoded: %s', async (file) => {
    const kept = await copies(file, 'I420');
    check(file, kept, (handle) => {
      const frame = handle.toVideoFrame();
      const mark = markOf(frame);
      frame.close();
      return mark;
    });
  });

  test.each(CLIPS)('are in memory as colours: %s', async (file) => {
    check(file, await copies(file, 'RGBA'), markIn);
  });

  test.each(CLIPS)('that hide their format are in memory as colours: %s', async (file) => {
    check(file, await copies(file, 'RGBA', LimitedVideoDecoder.with({ opaque: true })), markIn);
  });

  test('keep the proportions that the clip has', async () => {
    const file = 'h264_anamorphic.mp4';
    const kept = await copies(file, 'I420');
    const { width, height } = clip(file);
    for (const handle of kept) {
      expect([handle.displayWidth, handle.displayHeight]).toEqual([width, height]);
      expect(handle.codedWidth).not.toBe(width);
      handle.release();
    }
  });

  test('that hide their format are refused by planes, and the error says what would do', async () => {
    await expect(
      copies('vp8.webm', 'I420', LimitedVideoDecoder.with({ opaque: true })),
    ).rejects.toMatchObject({
      name: 'NotSupportedError',
      message:
        'memory of I420 cannot take a frame that hides its format in this engine: what can is RGBA, RGBX, BGRA or BGRX by conversion',
    });
  });
});
