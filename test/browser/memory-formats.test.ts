/** Pictures of every format, copied into memory and read there. */
import { describe, expect, test } from 'vitest';
import { memoryStorage, VideoFramePool } from '../../src/index.ts';
import {
  DRIFT,
  chart,
  chartFrame,
  expected,
  farthest,
  firstDifference,
  FORMATS,
  quadrants,
  RGB_FORMATS,
} from '../support/memory.ts';

const SIZES = [
  [64, 48],
  [321, 241],
] as const;

describe.each(FORMATS)('a frame of %s', (format) => {
  test.each(SIZES)('is copied as it is, byte by byte, at %i × %i', async (codedWidth, codedHeight) => {
    const storage = memoryStorage({ format, codedWidth, codedHeight });
    const pool = new VideoFramePool({ capacity: 1, storage });
    const bytes = chart(format, codedWidth, codedHeight);
    expect(storage.byteLength).toBe(bytes.length);
    const frame = chartFrame(format, codedWidth, codedHeight, { timestamp: 7, duration: 9 });
    const colorSpace = frame.colorSpace.toJSON();
    const handle = await pool.capture(frame);
    expect(frame.codedWidth).toBe(0);
    expect(firstDifference(handle.data, bytes)).toBe(-1);
    expect(handle.colorSpace).toEqual(colorSpace);
    expect([handle.timestamp, handle.duration]).toEqual([7, 9]);
    expect(pool.bytes).toBe(bytes.length);
    expect(pool.stats().bytesEstimated).toBe(false);
    const back = handle.toVideoFrame();
    const copied = new Uint8Array(back.allocationSize());
    await back.copyTo(copied);
    expect(back.format).toBe(format);
    expect(back.colorSpace.toJSON()).toEqual(colorSpace);
    expect([back.timestamp, back.duration]).toEqual([7, 9]);
    expect(firstDifference(copied, bytes)).toBe(-1);
    back.close();
    handle.release();
    pool.close();
  });

  test.each(RGB_FORMATS)('is converted into %s', async (target) => {
    for (const [codedWidth, codedHeight] of SIZES) {
      const storage = memoryStorage({ format: target, codedWidth, codedHeight, rowAlignment: 256 });
      const pool = new VideoFramePool({ capacity: 1, storage });
      const handle = await pool.capture(chartFrame(format, codedWidth, codedHeight));
      expect(farthest(quadrants(handle), expected(format, target))).toBeLessThanOrEqual(DRIFT);
      expect(handle.colorSpace).toMatchObject({
        primaries: 'bt709',
        transfer: 'iec61966-2-1',
        matrix: 'rgb',
      });
      handle.release();
      pool.close();
    }
  });

  test('is refused by planes of another format, and the error says what would do', async () => {
    const other = format === 'I420' ? 'I444' : 'I420';
    const storage = memoryStorage({ format: other, codedWidth: 64, codedHeight: 48 });
    const pool = new VideoFramePool({ capacity: 1, storage });
    const frame = chartFrame(format, 64, 48);
    await expect(pool.capture(frame)).rejects.toMatchObject({
      name: 'NotSupportedError',
      message: expect.stringMatching(
        new RegExp(`memory of ${other} cannot take a frame of ${format} .* RGBA, RGBX, BGRA or BGRX`, 'u'),
      ),
    });
    expect(frame.codedWidth).toBe(0);
    expect([pool.lentCount, pool.idleCount]).toEqual([0, 1]);
    pool.close();
  });
});
