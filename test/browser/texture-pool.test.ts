/** Tests of the lifetime of a pool's textures, and of the device that they belong to. */
import { describe, expect, test } from 'vitest';
import { VideoFramePool } from '../../src/index.ts';
import type { TextureStorageOptions } from '../../src/webgpu/index.ts';
import { textureStorage } from '../../src/webgpu/index.ts';
import { countsOf, listen } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { newDevice, texelsOf, texturePool, texturesOn } from '../support/gpu.ts';
import { quadrantFrame } from '../support/quadrants.ts';

const BYTES = 64 * 48 * 4;

describe('a texture', () => {
  test('is reused, most recently used first, and shows nothing of its last holder [edge 11]', async () => {
    const pool = texturePool(await newDevice());
    const first = await copyAndClose(pool, quadrantFrame('RGBA', 64, 48, { timestamp: 40 }));
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
    const pool = texturePool(device, { storage: texturesOn(device, { clear }) });
    (await copyAndClose(pool, quadrantFrame('RGBA'))).release();
    using next = await pool.acquire();
    const texel = await texelsOf(device, next.texture);
    expect([pool.stats().reused, texel(8, 8)[0]]).toEqual([1, red]);
  });

  // STORAGE_BINDING, by the number of the WebGPU specification.
  test.each([
    [{}, 0x17],
    [{ usage: 0x08 }, 0x1f],
  ])('has the usages that a picture needs, and those requested by %j', async (options, usage) => {
    const device = await newDevice();
    using handle = await texturePool(device, { storage: texturesOn(device, options) }).acquire();
    expect(handle.texture.usage).toBe(usage);
  });

  test('is destroyed when it is freed, and not before', async () => {
    const device = await newDevice();
    const pool = texturePool(device);
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
  });

  test('stays lent until the work that reads it is done', async () => {
    const device = await newDevice();
    const pool = texturePool(device);
    const handle = await copyAndClose(pool, quadrantFrame('RGBA'));
    handle.releaseAfter(device.queue.onSubmittedWorkDone());
    expect([handle.released, pool.lentCount]).toEqual([true, 1]);
    await expect.poll(() => pool.lentCount).toBe(0);
    expect(pool.idleCount).toBe(1);
  });

  test('gives no frames, and the error names the alternative', async () => {
    using handle = await texturePool(await newDevice()).acquire();
    expect(() => handle.toVideoFrame()).toThrow(expect.objectContaining({ name: 'NotSupportedError' }));
  });

  test('of another size: a stream that changes its size is rejected, or gets new ones [C8] [edge 6]', async () => {
    const pool = texturePool(await newDevice());
    const old = await copyAndClose(pool, quadrantFrame('RGBA'));
    const refused = copyAndClose(pool, quadrantFrame('RGBA', 32, 24), { sizeChange: 'reject' });
    await expect(refused).rejects.toThrow(RangeError);
    const next = await copyAndClose(pool, quadrantFrame('RGBA', 32, 24), { sizeChange: 'reconfigure' });
    expect([old.texture.width, next.texture.width, pool.stats().generation]).toEqual([64, 32, 1]);
    old.release();
    next.release();
    expect([pool.stats().discarded, pool.idleCount, pool.bytes]).toEqual([1, 1, BYTES / 4]);
  });
});

describe('[A: SetDirectXManager] a device that is lost [fault: lost device]', () => {
  test('discards every texture and rejects waiters, and another one continues [C8] [C13]', async () => {
    const device = await newDevice();
    const pool = texturePool(device, { capacity: 3, initial: 3 });
    const notices = listen(pool);
    const held = [await pool.acquire(), await pool.acquire()];
    expect(countsOf(pool)).toEqual([1, 2, 1, 0, 3]);
    device.destroy();
    await device.lost;
    await Promise.resolve();
    expect(countsOf(pool)).toEqual([1, 2, 0, 0, 2]);
    const message: unknown = expect.stringContaining('the GPU device is lost (destroyed');
    const lost = { name: 'InvalidStateError', message };
    await expect(pool.acquire()).rejects.toMatchObject(lost);
    await expect(copyAndClose(pool, quadrantFrame('RGBA'))).rejects.toMatchObject(lost);
    expect(() => pool.tryAcquire()).toThrow(expect.objectContaining(lost));
    held[0]?.release();
    expect(countsOf(pool)).toEqual([2, 1, 0, 0, 1]);
    const other = await newDevice();
    expect(pool.configure({ storage: texturesOn(other) })).toMatchObject({ generation: 1 });
    const next = await copyAndClose(pool, quadrantFrame('RGBA'));
    held[1]?.release();
    next.release();
    await Promise.resolve();
    expect(notices).toEqual(['released, discarded', 'released, discarded', 'released']);
    // `initial` also applies to the other device: as many textures were created as slots were free.
    expect(countsOf(pool)).toEqual([3, 0, 2, 0, 2]);
  });

  test('wakes the waiters for a texture that is lent', async () => {
    const device = await newDevice();
    const pool = texturePool(device, { capacity: 1 });
    using held = await pool.acquire();
    const waiting = [pool.acquire(), copyAndClose(pool, quadrantFrame('RGBA'))];
    expect(pool.waitingCount).toBe(2);
    device.destroy();
    for (const wait of waiting) await expect(wait).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect([pool.waitingCount, pool.lentCount, held.released]).toEqual([0, 1, false]);
  });

  test('creates no textures for a later pool', async () => {
    const device = await newDevice();
    const storage = texturesOn(device);
    device.destroy();
    await device.lost;
    const make = (): unknown => new VideoFramePool({ capacity: 1, initial: 1, storage });
    expect(make).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  });

  test('does not affect a pool that has another device by then', async () => {
    const [first, second] = [await newDevice(), await newDevice()];
    const pool = texturePool(first);
    pool.configure({ storage: texturesOn(second), initial: 1 });
    first.destroy();
    await first.lost;
    await Promise.resolve();
    expect(pool.idleCount).toBe(1);
    (await pool.acquire()).release();
  });
});

describe('textureStorage() refuses', () => {
  const RANGE = 'must be a whole number from 1 to 8192';

  test.each<[string, object, string, string]>([
    ['no device', { device: undefined }, 'TypeError', 'device must be a GPUDevice'],
    ['a wrong device', { device: {} }, 'TypeError', 'device must be a GPUDevice'],
    ['width 0', { width: 0 }, 'RangeError', `width ${RANGE}, got 0`],
    ['a height beyond the device', { height: 8193 }, 'RangeError', `height ${RANGE}, got 8193`],
    ['a fractional width', { width: 1.5 }, 'RangeError', 'width must be'],
    ['an unknown format', { format: 'bc1-rgba-unorm' }, 'TypeError', 'format must be one of rgba8unorm, '],
    ['a usage below 0', { usage: -1 }, 'RangeError', 'usage must be'],
  ])('%s', async (_, wrong, name, message) => {
    const options = { device: await newDevice(), width: 64, height: 48, ...wrong };
    expect(() => textureStorage(options as TextureStorageOptions<GPUDevice>)).toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(message) }),
    );
  });

  test('no options at all', () => {
    expect(() => textureStorage(undefined as never)).toThrow(TypeError);
  });
});
