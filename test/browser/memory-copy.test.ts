/** Tests of the properties of a picture that a copy into memory keeps. */
import { describe, expect, test } from 'vitest';
import {
  copied,
  chart,
  chartFrame,
  copiedOut,
  expectChart,
  firstDifference,
  poolOf,
  rgbAt,
  shown,
  SRGB,
} from '../support/memory.ts';

describe('a picture whose displayed and stored sizes differ', () => {
  test.each([
    ['I420', 0, false],
    ['I420', 90, false],
    ['I420', 180, true],
    ['RGBA', 270, false],
    ['RGBA', 90, true],
    ['NV12', 0, true],
  ] as const)(
    'keeps its pixels, its rotation and its proportions: %s, %i°, flip %s',
    async (format, rotation, flip) => {
      const init = { rotation, flip, displayWidth: 128, displayHeight: 48 };
      const frame = chartFrame(format, 64, 48, init);
      const { displayWidth, displayHeight } = frame;
      expect([displayWidth, displayHeight]).toEqual(rotation % 180 === 0 ? [128, 48] : [48, 128]);
      const shownAs = { rotation, flip, displayWidth, displayHeight };
      using handle = await copied(poolOf(format), frame);
      expect(firstDifference(handle.data, chart(format, 64, 48))).toBe(-1);
      expect(handle).toMatchObject(shownAs);
      const back = handle.toVideoFrame();
      expect(back).toMatchObject(shownAs);
      back.close();
    },
  );

  test('keeps its rotation when it is converted, and becomes sRGB', async () => {
    const init = { rotation: 90, flip: true, displayWidth: 128, displayHeight: 48 };
    using handle = await copied(poolOf('BGRA'), chartFrame('I420', 64, 48, init));
    expectChart(handle, 'I420');
    expect(handle).toMatchObject({ rotation: 90, flip: true, displayWidth: 48, displayHeight: 128 });
    expect(handle.colorSpace).toEqual(SRGB);
  });

  test('keeps its colour space if it is copied without a conversion', async () => {
    const matrix = 'smpte170m';
    const colorSpace = { primaries: matrix, transfer: matrix, matrix, fullRange: false } as const;
    const frame = chartFrame('I420', 64, 48, { colorSpace });
    using handle = await copied(poolOf('I420'), frame);
    expect(handle.colorSpace).toEqual(colorSpace);
    const back = handle.toVideoFrame();
    expect(back.colorSpace.toJSON()).toEqual(colorSpace);
    back.close();
  });

  test('with padding around it is copied without the padding', async () => {
    const visibleRect = { x: 32, y: 24, width: 32, height: 24 };
    using handle = await copied(poolOf('I420', 32, 24), chartFrame('I420', 64, 48, { visibleRect }));
    const luma = chart('I420', 64, 48)[40 * 64 + 50];
    expect(handle.data[0]).toBe(luma);
    expect(handle.data.subarray(0, 32 * 24).every((each) => each === luma)).toBe(true);
    expect([handle.displayWidth, handle.displayHeight]).toEqual([32, 24]);
  });
});

describe('memory with a layout', () => {
  const V_FIRST = [
    { offset: 4096, stride: 80 },
    { offset: 1024, stride: 32 },
    { offset: 0, stride: 40 },
  ];

  test('holds V before U, with gaps, and gives the same picture back', async () => {
    const pool = poolOf('I420', 64, 48, { layout: V_FIRST });
    using handle = await copied(pool, chartFrame('I420'));
    expect(handle.layout).toEqual(V_FIRST);
    const bytes = chart('I420', 64, 48);
    expect(handle.data[0]).toBe(bytes[64 * 48 * 1.25]);
    expect(handle.data[1024]).toBe(bytes[64 * 48]);
    expect(handle.data[4096]).toBe(bytes[0]);
    expect(handle.data[4096 + 47 * 80 + 63]).toBe(bytes[64 * 48 - 1]);
    const back = handle.toVideoFrame();
    expect(firstDifference(await copiedOut(back), bytes)).toBe(-1);
    back.close();
  });

  test('with an offset takes converted, reordered and drawn pictures', async () => {
    const layout = [{ offset: 1000, stride: 300 }];
    for (const [format, options] of [
      ['I420', {}],
      ['RGBA', {}],
      ['I420', { crop: { x: 0, y: 0, width: 64.5, height: 48 } }],
    ] as const) {
      using handle = await copied(poolOf('BGRX', 64, 48, { layout }), chartFrame(format), options);
      expect(shown(handle)).toEqual([0, 1, 2, 3]);
      expect(rgbAt(handle, 0, 0)).toEqual(rgbAt(handle, 3, 3));
      expect(handle.data.subarray(0, 1000).every((byte) => byte === 0)).toBe(true);
    }
  });

  test('of rows of 256 bytes takes converted, drawn, rotated and mirrored pictures', async () => {
    for (const [format, options, size, places] of [
      ['I420', {}, [64, 48], [0, 1, 2, 3]],
      ['RGBA', { crop: { x: 0.5, y: 0, width: 63, height: 47 } }, [64, 48], [0, 1, 2, 3]],
      ['I420', { rotation: 90 }, [48, 64], [2, 0, 3, 1]],
      ['I420', { rotation: 90, flip: true }, [48, 64], [0, 2, 1, 3]],
    ] as const) {
      const pool = poolOf('BGRX', size[0], size[1], { rowAlignment: 256 });
      using handle = await copied(pool, chartFrame(format), options);
      expect(handle.layout).toEqual([{ offset: 0, stride: 256 }]);
      expect(shown(handle)).toEqual(places);
      expect(handle.data[3]).toBe(255);
    }
  });
});
