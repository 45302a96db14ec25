/** Tests of pictures of every format, copied into memory and read there. */
import { describe, expect, test } from 'vitest';
import type { MemoryFormat } from '../../src/index.ts';
import { memoryStorage } from '../../src/index.ts';
import { checkedPool } from '../support/checked-pools.ts';
import {
  copied,
  chart,
  chartFrame,
  copiedOut,
  expectChart,
  firstDifference,
  poolOf,
  RGB_FORMATS,
  SRGB,
} from '../support/memory.ts';

/** Every format of memoryStorage() of which Chromium creates frames: it does not support 12 bits with alpha. */
const FORMATS: readonly MemoryFormat[] = [
  ...(['I420', 'I422', 'I444'] as const).flatMap((base) =>
    (['', 'A', 'P10', 'P12', 'AP10'] as const).map((suffix): MemoryFormat => `${base}${suffix}`),
  ),
  'NV12',
  ...RGB_FORMATS,
];

const SIZES = [
  [64, 48],
  [321, 241],
] as const;

describe.each(FORMATS)('a frame of %s', (format) => {
  test.each(SIZES)('is copied byte by byte, at %i × %i', async (codedWidth, codedHeight) => {
    const storage = memoryStorage({ format, codedWidth, codedHeight });
    const pool = checkedPool({ storage });
    const bytes = chart(format, codedWidth, codedHeight);
    expect(storage.byteLength).toBe(bytes.length);
    const frame = chartFrame(format, codedWidth, codedHeight, { timestamp: 7, duration: 9 });
    const colorSpace = frame.colorSpace.toJSON();
    using handle = await pool.copyFrom(frame);
    expect(frame.displayWidth).toBe(codedWidth);
    frame.close();
    expect(firstDifference(handle.data, bytes)).toBe(-1);
    expect(handle.colorSpace).toEqual(colorSpace);
    expect(handle).toMatchObject({ timestamp: 7, duration: 9 });
    expect(pool.stats()).toMatchObject({ bytes: bytes.length, bytesEstimated: false });
    const back = handle.toVideoFrame();
    expect(back).toMatchObject({ format, timestamp: 7, duration: 9 });
    expect(back.colorSpace.toJSON()).toEqual(colorSpace);
    expect(firstDifference(await copiedOut(back), bytes)).toBe(-1);
    back.close();
  });

  test.each(RGB_FORMATS)('is converted into %s', async (target) => {
    for (const [codedWidth, codedHeight] of SIZES) {
      const pool = poolOf(target, codedWidth, codedHeight, { rowAlignment: 256 });
      using handle = await copied(pool, chartFrame(format, codedWidth, codedHeight));
      expectChart(handle, format);
      const { primaries, transfer, matrix } = SRGB;
      expect(handle.colorSpace).toMatchObject({ primaries, transfer, matrix });
    }
  });

  test('is rejected by planes of another format, with usable formats in the error', async () => {
    const other = format === 'I420' ? 'I444' : 'I420';
    const pool = poolOf(other, 64, 48);
    const frame = chartFrame(format);
    const text = `memory of ${other} cannot take a frame of ${format} .* RGBA, RGBX, BGRA or BGRX`;
    const message: unknown = expect.stringMatching(new RegExp(text, 'u'));
    await expect(pool.copyFrom(frame)).rejects.toMatchObject({ name: 'NotSupportedError', message });
    expect(frame.codedWidth).toBe(64);
    frame.close();
    expect([pool.lentCount, pool.idleCount]).toEqual([0, 1]);
  });
});
