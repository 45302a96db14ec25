/** Snapshots of translucent canvases in textures: they go by way of a bitmap, which takes its time. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import { textureStorage } from '../../src/webgpu/index.ts';
import { gpuDevice, texelsOf } from '../support/gpu.ts';
import { QUADRANTS, quadrantOf } from '../support/quadrants.ts';

const device = await gpuDevice();

afterEach(() => {
  vi.restoreAllMocks();
});

/** A frame of a canvas that is half translucent, half empty. Owned by the caller. */
async function snapshot(): Promise<VideoFrame> {
  const pool = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 64, height: 48 }) });
  const handle = await pool.acquire();
  handle.context.fillStyle = `rgba(${QUADRANTS[0].join()}, 0.5)`;
  handle.context.fillRect(0, 0, 32, 48);
  const frame = handle.toVideoFrame();
  handle.release();
  pool.close();
  return frame;
}

/** The bitmaps that are made from here on; `made` is called when each is there and nobody has it yet. */
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
    const pool = new VideoFramePool({
      capacity: 1,
      storage: textureStorage({ device, width: 64, height: 48 }),
    });
    const handle = await pool.capture(await snapshot());
    const texel = await texelsOf(device, handle.texture);
    const [red = 0, green = 0, blue = 0, alpha = 0] = texel(8, 24);
    expect(quadrantOf([red, green, blue])).toBe(0);
    expect(Math.abs(alpha - 128)).toBeLessThanOrEqual(2);
    expect([...texel(56, 24)]).toEqual([0, 0, 0, 0]);
    // A bitmap that is closed has no size.
    expect(found.map(({ width }) => width)).toEqual([0]);
    handle.release();
    expect([pool.lentCount, pool.idleCount]).toEqual([0, 1]);
    pool.close();
  });

  test('[A: SetDirectXManager] is refused, and its bitmap closed, when the device is lost meanwhile', async () => {
    let lose = (): void => {};
    const lost = new Promise<object>((resolve) => {
      lose = () => resolve({ reason: 'unknown', message: 'unplugged' });
    });
    const losing = new Proxy(device, {
      get(target, name) {
        if (name === 'lost') return lost;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const storage = textureStorage({ device: losing, width: 64, height: 48 });
    const pool = new VideoFramePool({ capacity: 1, storage });
    const found = bitmaps(async () => {
      lose();
      await lost;
    });
    await expect(pool.capture(await snapshot())).rejects.toMatchObject({
      name: 'InvalidStateError',
      message: expect.stringContaining('the GPU device is lost (unknown: unplugged)'),
    });
    expect(found.map(({ width }) => width)).toEqual([0]);
    expect([pool.lentCount, pool.idleCount, pool.bytes]).toEqual([0, 0, 0]);
    pool.close();
  });
});
