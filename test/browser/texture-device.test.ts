/**
 * Tests of devices that differ from the software adapter: full ones, lost ones, and some that copy from frames
 * directly.
 */
import { describe, expect, test } from 'vitest';
import type { CopyRequest } from '../../src/index.ts';
import { canvasPool, countsOf, listen } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { altered, losable, newDevice, texelsOf, texturePool } from '../support/gpu.ts';
import { quadrantFrame, quartersOf } from '../support/quadrants.ts';

const LOST = { name: 'InvalidStateError', message: expect.stringContaining('the GPU device is lost') };

describe('a GPU without memory [fault: no memory]', () => {
  /** The device with full memory. It is a fake, because a real full device ends the GPU process. */
  const full = (device: GPUDevice): GPUDevice =>
    altered(device, {
      async popErrorScope() {
        await device.popErrorScope();
        return { message: 'full' };
      },
    });

  test('rejects the acquire with QuotaExceededError, and leaves the pool as it was', async () => {
    const pool = texturePool(full(await newDevice()));
    const message: unknown = expect.stringContaining('64 × 48 pixels of rgba8unorm: full');
    const error = { name: 'QuotaExceededError', message };
    await expect(pool.acquire()).rejects.toMatchObject(error);
    expect(countsOf(pool)).toEqual([2, 0, 0, 0, 0]);
    await expect(copyAndClose(pool, quadrantFrame('RGBA'))).rejects.toMatchObject(error);
    expect(countsOf(pool)).toEqual([2, 0, 0, 0, 0]);
  });

  test('discards a texture that was lent before its allocation failed', async () => {
    const pool = texturePool(full(await newDevice()));
    const notices = listen(pool);
    const handle = pool.tryAcquire();
    expect(pool.lentCount).toBe(1);
    await expect(pool.acquire()).rejects.toMatchObject({ name: 'QuotaExceededError' });
    expect(countsOf(pool)).toEqual([1, 1, 0, 0, 1]);
    handle?.release();
    await Promise.resolve();
    expect(notices).toEqual(['released, discarded', 'released, discarded']);
    expect(countsOf(pool)).toEqual([2, 0, 0, 0, 0]);
  });
});

describe('[A: SetDirectXManager] a device that is lost during an allocation [fault: lost device]', () => {
  test('rejects the acquire, though its error scopes end without an error [C13]', async () => {
    const device = await newDevice();
    const pool = texturePool(device);
    device.destroy();
    const asked = [pool.acquire(), copyAndClose(pool, quadrantFrame('RGBA'))];
    expect(countsOf(pool)).toEqual([0, 2, 0, 0, 2]);
    for (const wait of asked) await expect(wait).rejects.toMatchObject(LOST);
    expect(countsOf(pool)).toEqual([2, 0, 0, 0, 0]);
  });

  test('whose error scopes reject is reported by its loss', async () => {
    const real = await newDevice();
    const popErrorScope = async (): Promise<never> => {
      real.destroy();
      throw new DOMException('no scope', 'OperationError');
    };
    const pool = texturePool(altered(real, { popErrorScope }));
    await expect(pool.acquire()).rejects.toMatchObject(LOST);
    expect(countsOf(pool)).toEqual([2, 0, 0, 0, 0]);
  });
});

describe('[A: SetDirectXManager] a device lost between lending and copying [fault: lost device]', () => {
  test.each(['frame', 'canvas'])('takes no %s, and the pool is whole', async (kind) => {
    const { device, lose } = losable(await newDevice());
    const pool = texturePool(device);
    using canvas = await canvasPool().acquire();
    (await pool.acquire()).release();
    expect(countsOf(pool)).toEqual([2, 0, 1, 0, 1]);
    lose();
    const copy = kind === 'frame' ? copyAndClose(pool, quadrantFrame('RGBA')) : canvas.copyTo(pool);
    expect(countsOf(pool)).toEqual([1, 1, 0, 0, 1]);
    await expect(copy).rejects.toMatchObject(LOST);
    expect([countsOf(pool), canvas.released]).toEqual([[2, 0, 0, 0, 0], false]);
  });
});

test('a device that throws keeps no error scope of the library', async () => {
  const real = await newDevice();
  const thrown = new TypeError('no such texture');
  const createTexture = (): never => {
    throw thrown;
  };
  const pool = texturePool(altered(real, { createTexture }));
  await expect(pool.acquire()).rejects.toBe(thrown);
  expect(countsOf(pool)).toEqual([2, 0, 0, 0, 0]);
  await expect(real.popErrorScope()).rejects.toMatchObject({ name: 'OperationError' });
});

test.each([
  ['width', 65, 48],
  ['height', 64, 65],
])(
  'a picture whose %s exceeds the device’s limit creates no textures [edge 6]',
  async (side, width, height) => {
    const pool = texturePool(altered(await newDevice(), { limits: { maxTextureDimension2D: 64 } }));
    const refused = copyAndClose(pool, quadrantFrame('RGBA', width, height), { sizeChange: 'reconfigure' });
    const text = `the ${side} of the picture must be a whole number from 1 to 64, got 65`;
    await expect(refused).rejects.toThrow(new RangeError(text));
    expect([pool.stats().generation, countsOf(pool)]).toEqual([0, [2, 0, 0, 0, 0]]);
  },
);

describe('the copy of a picture', () => {
  type Source = VideoFrame | OffscreenCanvas;

  const LEFT_HALF = { crop: { x: 0, y: 0, width: 32, height: 48 }, fit: 'fill' } as const;

  /** The device, with a list of its copies. `copy` is called first: it throws, or returns whether it has copied. */
  function watched(
    device: GPUDevice,
    copy: (source: Source, to: GPUTexture) => boolean,
  ): { device: GPUDevice; sources: string[] } {
    const sources: string[] = [];
    const { queue } = device;
    const copyExternalImageToTexture = (
      from: { source: Source },
      to: { texture: GPUTexture },
      size: readonly [number, number],
    ): void => {
      sources.push(from.source instanceof VideoFrame ? 'frame' : 'canvas');
      if (!copy(from.source, to.texture)) queue.copyExternalImageToTexture(from, to, [...size]);
    };
    return { device: altered(device, { queue: altered(queue, { copyExternalImageToTexture }) }), sources };
  }

  async function captureTimes(times: number, device: GPUDevice): Promise<void> {
    const pool = texturePool(device);
    for (; times > 0; times--) (await copyAndClose(pool, quadrantFrame('I420'))).release();
  }

  test('is tried from the frame itself three times, if the engine refuses all frames', async () => {
    const { device, sources } = watched(await newDevice(), (source) => {
      if (source instanceof VideoFrame) throw new DOMException('not from frames', 'OperationError');
      return false;
    });
    await captureTimes(4, device);
    const tried = ['frame', 'canvas'];
    expect(sources).toEqual([...tried, ...tried, ...tried, 'canvas']);
  });

  test('uses the canvas for one rejected frame, and frames again afterwards', async () => {
    let refused = 0;
    const { device, sources } = watched(await newDevice(), (source) => {
      if (source instanceof VideoFrame && refused++ % 2 === 0)
        throw new DOMException('not this one', 'OperationError');
      return source instanceof VideoFrame;
    });
    await captureTimes(8, device);
    const pair = ['frame', 'canvas', 'frame'];
    expect(sources).toEqual([...pair, ...pair, ...pair, ...pair]);
  });

  test.each<[string, string[], Parameters<typeof quadrantFrame>, CopyRequest, number[]]>([
    ['of the size', ['frame'], ['I420', 64, 48], {}, [0, 1, 2, 3]],
    ['of another width', ['canvas'], ['I420', 128, 48], { fit: 'fill' }, [0, 1, 2, 3]],
    ['of another height', ['canvas'], ['I420', 64, 96], { fit: 'fill' }, [0, 1, 2, 3]],
    ['rotated by the copy', ['canvas'], ['I420', 64, 48], { rotation: 180 }, [3, 2, 1, 0]],
    ['mirrored by the copy', ['canvas'], ['I420', 64, 48], { flip: true }, [1, 0, 3, 2]],
    ['turned', ['canvas'], ['I420', 64, 48, { rotation: 180 }], {}, [3, 2, 1, 0]],
    ['mirrored', ['canvas'], ['I420', 64, 48, { flip: true }], {}, [1, 0, 3, 2]],
    ['cropped', ['canvas'], ['I420', 64, 48], LEFT_HALF, [0, 0, 2, 2]],
  ])('if the engine takes frames: one %s is copied from a %s', async (_, from, frame, options, seen) => {
    const real = await newDevice();
    const scratch = new OffscreenCanvas(64, 48).getContext('2d');
    // Copies a frame as hardware does: its stored samples one to one, neither rotated nor scaled.
    const { device, sources } = watched(real, (source, texture) => {
      if (!(source instanceof VideoFrame) || scratch === null) return false;
      scratch.drawImage(source, 0, 0);
      real.queue.copyExternalImageToTexture({ source: scratch.canvas }, { texture }, [64, 48]);
      return true;
    });
    const pool = texturePool(device);
    const handle = await copyAndClose(pool, quadrantFrame(...frame), options);
    const texel = await texelsOf(real, handle.texture);
    expect(sources).toEqual(from);
    expect(quartersOf(64, 48, texel)).toEqual(seen);
    handle.release();
    expect(countsOf(pool)).toEqual([2, 0, 1, 0, 1]);
  });

  test('passes on an InvalidStateError, and still tries frames directly', async () => {
    let failing = true;
    const wrong = new DOMException('not now', 'InvalidStateError');
    const { device, sources } = watched(await newDevice(), () => {
      if (failing) throw wrong;
      return true;
    });
    const pool = texturePool(device);
    await expect(copyAndClose(pool, quadrantFrame('I420'))).rejects.toBe(wrong);
    expect([pool.freeCount, pool.lentCount]).toEqual([2, 0]);
    failing = false;
    (await copyAndClose(pool, quadrantFrame('I420'))).release();
    expect(sources).toEqual(['frame', 'frame']);
  });
});
