/** Tests of pictures whose size is not that of the memory, or that must be cropped or rotated. */
import { describe, expect, test } from 'vitest';
import type { CopyRequest, CropRectangle } from '../../src/index.ts';
import { copyAndClose } from '../support/copying.ts';
import { does } from '../support/engine.ts';
import type { FrameInit } from '../support/quadrants.ts';
import {
  copied,
  chart,
  chartFrame,
  CHART,
  copiedOut,
  DRIFT,
  farthest,
  firstDifference,
  poolOf,
  RGB_FORMATS,
  rgbAt,
  shown,
  SRGB,
} from '../support/memory.ts';

/** A crop of 64 × 48 that begins there. */
const cropAt = (x: number, y: number): CropRectangle => ({ x, y, width: 64, height: 48 });

const PART = { crop: { x: 0, y: 0, width: 16, height: 12 } };

/** An engine that draws the whole frame shows all of it. */
const PART_SHOWN = does('drawsParts') ? [0, 0, 0, 0] : [0, 1, 2, 3];

describe('a picture that must be drawn', () => {
  test.each([
    ['scaled', [128, 96], { fit: 'fill' }, [0, 1, 2, 3]],
    ['turned clockwise', [48, 64], { rotation: 90 }, [2, 0, 3, 1]],
    ['rotated by half a turn', [64, 48], { rotation: 180 }, [3, 2, 1, 0]],
    ['mirrored', [64, 48], { flip: true }, [1, 0, 3, 2]],
    ['mirrored top to bottom', [64, 48], { rotation: 180, flip: true }, [2, 3, 0, 1]],
    ['rotated clockwise, then mirrored', [48, 64], { rotation: 90, flip: true }, [0, 2, 1, 3]],
    ['cropped to a quadrant', [64, 48], PART, PART_SHOWN],
  ] as const)(
    'is %s, and becomes upright sRGB of the buffer’s size',
    async (_how, [width, height], options, places) => {
      for (const format of RGB_FORMATS) {
        using handle = await copied(poolOf(format, width, height), chartFrame('I420'), options);
        expect(shown(handle), format).toEqual(places);
        expect(handle.colorSpace).toEqual(SRGB);
        const upright = { displayWidth: width, displayHeight: height, rotation: 0, flip: false };
        expect(handle).toMatchObject(upright);
      }
    },
  );

  test('is drawn as it is displayed', async () => {
    const frame = chartFrame('I420', 64, 48, { rotation: 90 });
    using handle = await copied(poolOf('RGBA', 96, 128), frame, { fit: 'fill' });
    // An engine that turns no frames shows it as stored.
    expect(shown(handle)).toEqual(does('turnsFrames') ? [2, 0, 3, 1] : [0, 1, 2, 3]);
    expect([handle.rotation, handle.displayWidth]).toEqual([0, 96]);
  });

  test('leaves the rest empty with `contain`', async () => {
    using handle = await copied(poolOf('RGBA', 64, 96), chartFrame('I420'));
    expect(rgbAt(handle, 5, 5)).toEqual([0, 0, 0, 0]);
    expect(farthest([rgbAt(handle, 5, 30)], [CHART[0]])).toBeLessThanOrEqual(DRIFT);
  });

  test('leaves the rest black in formats without alpha', async () => {
    using handle = await copied(poolOf('BGRX', 64, 96), chartFrame('I420'));
    expect([...handle.data.subarray(0, 4)]).toEqual([0, 0, 0, 255]);
  });

  const STRETCHED = { displayWidth: 128, displayHeight: 96 };

  test.each<[string, [number, number], CopyRequest, FrameInit?]>([
    ['another size', [128, 96], {}],
    ['a turn', [64, 48], { rotation: 180 }],
    ['a mirror image', [64, 48], { flip: true }],
    ['a crop that is scaled', [64, 48], { crop: { x: 0, y: 0, width: 32, height: 24 } }],
    ['a crop between pixels', [128, 96], { crop: cropAt(0.5, 0) }],
    ['a crop outside', [128, 96], { crop: cropAt(66, 0) }],
    ['a crop between chroma samples', [128, 96], { crop: cropAt(1, 0) }],
    ['a crop of a stretched picture', [64, 96], { crop: cropAt(0, 0) }, STRETCHED],
  ])('is refused by planar memory: %s', async (_what, [width, height], options, init = {}) => {
    const pool = poolOf('I420');
    const frame = chartFrame('I420', width, height, init);
    const message: unknown = expect.stringMatching(/RGBA, RGBX, BGRA (or|and) BGRX/u);
    await expect(pool.copyFrom(frame, options)).rejects.toMatchObject({ name: 'NotSupportedError', message });
    expect(frame.codedWidth).toBe(width);
    frame.close();
    expect([pool.lentCount, pool.idleCount]).toEqual([0, 1]);
  });
});

describe('a part of the buffer’s size', () => {
  test('of a rotated picture is rejected by planes, or copied if no engine rotates it', async () => {
    const pool = poolOf('I420');
    const frame = chartFrame('I420', 96, 128, { rotation: 90 });
    const copying = copyAndClose(pool, frame, { crop: cropAt(0, 0) });
    if (does('turnsFrames')) await expect(copying).rejects.toMatchObject({ name: 'NotSupportedError' });
    else (await copying).release();
  });

  test('is copied pixel by pixel into planes, if it begins on a chroma sample', async () => {
    using handle = await copied(poolOf('I420'), chartFrame('I420', 128, 96), { crop: cropAt(32, 24) });
    expect(firstDifference(handle.data, chart('I420', 64, 48))).toBe(-1);
    expect([handle.displayWidth, handle.displayHeight]).toEqual([64, 48]);
  });

  test('is copied pixel by pixel from the top left corner', async () => {
    using handle = await copied(poolOf('RGBA'), chartFrame('RGBA', 128, 96), { crop: cropAt(0, 0) });
    expect(shown(handle)).toEqual([0, 0, 0, 0]);
  });

  test('is copied pixel by pixel into 8-bit colours from any corner', async () => {
    const crop = { x: 63, y: 47, width: 2, height: 2 };
    using handle = await copied(poolOf('RGBA', 2, 2), chartFrame('RGBA', 128, 96), { crop });
    expect([...handle.data]).toEqual(CHART.flat());
  });
});

describe('sizeChange', () => {
  test('‘reject’ rejects pictures of another stored size, and accepts stretched ones', async () => {
    const pool = poolOf('I420');
    const options = { sizeChange: 'reject' } as const;
    for (const [width, rotation] of [
      [62, 0],
      [64, 90],
      [64, 180],
    ] as const) {
      const copying = copyAndClose(pool, chartFrame('I420', width, 48), { ...options, rotation });
      await expect(copying).rejects.toThrow(RangeError);
    }
    expect([pool.lentCount, pool.bytes]).toEqual([0, 0]);
    const stretched = chartFrame('I420', 64, 48, { displayWidth: 128, displayHeight: 48 });
    using handle = await copied(pool, stretched, options);
    expect([handle.codedWidth, handle.displayWidth]).toEqual([64, 128]);
  });

  test('‘reconfigure’ makes buffers of the picture’s size with the same alignment', async () => {
    const pool = poolOf('I420', 64, 48, { rowAlignment: 100 });
    const options = { sizeChange: 'reconfigure' } as const;
    const first = await copyAndClose(pool, chartFrame('I420'), options);
    const second = await copyAndClose(pool, chartFrame('I420', 122, 90), options);
    expect([first.codedWidth, second.codedWidth, second.codedHeight]).toEqual([64, 122, 90]);
    expect(second.layout.map(({ stride }) => stride)).toEqual([200, 100, 100]);
    expect(pool.bytes).toBe(100 * 96 + 200 * 90 + 100 * 90);
    const back = second.toVideoFrame();
    expect(firstDifference(await copiedOut(back), chart('I420', 122, 90))).toBe(-1);
    back.close();
    first.release();
    expect(pool.stats().discarded).toBe(1);
    second.release();
    using third = await copyAndClose(pool, chartFrame('I420'), options);
    expect(third.codedWidth).toBe(64);
  });

  test('‘reconfigure’ makes buffers for a rotated picture once', async () => {
    const pool = poolOf('RGBA');
    const options = { sizeChange: 'reconfigure', rotation: 90 } as const;
    for (const generation of ['first', 'second']) {
      using handle = await copyAndClose(pool, chartFrame('I420'), options);
      expect([handle.codedWidth, handle.codedHeight], generation).toEqual([48, 64]);
      expect(shown(handle)).toEqual([2, 0, 3, 1]);
    }
    expect(pool.stats()).toMatchObject({ allocated: 1, reused: 1 });
  });

  test.each([
    ['a layout of the app', 'RGBA', [{ offset: 0, stride: 256 }], {}, /cannot derive your layout/u],
    ['planes with rotation', 'I420', undefined, { rotation: 90 }, /take pictures one to one/u],
    ['planes with mirroring', 'I420', undefined, { flip: true }, /take pictures one to one/u],
  ] as const)('‘reconfigure’ is rejected: %s', async (_what, format, layout, options, message) => {
    const pool = poolOf(format, 64, 48, layout && { layout: [...layout] });
    const frame = chartFrame('I420', 62, 48);
    const refused = copyAndClose(pool, frame, { sizeChange: 'reconfigure', ...options });
    const error = { name: 'NotSupportedError', message: expect.stringMatching(message) };
    await expect(refused).rejects.toMatchObject(error);
    expect([pool.lentCount, pool.bytes]).toEqual([0, 0]);
  });
});
