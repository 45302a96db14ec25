/** Tests of frames of real clips, copied out of the decoder's memory and read after the decoder is closed. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle, MemoryFormat, MemoryStorage } from '../../src/index.ts';
import { memoryStorage } from '../../src/index.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import { clip } from '../media/clips.ts';
import { checkedPool } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { decodedCopies, expectNumbers } from '../support/decoded-copies.ts';
import { markIn, markOfSnapshot } from '../support/picture.ts';

const FRAMES = 6;

const hidingFormat = LimitedVideoDecoder.with({ opaque: true });

/** The first frames of a clip, copied into memory. */
function copies(
  file: string,
  format: MemoryFormat,
  decoder: typeof VideoDecoder = VideoDecoder,
): Promise<FrameHandle<MemoryStorage>[]> {
  const storage = memoryStorage({ format, codedWidth: 16, codedHeight: 16, rowAlignment: 64 });
  const pool = checkedPool({ capacity: FRAMES, storage });
  const copy = async (handle: FrameHandle): Promise<FrameHandle<MemoryStorage>> => {
    // A separate clone, because a hidden format is a property of the fake's frames and clones.
    const frame = handle.frame.clone();
    handle.release();
    expect(frame.format === null).toBe(decoder !== VideoDecoder);
    return copyAndClose(pool, frame, { sizeChange: 'reconfigure' });
  };
  return decodedCopies(file, FRAMES, copy, decoder);
}

const CLIPS = ['vp8.webm', 'vp9.webm', 'vp8_odd.webm', 'vp9_odd.webm', 'av1.mp4', 'h264_baseline.mp4'];

describe('frames of a clip', () => {
  test.each(CLIPS)('are in memory as they were decoded: %s', async (file) => {
    await expectNumbers(file, await copies(file, 'I420'), markOfSnapshot);
  });

  test.each(CLIPS)('are in memory as colours: %s', async (file) => {
    await expectNumbers(file, await copies(file, 'RGBA'), markIn);
  });

  test.each(CLIPS)('without a format are in memory as colours: %s', async (file) => {
    await expectNumbers(file, await copies(file, 'RGBA', hidingFormat), markIn);
  });

  test('keep the proportions of the clip', async () => {
    const file = 'h264_anamorphic.mp4';
    const { width, height } = clip(file);
    for (const handle of await copies(file, 'I420')) {
      expect([handle.displayWidth, handle.displayHeight]).toEqual([width, height]);
      expect(handle.codedWidth).not.toBe(width);
      handle.release();
    }
  });

  test('without a format are rejected by planar memory, with usable formats in the error', async () => {
    await expect(copies('vp8.webm', 'I420', hidingFormat)).rejects.toMatchObject({
      name: 'NotSupportedError',
      message:
        'memory of I420 cannot take a frame without a format in this engine: use RGBA, RGBX, BGRA or BGRX by conversion',
    });
  });
});
