/** What holds for the buffers of every storage, with real canvases, real memory and textures of the software adapter. */
import { describe, expect, test } from 'vitest';
import type { BufferStorage, FrameHandle, PoolOptions } from '../../src/index.ts';
import { canvasStorage, FrameBudget, memoryStorage, VideoFramePool } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { textureStorage } from '../../src/webgpu/index.ts';
import { collect } from '../support/accounting.ts';
import { gpuDevice } from '../support/gpu.ts';
import { quadrantFrame } from '../support/quadrants.ts';

type Handle = FrameHandle<BufferStorage>;

/** A kind of storage, as these tests use it. */
interface Kit {
  readonly name: string;
  /** Buffers of 8-bit RGBA of this size. */
  storage(width: number, height: number): BufferStorage;
  sizeOf(handle: Handle): string;
  /** What a holder can keep without his handle. */
  bufferOf(handle: Handle): object;
  /** Whether what he kept still has its pixels. */
  isWhole(buffer: object): boolean;
}

/** A storage whose buffers can be looked at, and spoilt. */
interface OpenKit extends Kit {
  /** Does to a lent buffer what no holder should; it cannot be lent again then. */
  harm(handle: Handle): void;
}

// What a handle shows depends on its storage, and these tests take each storage in turn.
const canvasOf = (handle: Handle): OffscreenCanvas =>
  (handle as unknown as { canvas: OffscreenCanvas }).canvas;
const memoryOf = (
  handle: Handle,
): { data: Uint8Array<ArrayBuffer>; codedWidth: number; codedHeight: number } =>
  handle as unknown as ReturnType<typeof memoryOf>;

const memoryKit = (name: string, shared: boolean): Kit => ({
  name,
  storage: (codedWidth, codedHeight) => memoryStorage({ format: 'RGBA', codedWidth, codedHeight, shared }),
  sizeOf: (handle) => `${memoryOf(handle).codedWidth} × ${memoryOf(handle).codedHeight}`,
  bufferOf: (handle) => memoryOf(handle).data,
  isWhole: (data) => (data as Uint8Array).length === BYTES,
});

const OPEN_KITS: OpenKit[] = [
  {
    name: 'canvases',
    storage: (width, height) => canvasStorage({ width, height }),
    sizeOf: (handle) => `${canvasOf(handle).width} × ${canvasOf(handle).height}`,
    bufferOf: canvasOf,
    isWhole: (canvas) => (canvas as OffscreenCanvas).width === 64,
    harm: (handle) => void (canvasOf(handle).width = 3),
  },
  {
    ...memoryKit('memory', false),
    harm(handle) {
      const { buffer } = memoryOf(handle).data;
      structuredClone(buffer, { transfer: [buffer] });
    },
  },
];

const device = await gpuDevice();

const textureOf = (handle: Handle): GPUTexture => (handle as unknown as { texture: GPUTexture }).texture;

// Nobody can see that a texture was destroyed, and none can be read as a frame.
const KITS: Kit[] = [
  ...OPEN_KITS,
  {
    name: 'textures',
    storage: (width, height) => textureStorage({ device, width, height }),
    sizeOf: (handle) => `${textureOf(handle).width} × ${textureOf(handle).height}`,
    bufferOf: textureOf,
    isWhole: (texture) => (texture as GPUTexture).width === 64,
  },
];

const BYTES = 64 * 48 * 4;

const poolOf = (
  kit: Pick<Kit, 'storage'>,
  options: Partial<PoolOptions<BufferStorage>> = {},
): VideoFramePool<BufferStorage> =>
  new VideoFramePool<BufferStorage>({ capacity: 2, storage: kit.storage(64, 48), ...options });

/** Every notice, in one line each. */
function listen(pool: VideoFramePool<BufferStorage>): string[] {
  const heard: string[] = [];
  pool.setListener(({ reason, discarded }) => heard.push(discarded ? `${reason}, discarded` : reason));
  return heard;
}

const counts = ({
  freeCount,
  lentCount,
  idleCount,
  waitingCount,
  bytes,
}: VideoFramePool<BufferStorage>): number[] => [freeCount, lentCount, idleCount, waitingCount, bytes / BYTES];

describe.each(KITS)('buffers of $name', (kit) => {
  test('[edge 6] [C8] format change there and back: nothing old is lent again, and the cap holds', async () => {
    const pool = poolOf(kit);
    const heard = listen(pool);
    const first = await pool.capture(quadrantFrame('RGBA', 64, 48));
    expect(pool.configure({ storage: kit.storage(32, 24) })).toMatchObject({
      generation: 1,
      bufferBytes: BYTES / 4,
    });
    const second = await pool.acquire();
    expect([kit.sizeOf(first), kit.sizeOf(second)]).toEqual(['64 × 48', '32 × 24']);
    expect([pool.tryAcquire(), counts(pool)]).toEqual([null, [0, 2, 0, 0, 1.25]]);
    pool.configure({ storage: kit.storage(64, 48) });
    first.release();
    expect(counts(pool)).toEqual([1, 1, 0, 0, 0.25]);
    second.release();
    expect(counts(pool)).toEqual([2, 0, 0, 0, 0]);
    const third = await pool.acquire();
    expect([kit.sizeOf(third), pool.stats().reused, pool.stats().generation]).toEqual(['64 × 48', 0, 2]);
    third.release();
    await Promise.resolve();
    expect(heard).toEqual(['released, discarded', 'released, discarded', 'released']);
    expect(counts(pool)).toEqual([2, 0, 1, 0, 1]);
    pool.close();
  });

  test('[edge 9] growing wakes who waits and keeps idle buffers; shrinking takes effect as they come back', async () => {
    const pool = poolOf(kit, { capacity: 1 });
    const one = await pool.acquire();
    const waiting = pool.acquire();
    pool.configure({ capacity: 3 });
    const two = await waiting;
    const three = await pool.acquire();
    expect(counts(pool)).toEqual([0, 3, 0, 0, 3]);
    three.release();
    pool.configure({ capacity: 4 });
    expect(counts(pool)).toEqual([2, 2, 1, 0, 3]);
    pool.configure({ capacity: 1 });
    expect([pool.capacity, counts(pool)]).toEqual([2, [0, 2, 0, 0, 2]]);
    one.release();
    expect([pool.capacity, counts(pool)]).toEqual([1, [0, 1, 0, 0, 1]]);
    two.release();
    expect([pool.capacity, counts(pool)]).toEqual([1, [1, 0, 1, 0, 1]]);
    pool.close();
    expect(counts(pool)).toEqual([1, 0, 0, 0, 0]);
  });

  test('[edge 10] that nobody uses are given up by themselves', async () => {
    const clock = new ManualClock();
    const pool = poolOf(kit, { clock, idleMs: 1000 });
    const [one, two] = [await pool.acquire(), await pool.acquire()];
    one.release();
    clock.advance(600);
    two.release();
    clock.advance(400);
    expect(counts(pool)).toEqual([2, 0, 1, 0, 1]);
    clock.advance(600);
    expect([counts(pool), pool.stats().pruned]).toEqual([[2, 0, 0, 0, 0], 2]);
    (await pool.acquire()).release();
    expect(pool.stats().allocated).toBe(3);
    pool.close();
  });

  test('the one that was used last is lent first, and the rest age', async () => {
    const clock = new ManualClock();
    const pool = poolOf(kit, { capacity: 3, clock, idleMs: 1000 });
    const handles = [await pool.acquire(), await pool.acquire(), await pool.acquire()];
    for (const handle of handles) handle.release();
    for (let step = 0; step < 5; step++) {
      clock.advance(300);
      (await pool.acquire()).release();
    }
    expect([pool.idleCount, pool.stats().pruned, pool.stats().allocated]).toEqual([1, 2, 3]);
    pool.close();
  });

  test('trim(), decommit() and close() give up what is idle, and what comes back later', async () => {
    const pool = poolOf(kit, { initial: 2 });
    const heard = listen(pool);
    const handle = await pool.acquire();
    pool.trim();
    expect(counts(pool)).toEqual([1, 1, 0, 0, 1]);
    const decommitted = pool.decommit();
    handle.release();
    expect([await decommitted, counts(pool)]).toEqual([true, [2, 0, 0, 0, 0]]);
    expect(heard).toEqual(['released, discarded']);
    pool.commit();
    expect(counts(pool)).toEqual([2, 0, 2, 0, 2]);
    pool.close();
    expect(counts(pool)).toEqual([2, 0, 0, 0, 0]);
  });

  test('[C6] that were forgotten come back and are thrown away: somebody may see them still', async () => {
    const pool = poolOf(kit, { capacity: 1 });
    const heard = listen(pool);
    const seen = ((): object => {
      const handle = pool.tryAcquire();
      if (handle === null) throw new Error('nothing was free');
      return kit.bufferOf(handle);
    })();
    await collect();
    expect([heard, counts(pool)]).toEqual([['recovered, discarded'], [1, 0, 0, 0, 0]]);
    const next = await pool.acquire();
    expect(kit.bufferOf(next)).not.toBe(seen);
    expect(kit.isWhole(seen)).toBe(true);
    next.release();
    pool.close();
  });

  test.each([0, 16_385, 1.5, -1, NaN])('of size %d are refused before anything is made', (size) => {
    expect(() => kit.storage(size, 48)).toThrow(RangeError);
    expect(() => kit.storage(64, size)).toThrow(RangeError);
  });
});

describe.each(OPEN_KITS)('buffers of $name', (kit) => {
  test('[C8] of an older generation are readable still, and of their own size', async () => {
    const pool = poolOf(kit);
    const handle = await pool.capture(quadrantFrame('RGBA', 64, 48, { timestamp: 40 }));
    pool.configure({ storage: kit.storage(32, 24) });
    const frame = handle.toVideoFrame();
    expect([kit.sizeOf(handle), frame.codedWidth, frame.timestamp]).toEqual(['64 × 48', 64, 40]);
    frame.close();
    handle.release();
    pool.close();
  });

  test('[edge 7] [C13] one that came to harm wakes who waits, who gets a new one, and is counted', async () => {
    const budget = new FrameBudget({ maxBytes: BYTES });
    const pool = poolOf(kit, { capacity: 1, budget });
    const heard = listen(pool);
    const handle = await pool.acquire();
    const waiting = pool.acquire();
    kit.harm(handle);
    handle.release();
    const next = await waiting;
    expect([kit.sizeOf(next), counts(pool), budget.bytes]).toEqual(['64 × 48', [0, 1, 0, 0, 1], BYTES]);
    next.release();
    await Promise.resolve();
    expect(heard).toEqual(['released, discarded', 'released']);
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
      displayWidth: 96,
      visibleRect: { x: 0, y: 0, width: 64, height: 48 },
      displayHeight: 48,
    } as const;
    const last = await pool.capture(quadrantFrame('RGBA', 64, 48, init));
    expect([last.timestamp, last.duration]).toEqual([5000, 40]);
    last.release();
    const next = await pool.acquire();
    expect([next.timestamp, next.duration, pool.stats().reused]).toEqual([0, null, 1]);
    const frame = next.toVideoFrame();
    const { timestamp, duration, displayWidth, displayHeight, visibleRect } = frame;
    expect([timestamp, duration, displayWidth, displayHeight, visibleRect?.x, visibleRect?.width]).toEqual([
      0,
      null,
      64,
      48,
      0,
      64,
    ]);
    expect((frame as { rotation?: number }).rotation ?? 0).toBe(0);
    frame.close();
    next.release();
    pool.close();
  });
});

test('[edge 6] shared memory: as the others, but that nothing can be taken away from who has it', async () => {
  const kit = memoryKit('shared memory', true);
  const pool = poolOf(kit, { capacity: 1 });
  const handle = await pool.capture(quadrantFrame('RGBA', 64, 48));
  const { data } = memoryOf(handle);
  expect(Object.prototype.toString.call(data.buffer)).toBe('[object SharedArrayBuffer]');
  handle.release();
  expect([data.length, data[0]]).toEqual([BYTES, 200]);
  const next = await pool.acquire();
  expect([memoryOf(next).data.buffer === data.buffer, pool.stats().reused]).toEqual([true, 1]);
  next.release();
  pool.close();
});
