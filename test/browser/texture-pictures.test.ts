/** Tests of a pool's texture after a copy: each colour in its place. On the software adapter. */
import { describe, expect, test } from 'vitest';
import type { CopyRequest } from '../../src/index.ts';
import type { TextureFormat } from '../../src/webgpu/index.ts';
import { clip } from '../media/clips.ts';
import { canvasPool } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { decodedCopies, expectNumbers } from '../support/decoded-copies.ts';
import { gpuDevice, texelsOf, texturePool, texturesOn } from '../support/gpu.ts';
import { readMark } from '../support/marks.ts';
import type { FrameInit } from '../support/quadrants.ts';
import {
  expectHalfTranslucent,
  paint,
  QUADRANT_FORMATS,
  QUADRANTS,
  quadrantFrame,
  quadrantOf,
  quartersOf,
} from '../support/quadrants.ts';

const device = await gpuDevice();

/** All formats of textureStorage(). */
const FORMATS: TextureFormat[] = [
  ...(['rgba8unorm', 'rgba8unorm-srgb', 'bgra8unorm', 'bgra8unorm-srgb', 'rgb10a2unorm'] as const),
  ...(['rgba16float', 'rgba32float', 'r8unorm', 'r16float', 'r32float'] as const),
  ...(['rg8unorm', 'rg16float', 'rg32float'] as const),
];

/** How red a texel is, from 0 to 255. */
function redOf(format: TextureFormat, texel: Uint8Array): number {
  const view = new DataView(texel.slice().buffer);
  if (format === 'rgb10a2unorm') return ((view.getUint32(0, true) & 1023) / 1023) * 255;
  if (format.endsWith('32float')) return view.getFloat32(0, true) * 255;
  if (!format.endsWith('16float')) return view.getUint8(format.startsWith('bgra') ? 2 : 0);
  // A half-precision float: five bits of exponent with a bias of 15, and ten of fraction. No value here is subnormal.
  const half = view.getUint16(0, true);
  return half === 0 ? 0 : 2 ** ((half >> 10) - 15) * (1 + (half & 1023) / 1024) * 255;
}

/** The quarters of a frame in a texture of this size. */
async function quartersIn(
  width: number,
  height: number,
  frame: VideoFrame,
  options: CopyRequest = {},
  format: TextureFormat = 'rgba8unorm',
): Promise<(number | null)[]> {
  const pool = texturePool(device, { storage: texturesOn(device, { width, height, format }) });
  using handle = await copyAndClose(pool, frame, options);
  const { texture } = handle;
  const texel = await texelsOf(device, texture);
  const swapped = format.startsWith('bgra');
  return quartersOf(texture.width, texture.height, (x, y) => {
    const colour = texel(x, y).slice(0, 3);
    return swapped ? colour.reverse() : colour;
  });
}

describe('a texture shows', () => {
  test.each(QUADRANT_FORMATS)('the colours of %s in their places [edge 15]', async (format) => {
    expect(await quartersIn(64, 48, quadrantFrame(format))).toEqual([0, 1, 2, 3]);
    expect(await quartersIn(321, 241, quadrantFrame(format, 321, 241))).toEqual([0, 1, 2, 3]);
  });

  test('the colours in its own channel order', async () => {
    expect(await quartersIn(64, 48, quadrantFrame('I420'), {}, 'bgra8unorm')).toEqual([0, 1, 2, 3]);
  });

  test.each<TextureFormat>(FORMATS)(
    'the red of each quarter in %s, and nothing once it is cleared',
    async (format) => {
      const errors: string[] = [];
      const listener = ({ error }: GPUUncapturedErrorEvent): number => errors.push(error.message);
      device.addEventListener('uncapturederror', listener);
      const pool = texturePool(device, { storage: texturesOn(device, { format, clear: true }) });
      // At odd positions, which a wrong number of bytes would miss.
      const redsOf = async (texture: GPUTexture): Promise<number[]> => {
        const texel = await texelsOf(device, texture, pool.bytes / (64 * 48));
        const texels = [texel(15, 11), texel(49, 11), texel(15, 37), texel(49, 37)];
        return texels.map((bytes) => redOf(format, bytes));
      };
      const handle = await copyAndClose(pool, quadrantFrame('RGBA'));
      const reds = await redsOf(handle.texture);
      expect(handle.texture.format).toBe(format);
      const errorsOfRed = QUADRANTS.map(([red], quarter) => Math.abs((reds[quarter] ?? 0) - red));
      expect(Math.max(...errorsOfRed)).toBeLessThan(2);
      handle.release();
      using next = await pool.acquire();
      expect([pool.stats().reused, await redsOf(next.texture)]).toEqual([1, [0, 0, 0, 0]]);
      expect(errors).toEqual([]);
      device.removeEventListener('uncapturederror', listener);
    },
  );

  // A square with the corner of the colours at two thirds of its width, in a texture that is higher than wide.
  test.each<[NonNullable<CopyRequest['fit']>, (number | null)[]]>([
    ['contain', [null, 1, null]],
    ['cover', [0, 0, 2]],
    ['fill', [1, 1, 2]],
  ])('a picture of another shape by fit: %s', async (fit, colours) => {
    const pool = texturePool(device, { storage: texturesOn(device, { height: 96 }) });
    const crop = { x: 0, y: 0, width: 96, height: 96 };
    using handle = await copyAndClose(pool, quadrantFrame('I420', 128, 96), { crop, fit });
    const texel = await texelsOf(device, handle.texture);
    const points = [texel(45, 4), texel(45, 24), texel(20, 90)];
    expect(points.map(quadrantOf)).toEqual(colours);
    expect(points.map(([, , , alpha]) => alpha)).toEqual(colours.map((at) => (at === null ? 0 : 255)));
  });

  test('nothing of the last picture if the next one leaves a part empty', async () => {
    const pool = texturePool(device);
    (await copyAndClose(pool, quadrantFrame('RGBA'))).release();
    using handle = await copyAndClose(pool, quadrantFrame('RGBA', 48, 48));
    const texel = await texelsOf(device, handle.texture);
    expect([pool.stats().reused, [...texel(2, 24)], texel(16, 12)[3]]).toEqual([1, [0, 0, 0, 0], 255]);
  });

  test.each<[string, FrameInit, (number | null)[]]>([
    ['rotated clockwise by 90', { rotation: 90 }, [2, 0, 3, 1]],
    ['rotated by 180', { rotation: 180 }, [3, 2, 1, 0]],
    ['mirrored', { flip: true }, [1, 0, 3, 2]],
    ['of non-square pixels', { displayWidth: 128, displayHeight: 48 }, [0, 1, 2, 3]],
  ])('a frame that is %s as it should be displayed [edge 15]', async (_, init, quarters) => {
    const frame = quadrantFrame('I420', 64, 48, init);
    const { displayWidth, displayHeight } = frame;
    expect(await quartersIn(displayWidth, displayHeight, frame, { sizeChange: 'reject' })).toEqual(quarters);
  });

  test.each<[string, CopyRequest, (number | null)[]]>([
    ['scaled', {}, [0, 1, 2, 3]],
    ['cropped', { crop: { x: 32, y: 0, width: 32, height: 48 }, fit: 'fill' }, [1, 1, 3, 3]],
    ['turned', { rotation: 180 }, [3, 2, 1, 0]],
    ['mirrored', { flip: true }, [1, 0, 3, 2]],
    ['rotated, then mirrored', { rotation: 90, flip: true, fit: 'fill' }, [0, 2, 1, 3]],
  ])('a picture %s when requested', async (_, options, quarters) => {
    expect(await quartersIn(32, 24, quadrantFrame('RGBA'), options)).toEqual(quarters);
  });

  test('a picture with odd sides, rotated by 90° when requested', async () => {
    const options = { rotation: 90, sizeChange: 'reject' } as const;
    expect(await quartersIn(241, 321, quadrantFrame('I420', 321, 241), options)).toEqual([2, 0, 3, 1]);
  });

  test('alpha beside colours that are not premultiplied', async () => {
    using handle = await copyAndClose(texturePool(device), quadrantFrame('RGBA', 64, 48, { opacity: 128 }));
    expectHalfTranslucent((await texelsOf(device, handle.texture))(8, 8));
  });

  test('a translucent canvas of another pool as it is', async () => {
    const handle = await canvasPool().acquire();
    paint(handle.context, QUADRANTS, 0.5);
    using copy = await handle.copyTo(texturePool(device));
    handle.release();
    expectHalfTranslucent((await texelsOf(device, copy.texture))(8, 8));
  });

  test('the frames of a decoder, right after it is closed, each with its time', async () => {
    const { file, width, height } = clip('vp8.webm');
    const pool = texturePool(device, { capacity: 6, storage: texturesOn(device, { width, height }) });
    const copies = await decodedCopies(file, 6, (handle) => handle.copyTo(pool));
    await expectNumbers(file, copies, async ({ texture }) => {
      const texel = await texelsOf(device, texture);
      const image = new ImageData(width, height);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) image.data.set(texel(x, y), (y * width + x) * 4);
      return readMark(image);
    });
  });
});
