/** The life of a pool's textures, and of the device that they are made on. */
import { afterEach, describe, expect, test } from 'vitest';
import type { PoolOptions } from '../../src/index.ts';
import { VideoFramePool } from '../../src/index.ts';
import type { TextureStorage, TextureStorageOptions } from '../../src/webgpu/index.ts';
import { textureStorage } from '../../src/webgpu/index.ts';
import { gpuDevice, texelsOf } from '../support/gpu.ts';
import { quadrantFrame } from '../support/quadrants.ts';

type Storage = TextureStorage<GPUTexture>;

const BYTES = 64 * 48 * 4;
const devices: GPUDevice[] = [];

async function newDevice(): Promise<GPUDevice> {
  const device = await gpuDevice();
  devices.push(device);
  return device;
}

afterEach(() => {
  for (const device of devices.splice(0)) device.destroy();
});

const storageOn = (device: GPUDevice, options: Partial<TextureStorageOptions<GPUDevice>> = {}): Storage =>
  textureStorage({ device, width: 64, height: 48, ...options });

const poolOn = (device: GPUDevice, options: Partial<PoolOptions<Storage>> = {}): VideoFramePool<Storage> =>
  new VideoFramePool({ capacity: 2, storage: storageOn(device), ...options });

function listen(pool: VideoFramePool<Storage>): string[] {
  const heard: string[] = [];
  pool.setListener(({ reason, discarded }) => heard.push(discarded ? `${reason}, discarded` : reason));
  return heard;
}

describe('a texture', () => {
  test('is really reused, the one used last first, and shows nothing of the last time [edge 11]', async () => {
    const pool = poolOn(await newDevice());
    const first = await pool.capture(quadrantFrame('RGBA', 64, 48, { timestamp: 40 }));
    const { texture } = first;
    expect([first.timestamp, pool.bytes, pool.stats().bytesEstimated]).toEqual([40, BYTES, true]);
    first.release();
    const next = await pool.acquire();
    expect([next.texture === texture, next.timestamp, pool.stats().reused]).toEqual([true, 0, 1]);
    next.release();
    expect(() => next.texture).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    pool.close();
    expect(pool.bytes).toBe(0);
  });

  test.each([
    [true, 0],
    [false, 200],
  ])('with clear: %s shows %d where the last holder had red', async (clear, red) => {
    const device = await newDevice();
    const pool = poolOn(device, { storage: storageOn(device, { clear }) });
    (await pool.capture(quadrantFrame('RGBA', 64, 48))).release();
    const next = await pool.acquire();
    const texel = await texelsOf(device, next.texture);
    expect([pool.stats().reused, texel(8, 8)[0]]).toEqual([1, red]);
    next.release();
    pool.close();
  });

  // STORAGE_BINDING, by the number of the WebGPU specification.
  test.each([
    [{}, 0x17],
    [{ usage: 0x08 }, 0x1f],
  ])('has the usages that a picture needs, and those asked for by %j', async (options, usage) => {
    const device = await newDevice();
    const pool = poolOn(device, { storage: storageOn(device, options) });
    const handle = await pool.acquire();
    expect(handle.texture.usage).toBe(usage);
    handle.release();
    pool.close();
  });

  test('is destroyed when it is given up, and not before', async () => {
    const device = await newDevice();
    const pool = poolOn(device);
    const handle = await pool.acquire();
    const { texture } = handle;
    const errorOfReading = async (): Promise<string | undefined> => {
      device.pushErrorScope('validation');
      await texelsOf(device, texture);
      return (await device.popErrorScope())?.message;
    };
    handle.release();
    expect([pool.idleCount, await errorOfReading()]).toEqual([1, undefined]);
    pool.trim();
    expect([pool.idleCount, pool.bytes]).toEqual([0, 0]);
    expect(await errorOfReading()).toContain('Destroyed texture');
    pool.close();
  });

  test('stays lent until the work that reads it is done', async () => {
    const device = await newDevice();
    const pool = poolOn(device);
    const handle = await pool.capture(quadrantFrame('RGBA', 64, 48));
    handle.releaseAfter(device.queue.onSubmittedWorkDone());
    expect([handle.released, pool.lentCount]).toEqual([true, 1]);
    await expect.poll(() => pool.lentCount).toBe(0);
    expect(pool.idleCount).toBe(1);
    pool.close();
  });

  test('gives no frames: the caller is told what does', async () => {
    const pool = poolOn(await newDevice());
    const handle = await pool.acquire();
    expect(() => handle.toVideoFrame()).toThrow(expect.objectContaining({ name: 'NotSupportedError' }));
    handle.release();
    pool.close();
  });

  test('of another size: a stream that changes its size is refused, or makes new ones [C8] [edge 6]', async () => {
    const pool = poolOn(await newDevice());
    const old = await pool.capture(quadrantFrame('RGBA', 64, 48));
    const refused = pool.capture(quadrantFrame('RGBA', 32, 24), { sizeChange: 'refuse' });
    await expect(refused).rejects.toThrow(RangeError);
    const next = await pool.capture(quadrantFrame('RGBA', 32, 24), { sizeChange: 'reconfigure' });
    expect([old.texture.width, next.texture.width, pool.stats().generation]).toEqual([64, 32, 1]);
    old.release();
    next.release();
    expect([pool.stats().discarded, pool.idleCount, pool.bytes]).toEqual([1, 1, BYTES / 4]);
    pool.close();
  });
});

describe('[A: SetDirectXManager] a device that is lost', () => {
  test('takes every texture along, fails who waits, and another one goes on [C8] [C13]', async () => {
    const device = await newDevice();
    const pool = poolOn(device, { capacity: 3, initial: 3 });
    const heard = listen(pool);
    const held = [await pool.acquire(), await pool.acquire()];
    expect([pool.lentCount, pool.idleCount, pool.bytes]).toEqual([2, 1, 3 * BYTES]);
    device.destroy();
    await device.lost;
    await Promise.resolve();
    expect([pool.lentCount, pool.idleCount, pool.bytes]).toEqual([2, 0, 2 * BYTES]);
    const lost = {
      name: 'InvalidStateError',
      message: expect.stringContaining('the GPU device is lost (destroyed'),
    };
    await expect(pool.acquire()).rejects.toMatchObject(lost);
    await expect(pool.capture(quadrantFrame('RGBA', 64, 48))).rejects.toMatchObject(lost);
    expect(() => pool.tryAcquire()).toThrow(expect.objectContaining(lost));
    held[0]?.release();
    expect([pool.lentCount, pool.idleCount, pool.bytes]).toEqual([1, 0, BYTES]);
    const other = await newDevice();
    expect(pool.configure({ storage: storageOn(other) })).toMatchObject({ generation: 1 });
    const next = await pool.capture(quadrantFrame('RGBA', 64, 48));
    held[1]?.release();
    next.release();
    await Promise.resolve();
    expect(heard).toEqual(['released, discarded', 'released, discarded', 'released']);
    // As many as free slots, as it was told from the start, were made on the other device.
    expect([pool.lentCount, pool.idleCount, pool.bytes]).toEqual([0, 2, 2 * BYTES]);
    pool.close();
  });

  test('wakes who waits for a texture that is out', async () => {
    const device = await newDevice();
    const pool = poolOn(device, { capacity: 1 });
    const held = await pool.acquire();
    const waiting = [pool.acquire(), pool.capture(quadrantFrame('RGBA', 64, 48))];
    expect(pool.waitingCount).toBe(2);
    device.destroy();
    for (const wait of waiting) await expect(wait).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect([pool.waitingCount, pool.lentCount]).toEqual([0, 1]);
    held.release();
    pool.close();
  });

  test('makes no textures for a pool that comes later', async () => {
    const device = await newDevice();
    const storage = storageOn(device);
    device.destroy();
    await device.lost;
    expect(() => new VideoFramePool({ capacity: 1, initial: 1, storage })).toThrow(
      expect.objectContaining({ name: 'InvalidStateError' }),
    );
  });

  test('does not touch a pool that has another one meanwhile', async () => {
    const [first, second] = [await newDevice(), await newDevice()];
    const pool = poolOn(first);
    pool.configure({ storage: storageOn(second), initial: 1 });
    first.destroy();
    await first.lost;
    await Promise.resolve();
    expect(pool.idleCount).toBe(1);
    (await pool.acquire()).release();
    pool.close();
  });
});

describe('textureStorage() refuses', () => {
  test.each<[string, object, string, string]>([
    ['no device', { device: undefined }, 'TypeError', 'device must be a GPUDevice'],
    ['a device that is none', { device: {} }, 'TypeError', 'device must be a GPUDevice'],
    ['width 0', { width: 0 }, 'RangeError', 'width must be a whole number from 1 to 8192, got 0'],
    [
      'a height beyond the device',
      { height: 8193 },
      'RangeError',
      'height must be a whole number from 1 to 8192, got 8193',
    ],
    ['a width that is not whole', { width: 1.5 }, 'RangeError', 'width must be'],
    ['an unknown format', { format: 'bc1-rgba-unorm' }, 'TypeError', 'format must be one of rgba8unorm, '],
    ['a usage below 0', { usage: -1 }, 'RangeError', 'usage must be'],
  ])('%s', async (_, wrong, name, message) => {
    const options = {
      device: await newDevice(),
      width: 64,
      height: 48,
      ...wrong,
    } as TextureStorageOptions<GPUDevice>;
    let thrown: unknown = null;
    try {
      textureStorage(options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name, message: expect.stringContaining(message) });
  });

  test('no options at all', () => {
    expect(() => textureStorage(undefined as never)).toThrow(TypeError);
  });
});
