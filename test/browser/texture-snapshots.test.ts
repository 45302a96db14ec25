/** Tests of snapshots of translucent canvases in textures: they go through a bitmap, asynchronously. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { canvasPool } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { losable, newDevice, texelsOf, texturePool } from '../support/gpu.ts';
import { expectHalfTranslucent, QUADRANTS } from '../support/quadrants.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A frame of a canvas that is half translucent, half empty. Owned by the caller. */
async function snapshot(): Promise<VideoFrame> {
  using handle = await canvasPool().acquire();
  handle.context.fillStyle = `rgba(${QUADRANTS[0].join()}, 0.5)`;
  handle.context.fillRect(0, 0, 32, 48);
  return handle.toVideoFrame();
}

/** The bitmaps that are created from now on. `made` is called for each before its caller gets it. */
function bitmaps(made = async (): Promise<void> => {}): ImageBitmap[] {
  const found: ImageBitmap[] = [];
  const real = globalThis.createImageBitmap.bind(globalThis);
  vi.spyOn(globalThis, 'createImageBitmap').mockImplementation(async (source: ImageBitmapSource) => {
    const bitmap = await real(source);
    found.push(bitmap);
    await made();
    return bitmap;
  });
  return found;
}

describe('a snapshot of a translucent canvas', () => {
  test('has its own colours and its own alpha, and its bitmap is closed', async () => {
    const found = bitmaps();
    const device = await newDevice();
    const pool = texturePool(device);
    const handle = await copyAndClose(pool, await snapshot());
    const texel = await texelsOf(device, handle.texture);
    expectHalfTranslucent(texel(8, 24));
    expect([...texel(56, 24)]).toEqual([0, 0, 0, 0]);
    // A bitmap that is closed has no size.
    expect(found.map(({ width }) => width)).toEqual([0]);
    handle.release();
    expect([pool.lentCount, pool.idleCount]).toEqual([0, 1]);
  });

  test('[A: SetDirectXManager] is refused, and its bitmap closed, if the device is lost meanwhile', async () => {
    const { device, lose } = losable(await newDevice());
    const pool = texturePool(device);
    const found = bitmaps(async () => {
      lose();
      await device.lost;
    });
    const message: unknown = expect.stringContaining('the GPU device is lost (unknown: unplugged)');
    const copying = copyAndClose(pool, await snapshot());
    await expect(copying).rejects.toMatchObject({ name: 'InvalidStateError', message });
    expect(found.map(({ width }) => width)).toEqual([0]);
    expect([pool.lentCount, pool.idleCount, pool.bytes]).toEqual([0, 0, 0]);
  });
});
