/** Tests that no holder sees the content of another one: by option for memory and textures, always for canvases. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle, MemoryStorage, MemoryStorageOptions, VideoFramePool } from '../../src/index.ts';
import { canvasStorage, connectPool, memoryStorage, receiveFrames } from '../../src/index.ts';
import { allowCollection } from '../support/accounting.ts';
import { canvasPool, checkedPool, expectRecovered } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { colourFrame, pixelAt } from '../support/frames.ts';
import { newDevice, texturesOn } from '../support/gpu.ts';

const WIDTH = 16;
const HEIGHT = 8;
const PICTURE = { format: 'RGBA', codedWidth: WIDTH, codedHeight: HEIGHT } as const;

/** Four bytes before the picture, and eight after each row. */
const STRIDE = WIDTH * 4 + 8;
const LAYOUT = [{ offset: 4, stride: STRIDE }];

const storageOf = (options: Partial<MemoryStorageOptions>): MemoryStorage =>
  memoryStorage({ ...PICTURE, layout: LAYOUT, clear: true, ...options });

const poolOf = (options: Partial<MemoryStorageOptions>): VideoFramePool<MemoryStorage> =>
  checkedPool({ capacity: 1, storage: storageOf(options) });

/** A buffer of the pool that its holder has filled. */
async function filled(pool: VideoFramePool<MemoryStorage>): Promise<FrameHandle<MemoryStorage>> {
  const handle = await pool.acquire();
  handle.data.fill(7);
  return handle;
}

/** The next loan is of the buffer that was used before, and of zeros alone. */
async function expectWiped(pool: VideoFramePool<MemoryStorage>): Promise<void> {
  using next = await pool.acquire();
  expect([pool.stats().reused, left(next)]).toEqual([1, 0]);
}

/** The bytes that are not 0. */
const left = ({ data }: FrameHandle<MemoryStorage>): number => data.filter((byte) => byte !== 0).length;

describe.each([false, true])('memory with `clear`, shared: %s,', (shared) => {
  test('filled by a holder is all zeros for the next holder, padding included', async () => {
    const pool = poolOf({ shared });
    (await filled(pool)).release();
    using second = await pool.acquire();
    expect([pool.stats().reused, second.data.length, left(second)]).toEqual([1, 4 + STRIDE * HEIGHT, 0]);
  });

  test('shows its copied picture, and nothing in its gaps and beside the picture', async () => {
    const pool = poolOf({ shared });
    (await filled(pool)).release();
    const whole = await copyAndClose(pool, colourFrame([9, 9, 9], { width: WIDTH, height: HEIGHT }));
    // Three colours and the alpha of each pixel.
    expect([pool.stats().reused, left(whole)]).toEqual([1, WIDTH * HEIGHT * 4]);
    expect([...whole.data.subarray(0, 5)]).toEqual([0, 0, 0, 0, 9]);
    expect([...whole.data.subarray(4 + WIDTH * 4, 4 + STRIDE)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    whole.data.fill(7);
    whole.release();
    // Half as wide as it is high, so that it is shown between two empty stripes.
    using narrow = await copyAndClose(pool, colourFrame([9, 9, 9], { width: 16, height: 32 }));
    expect([pool.stats().reused, left(narrow)]).toEqual([2, 4 * HEIGHT * 4]);
  });

  test('in planes is wiped in the gaps after rows of odd size too', async () => {
    const picture = { format: 'I420', codedWidth: 5, codedHeight: 3 } as const;
    const storage = memoryStorage({ ...picture, rowAlignment: 16, clear: true, shared });
    const pool = checkedPool({ capacity: 1, storage });
    (await filled(pool)).release();
    const planes = new Uint8Array(5 * 3 + 3 * 2 * 2).fill(9);
    using second = await copyAndClose(pool, new VideoFrame(planes, { ...picture, timestamp: 0 }));
    expect([pool.stats().reused, left(second)]).toEqual([1, planes.length]);
  });

  test('discarded by a new configuration is freed, and the next holder gets other memory', async () => {
    const pool = poolOf({ shared });
    const first = await filled(pool);
    const { data } = first;
    pool.configure({ storage: storageOf({ shared }) });
    first.release();
    // Empty or wiped: no method of a detached array works.
    expect(Array.from({ length: data.length }, (_, at) => data[at]).filter((byte) => byte !== 0)).toEqual([]);
    using second = await pool.acquire();
    expect([pool.stats().discarded, left(second)]).toEqual([1, 0]);
  });

  test('recovered as a leak is never lent again: the next holder gets other memory', async () => {
    allowCollection();
    const pool = poolOf({ shared });
    const kept = await filled(pool).then(({ data }) => data);
    await expectRecovered(pool);
    using next = await pool.acquire();
    expect([pool.stats().recovered, pool.stats().reused, left(next)]).toEqual([1, 0, 0]);
    // The kept view is still readable, and does not reach the next holder.
    expect(kept[0]).toBe(7);
    kept.fill(8);
    expect(left(next)).toBe(0);
  });

  test('filled by a holder in another thread is all zeros when it returns', async () => {
    const pool = poolOf({ shared });
    const { port1, port2 } = new MessageChannel();
    const link = connectPool(pool, port1);
    const iteration = receiveFrames<MemoryStorage>(port2);
    const asked = iteration.next();
    await link.send(await pool.acquire());
    const { value } = await asked;
    value?.handle.data.fill(7);
    value?.handle.release();
    await expectWiped(pool);
    link.close();
    await iteration.return?.();
    await link.closed;
  });

  test('that was transferred is freed without an error', async () => {
    const pool = poolOf({ shared });
    const first = await pool.acquire();
    if (!shared) structuredClone(first.data.buffer, { transfer: [first.data.buffer as ArrayBuffer] });
    first.release();
    using second = await pool.acquire();
    expect([pool.stats().discarded, left(second)]).toEqual([shared ? 0 : 1, 0]);
  });

  test('is wiped after the last share is released, and not before', async () => {
    const pool = poolOf({ shared });
    const first = await filled(pool);
    const second = first.retain();
    first.release();
    expect(left(second)).toBe(second.data.length);
    second.release();
    using third = await pool.acquire();
    expect(left(third)).toBe(0);
  });
});

describe('shared memory with `clear`', () => {
  test('is emptied at its release, and later writes through a kept view are wiped', async () => {
    const pool = poolOf({ shared: true });
    const first = await filled(pool);
    const { data } = first;
    first.release();
    expect(data[0]).toBe(0);
    data.fill(8);
    await expectWiped(pool);
  });

  test('is emptied for a kept view even if its pool is closed before the release', async () => {
    const pool = poolOf({ shared: true });
    const first = await filled(pool);
    const { data } = first;
    pool.close();
    expect(data[0]).toBe(7);
    first.release();
    expect(data[0]).toBe(0);
  });
});

describe('every storage has the same property', () => {
  test('whether its buffers are wiped', async () => {
    const device = await newDevice();
    const storages = [
      canvasStorage({ width: 4, height: 4 }),
      storageOf({}),
      storageOf({ clear: false }),
      texturesOn(device, { clear: true }),
      texturesOn(device),
    ];
    expect(storages.map(({ clear }) => clear)).toEqual([true, true, false, true, false]);
  });

  test('and a canvas is cleared if only a part of it is drawn on', async () => {
    const pool = canvasPool(16, 8);
    (await copyAndClose(pool, colourFrame([200, 0, 0], { width: 16, height: 8 }))).release();
    using narrow = await copyAndClose(pool, colourFrame([0, 0, 200], { width: 16, height: 32 }));
    expect(pool.stats().reused).toBe(1);
    expect(pixelAt(narrow.context, 0, 4)).toEqual([0, 0, 0, 0]);
    expect(pixelAt(narrow.context, 8, 4)).toEqual([0, 0, 200, 255]);
  });
});
