/** What a holder left in a buffer is seen by no other one: by request in memory and textures, always on canvases. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle, MemoryStorage, MemoryStorageOptions } from '../../src/index.ts';
import { canvasStorage, connectPool, memoryStorage, receiveFrames, VideoFramePool } from '../../src/index.ts';
import { textureStorage } from '../../src/webgpu/index.ts';
import { allowCollection, collect } from '../support/accounting.ts';
import { colourFrame, pixelAt } from '../support/frames.ts';
import { gpuDevice } from '../support/gpu.ts';

const WIDTH = 16;
const HEIGHT = 8;

/** Four bytes before the picture, and eight behind each row. */
const STRIDE = WIDTH * 4 + 8;
const LAYOUT = [{ offset: 4, stride: STRIDE }];

const storageOf = (options: Partial<MemoryStorageOptions>): MemoryStorage =>
  memoryStorage({
    format: 'RGBA',
    codedWidth: WIDTH,
    codedHeight: HEIGHT,
    layout: LAYOUT,
    clear: true,
    ...options,
  });

const poolOf = (options: Partial<MemoryStorageOptions>): VideoFramePool<MemoryStorage> =>
  new VideoFramePool({ capacity: 1, storage: storageOf(options) });

/** The bytes that are not 0. */
const left = ({ data }: FrameHandle<MemoryStorage>): number => data.filter((byte) => byte !== 0).length;

describe.each([false, true])('memory with `clear`, shared: %s,', (shared) => {
  test('that somebody filled is all zeros for the next holder, padding included', async () => {
    const pool = poolOf({ shared });
    const first = await pool.acquire();
    first.data.fill(7);
    first.release();
    const second = await pool.acquire();
    expect([pool.stats().reused, second.data.length, left(second)]).toEqual([1, 4 + STRIDE * HEIGHT, 0]);
    second.release();
    pool.close();
  });

  test('shows what is captured into it, and nothing in its gaps and beside the picture', async () => {
    const pool = poolOf({ shared });
    const first = await pool.acquire();
    first.data.fill(7);
    first.release();
    const whole = await pool.capture(colourFrame([9, 9, 9], { width: WIDTH, height: HEIGHT }));
    // Three colours and the alpha of each pixel.
    expect([pool.stats().reused, left(whole)]).toEqual([1, WIDTH * HEIGHT * 4]);
    expect([...whole.data.subarray(0, 5)]).toEqual([0, 0, 0, 0, 9]);
    expect([...whole.data.subarray(4 + WIDTH * 4, 4 + STRIDE)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    whole.data.fill(7);
    whole.release();
    // Half as wide as it is high, so that it is shown between two empty stripes.
    const narrow = await pool.capture(colourFrame([9, 9, 9], { width: 16, height: 32 }));
    expect([pool.stats().reused, left(narrow)]).toEqual([2, 4 * HEIGHT * 4]);
    narrow.release();
    pool.close();
  });

  test('in planes is wiped in the gaps behind rows of an odd size too', async () => {
    const pool = new VideoFramePool({
      capacity: 1,
      storage: memoryStorage({
        format: 'I420',
        codedWidth: 5,
        codedHeight: 3,
        rowAlignment: 16,
        clear: true,
        shared,
      }),
    });
    const first = await pool.acquire();
    first.data.fill(7);
    first.release();
    const planes = new Uint8Array(5 * 3 + 3 * 2 * 2).fill(9);
    const frame = new VideoFrame(planes, { format: 'I420', codedWidth: 5, codedHeight: 3, timestamp: 0 });
    const second = await pool.capture(frame);
    expect([pool.stats().reused, left(second)]).toEqual([1, planes.length]);
    second.release();
    pool.close();
  });

  test('that a new configuration discards is given up, and the next holder gets other memory', async () => {
    const pool = poolOf({ shared });
    const first = await pool.acquire();
    const { data } = first;
    data.fill(7);
    pool.configure({ storage: storageOf({ shared }) });
    first.release();
    // Empty or wiped: of memory that was taken away no method works.
    expect(Array.from({ length: data.length }, (_, at) => data[at]).filter((byte) => byte !== 0)).toEqual([]);
    const second = await pool.acquire();
    expect([pool.stats().discarded, left(second)]).toEqual([1, 0]);
    second.release();
    pool.close();
  });

  test('that the net brought back is lent to nobody: the next holder gets other memory', async () => {
    allowCollection();
    const pool = poolOf({ shared });
    pool.setListener(() => {});
    const seen: { kept: Uint8Array | null } = { kept: null };
    const forget = async (): Promise<void> => {
      const handle = await pool.acquire();
      seen.kept = handle.data.fill(7);
    };
    await forget();
    await expect.poll(async () => (await collect(), pool.lentCount), { timeout: 20_000 }).toBe(0);
    const next = await pool.acquire();
    expect([pool.stats().recovered, pool.stats().reused, left(next)]).toEqual([1, 0, 0]);
    // Who kept the view reads it still, and reaches nobody by it.
    expect(seen.kept?.[0]).toBe(7);
    seen.kept?.fill(8);
    expect(left(next)).toBe(0);
    next.release();
    pool.close();
  });

  test('that a holder in another thread filled is all zeros at home', async () => {
    const pool = poolOf({ shared });
    const { port1, port2 } = new MessageChannel();
    const link = connectPool(pool, port1);
    const iteration = receiveFrames<MemoryStorage>(port2);
    const asked = iteration.next();
    await link.send(await pool.acquire());
    const { value } = await asked;
    value?.handle.data.fill(7);
    value?.handle.release();
    const next = await pool.acquire();
    expect([pool.stats().reused, left(next)]).toEqual([1, 0]);
    next.release();
    link.close();
    await iteration.return?.();
    await link.closed;
    pool.close();
  });

  test('that was taken away is given up without a word', async () => {
    const pool = poolOf({ shared });
    const first = await pool.acquire();
    if (!shared) structuredClone(first.data.buffer, { transfer: [first.data.buffer as ArrayBuffer] });
    first.release();
    const second = await pool.acquire();
    expect([pool.stats().discarded, left(second)]).toEqual([shared ? 0 : 1, 0]);
    second.release();
    pool.close();
  });

  test('is not wiped for who shares it, and is for who comes after them', async () => {
    const pool = poolOf({ shared });
    const first = await pool.acquire();
    first.data.fill(7);
    const second = first.retain();
    first.release();
    expect(left(second)).toBe(second.data.length);
    second.release();
    const third = await pool.acquire();
    expect(left(third)).toBe(0);
    third.release();
    pool.close();
  });
});

describe('shared memory with `clear`', () => {
  test('is empty for who kept a view as soon as it is released, and what he writes is wiped before it is lent', async () => {
    const pool = poolOf({ shared: true });
    const first = await pool.acquire();
    const { data } = first;
    data.fill(7);
    first.release();
    expect(data[0]).toBe(0);
    data.fill(8);
    const second = await pool.acquire();
    expect([pool.stats().reused, left(second)]).toEqual([1, 0]);
    second.release();
    pool.close();
  });

  test('is empty for who kept a view also when its pool is closed before it comes back', async () => {
    const pool = poolOf({ shared: true });
    const first = await pool.acquire();
    const { data } = first;
    data.fill(7);
    pool.close();
    expect(data[0]).toBe(7);
    first.release();
    expect(data[0]).toBe(0);
  });
});

describe('every storage says by one name', () => {
  test('whether its buffers are wiped', async () => {
    const device = await gpuDevice();
    const size = { width: 4, height: 4 };
    const clears = [
      canvasStorage(size).clear,
      storageOf({}).clear,
      storageOf({ clear: false }).clear,
      textureStorage({ device, ...size, clear: true }).clear,
      textureStorage({ device, ...size }).clear,
    ];
    expect(clears).toEqual([true, true, false, true, false]);
    device.destroy();
  });

  test('and a canvas is wiped where only a part of it is drawn on', async () => {
    const pool = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 16, height: 8 }) });
    (await pool.capture(colourFrame([200, 0, 0], { width: 16, height: 8 }))).release();
    const narrow = await pool.capture(colourFrame([0, 0, 200], { width: 16, height: 32 }));
    expect([pool.stats().reused, pixelAt(narrow.context, 0, 4), pixelAt(narrow.context, 8, 4)]).toEqual([
      1,
      [0, 0, 0, 0],
      [0, 0, 200, 255],
    ]);
    narrow.release();
    pool.close();
  });
});
