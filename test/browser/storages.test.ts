/**
 * Tests that hold for the buffers of every storage: real canvases, real memory, and textures of the software adapter.
 */
import { describe, expect, test } from 'vitest';
import type { BufferStorage, FrameHandle, PoolOptions, VideoFramePool } from '../../src/index.ts';
import { canvasStorage, FrameBudget, memoryStorage } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { textureStorage } from '../../src/webgpu/index.ts';
import { checkedPool, countsOf, expectRecovered, listen } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { gpuDevice } from '../support/gpu.ts';
import { quadrantFrame } from '../support/quadrants.ts';

type Handle = FrameHandle<BufferStorage>;

const BYTES = 64 * 48 * 4;

/** A kind of storage, and how it makes buffers of 8-bit RGBA of a size. */
interface Kit {
  readonly name: string;
  storage(width: number, height: number): BufferStorage;
}

const device = await gpuDevice();

const OPEN_KITS: Kit[] = [
  { name: 'canvases', storage: (width, height) => canvasStorage({ width, height }) },
  {
    name: 'memory',
    storage: (codedWidth, codedHeight) => memoryStorage({ format: 'RGBA', codedWidth, codedHeight }),
  },
];

// The destruction of a texture cannot be observed, and no texture can be read as a frame.
const KITS: Kit[] = [
  ...OPEN_KITS,
  { name: 'textures', storage: (width, height) => textureStorage({ device, width, height }) },
];

/** The members of a handle that depend on its storage, and these tests take each storage in turn. */
interface Members {
  readonly canvas?: OffscreenCanvas;
  readonly texture?: GPUTexture;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly codedWidth: number;
  readonly codedHeight: number;
}
const membersOf = (handle: Handle): Members => handle as unknown as Members;

/** A part of the content that a holder can keep without its handle. */
function bufferOf(handle: Handle): OffscreenCanvas | GPUTexture | Uint8Array {
  const { canvas, texture, data } = membersOf(handle);
  return canvas ?? texture ?? data;
}

function sizeOf(handle: Handle): string {
  const { canvas, texture, codedWidth, codedHeight } = membersOf(handle);
  const { width, height } = canvas ?? texture ?? { width: codedWidth, height: codedHeight };
  return `${width} × ${height}`;
}

/** Damages a lent buffer, which cannot be lent again then. */
function harm(handle: Handle): void {
  const { canvas, data } = membersOf(handle);
  if (canvas === undefined) structuredClone(data.buffer, { transfer: [data.buffer] });
  else canvas.width = 3;
}

const poolOf = (kit: Kit, options: Partial<PoolOptions<BufferStorage>> = {}): VideoFramePool<BufferStorage> =>
  checkedPool<BufferStorage>({ storage: kit.storage(64, 48), ...options });

describe.each(KITS)('buffers of $name', (kit) => {
  test('[edge 6] [C8] change format and back: no old one is lent again, and the cap holds', async () => {
    const pool = poolOf(kit);
    const notices = listen(pool);
    const first = await copyAndClose(pool, quadrantFrame('RGBA'));
    const made = pool.configure({ storage: kit.storage(32, 24) });
    expect(made).toMatchObject({ generation: 1, bufferBytes: BYTES / 4 });
    const second = await pool.acquire();
    expect([sizeOf(first), sizeOf(second)]).toEqual(['64 × 48', '32 × 24']);
    expect([pool.tryAcquire(), countsOf(pool)]).toEqual([null, [0, 2, 0, 0, 1.25]]);
    pool.configure({ storage: kit.storage(64, 48) });
    first.release();
    expect(countsOf(pool)).toEqual([1, 1, 0, 0, 0.25]);
    second.release();
    expect(countsOf(pool)).toEqual([2, 0, 0, 0, 0]);
    const third = await pool.acquire();
    expect([sizeOf(third), pool.stats().reused, pool.stats().generation]).toEqual(['64 × 48', 0, 2]);
    third.release();
    await Promise.resolve();
    expect(notices).toEqual(['released, discarded', 'released, discarded', 'released']);
    expect(countsOf(pool)).toEqual([2, 0, 1, 0, 1]);
  });

  test('[edge 9] wake a waiter when their pool grows, and are freed at release when it shrinks', async () => {
    const pool = poolOf(kit, { capacity: 1 });
    const one = await pool.acquire();
    const waiting = pool.acquire();
    pool.configure({ capacity: 3 });
    const two = await waiting;
    const three = await pool.acquire();
    expect(countsOf(pool)).toEqual([0, 3, 0, 0, 3]);
    three.release();
    pool.configure({ capacity: 4 });
    expect(countsOf(pool)).toEqual([2, 2, 1, 0, 3]);
    pool.configure({ capacity: 1 });
    expect([pool.capacity, countsOf(pool)]).toEqual([2, [0, 2, 0, 0, 2]]);
    one.release();
    expect([pool.capacity, countsOf(pool)]).toEqual([1, [0, 1, 0, 0, 1]]);
    two.release();
    expect([pool.capacity, countsOf(pool)]).toEqual([1, [1, 0, 1, 0, 1]]);
    pool.close();
    expect(countsOf(pool)).toEqual([1, 0, 0, 0, 0]);
  });

  test('[edge 10] that stay unused are freed by the pool', async () => {
    const clock = new ManualClock();
    const pool = poolOf(kit, { clock, idleMs: 1000 });
    const [one, two] = [await pool.acquire(), await pool.acquire()];
    one.release();
    clock.advance(600);
    two.release();
    clock.advance(400);
    expect(countsOf(pool)).toEqual([2, 0, 1, 0, 1]);
    clock.advance(600);
    expect([countsOf(pool), pool.stats().pruned]).toEqual([[2, 0, 0, 0, 0], 2]);
    (await pool.acquire()).release();
    expect(pool.stats().allocated).toBe(3);
  });

  test('are lent most recently used first, and the others age', async () => {
    const clock = new ManualClock();
    const pool = poolOf(kit, { capacity: 3, clock, idleMs: 1000 });
    const handles = [await pool.acquire(), await pool.acquire(), await pool.acquire()];
    for (const handle of handles) handle.release();
    for (let step = 0; step < 5; step++) {
      clock.advance(300);
      (await pool.acquire()).release();
    }
    expect([pool.idleCount, pool.stats().pruned, pool.stats().allocated]).toEqual([1, 2, 3]);
  });

  test('are freed by trim(), decommit() and close(), lent ones at their release', async () => {
    const pool = poolOf(kit, { initial: 2 });
    const notices = listen(pool);
    const handle = await pool.acquire();
    pool.trim();
    expect(countsOf(pool)).toEqual([1, 1, 0, 0, 1]);
    const decommitted = pool.decommit();
    handle.release();
    expect([await decommitted, countsOf(pool)]).toEqual([true, [2, 0, 0, 0, 0]]);
    expect(notices).toEqual(['released, discarded']);
    pool.commit();
    expect(countsOf(pool)).toEqual([2, 0, 2, 0, 2]);
    pool.close();
    expect(countsOf(pool)).toEqual([2, 0, 0, 0, 0]);
  });

  test('[C6] that leaked are recovered and discarded, because a view may still be in use', async () => {
    const pool = poolOf(kit, { capacity: 1 });
    const notices = listen(pool);
    const seen = (() => bufferOf(pool.tryAcquire() as Handle))();
    await expectRecovered(pool);
    expect([notices, countsOf(pool)]).toEqual([['recovered, discarded'], [1, 0, 0, 0, 0]]);
    using next = await pool.acquire();
    expect(bufferOf(next)).not.toBe(seen);
    expect('width' in seen ? seen.width : seen.length).toBe('width' in seen ? 64 : BYTES);
  });

  test.each([0, 16_385, 1.5, -1, NaN])('of size %d are refused before anything is created', (size) => {
    expect(() => kit.storage(size, 48)).toThrow(RangeError);
    expect(() => kit.storage(64, size)).toThrow(RangeError);
  });
});

describe.each(OPEN_KITS)('buffers of $name', (kit) => {
  test('[C8] of an older generation stay readable, at their own size', async () => {
    const pool = poolOf(kit);
    using handle = await copyAndClose(pool, quadrantFrame('RGBA', 64, 48, { timestamp: 40 }));
    pool.configure({ storage: kit.storage(32, 24) });
    const frame = handle.toVideoFrame();
    expect([sizeOf(handle), frame.codedWidth, frame.timestamp]).toEqual(['64 × 48', 64, 40]);
    frame.close();
  });

  test('[edge 7] [C13] that are damaged are counted, and the next waiter gets a new one', async () => {
    const budget = new FrameBudget({ maxBytes: BYTES });
    const pool = poolOf(kit, { capacity: 1, budget });
    const notices = listen(pool);
    const handle = await pool.acquire();
    const waiting = pool.acquire();
    harm(handle);
    handle.release();
    const next = await waiting;
    expect([sizeOf(next), countsOf(pool), budget.bytes]).toEqual(['64 × 48', [0, 1, 0, 0, 1], BYTES]);
    next.release();
    await Promise.resolve();
    expect(notices).toEqual(['released, discarded', 'released']);
    expect(pool.stats()).toMatchObject({ discarded: 1, allocated: 2, idleCount: 1 });
    pool.close();
    expect(budget.bytes).toBe(0);
  });

  test('[edge 11] show nothing of the last holder in time, metadata and visible rectangle', async () => {
    const pool = poolOf(kit, { capacity: 1 });
    const init = {
      timestamp: 5000,
      duration: 40,
      rotation: 180,
      visibleRect: { x: 0, y: 0, width: 64, height: 48 },
      displayWidth: 96,
      displayHeight: 48,
    };
    const last = await copyAndClose(pool, quadrantFrame('RGBA', 64, 48, init));
    expect([last.timestamp, last.duration]).toEqual([5000, 40]);
    last.release();
    using next = await pool.acquire();
    expect([next.timestamp, next.duration, pool.stats().reused]).toEqual([0, null, 1]);
    const frame = next.toVideoFrame();
    const size = { displayWidth: 64, displayHeight: 48, visibleRect: { x: 0, width: 64 } };
    expect(frame).toMatchObject({ timestamp: 0, duration: null, ...size });
    expect((frame as { rotation?: number }).rotation ?? 0).toBe(0);
    frame.close();
  });
});

test('[edge 6] shared memory: as the others, but it cannot be detached from a holder', async () => {
  const storage = memoryStorage({ format: 'RGBA', codedWidth: 64, codedHeight: 48, shared: true });
  const pool = checkedPool({ capacity: 1, storage });
  const handle = await copyAndClose(pool, quadrantFrame('RGBA'));
  const { data } = handle;
  expect(Object.prototype.toString.call(data.buffer)).toBe('[object SharedArrayBuffer]');
  handle.release();
  expect([data.length, data[0]]).toEqual([BYTES, 200]);
  using next = await pool.acquire();
  expect([next.data.buffer === data.buffer, pool.stats().reused]).toEqual([true, 1]);
});
