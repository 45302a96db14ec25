/** Tests of size limits, which are checked before anything of that size is created. */
import { BufferTarget, WebMOutputFormat } from 'mediabunny';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { BufferStorage, PoolOptions } from '../../src/index.ts';
import { canvasStorage, FrameBudget, memoryStorage, VideoFramePool } from '../../src/index.ts';
import { FrameWriter } from '../../src/media/index.ts';
import { deserializeMemory } from '../../src/storage/received-memory.ts';
import { textureStorage } from '../../src/webgpu/index.ts';
import { copyAndClose } from '../support/copying.ts';
import { colourFrame } from '../support/frames.ts';
import { gpuDevice } from '../support/gpu.ts';

/** The buffers of the pools are 64 × 48 at four bytes; the frames are twice as wide. */
const [WIDTH, HEIGHT] = [64, 48];
const SMALL = WIDTH * HEIGHT * 4;
const LARGE = 2 * SMALL;

/** More memory than any machine has. */
const HUGE = 16_384;

/** Clean-up of the devices and pools of a test. */
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

type Make = (width: number, height: number) => BufferStorage;

/** Starts to record allocations. */
type Begin = () => Promise<{ storage: Make; made: () => string[] }>;

const plain =
  (storage: Make): Begin =>
  async () => ({ storage, made: countConstructions() });

const memory = (shared: boolean) =>
  plain((codedWidth, codedHeight) => memoryStorage({ format: 'RGBA', codedWidth, codedHeight, shared }));

/** Kinds of buffers. `most` is the largest side that a storage of this kind accepts. */
const KINDS: readonly { kind: string; most: number; begin: Begin }[] = [
  { kind: 'memory', most: HUGE, begin: memory(false) },
  { kind: 'shared memory', most: HUGE, begin: memory(true) },
  { kind: 'canvases', most: HUGE, begin: plain((width, height) => canvasStorage({ width, height })) },
  {
    kind: 'textures',
    most: 8192,
    async begin() {
      const device = await gpuDevice();
      ends.push(() => device.destroy());
      const storage: Make = (width, height) => textureStorage({ device, width, height });
      return { storage, made: countConstructions(device) };
    },
  },
];

/** Smaller memory cannot hold a picture. */
const LEAST_BYTES = 4096;

const MEMORY = ['ArrayBuffer', 'SharedArrayBuffer', 'Uint8Array', 'Uint8ClampedArray'] as const;

/** Records allocations until the end of the test. The returned function lists those since its last call, as text. */
function countConstructions(device?: GPUDevice): () => string[] {
  const made: string[] = [];
  for (const name of MEMORY) {
    watch(name, ([bytes]) => {
      if (typeof bytes === 'number' && bytes >= LEAST_BYTES) made.push(`${name} of ${bytes} bytes`);
    });
  }
  watch('OffscreenCanvas', ([width, height]) => made.push(`OffscreenCanvas of ${width} × ${height}`));
  if (device !== undefined) {
    const create = device.createTexture.bind(device);
    device.createTexture = (descriptor) => {
      made.push(`GPUTexture of ${[...(descriptor.size as number[])].join(' × ')}`);
      return create(descriptor);
    };
  }
  onTestFinished(() => void vi.unstubAllGlobals());
  return () => made.splice(0);
}

function watch(name: string, note: (parameters: unknown[]) => void): void {
  const native = (globalThis as unknown as Record<string, new (...parameters: never[]) => object>)[name];
  if (native === undefined) throw new Error(`there is no ${name} here`);
  const construct = (target: typeof native, parameters: unknown[], newTarget: unknown): object => {
    note(parameters);
    return Reflect.construct(target, parameters, newTarget as typeof native);
  };
  vi.stubGlobal(name, new Proxy(native, { construct }));
}

type ByteLimit = Pick<PoolOptions, 'maxBytes' | 'budget'>;

const LIMITS: [string, (maxBytes: number) => ByteLimit][] = [
  ['maxBytes', (maxBytes) => ({ maxBytes })],
  ['a budget', (maxBytes) => ({ budget: new FrameBudget({ maxBytes }) })],
];

function smallPool(
  storage: Make,
  limit: ByteLimit,
  capacity = 2,
  initial = 0,
): VideoFramePool<BufferStorage> {
  const pool = new VideoFramePool({ capacity, initial, storage: storage(WIDTH, HEIGHT), ...limit });
  ends.push(() => pool.close());
  return pool;
}

/** A picture that is twice as wide as the buffers. */
const wideFrame = (): VideoFrame => colourFrame([9, 9, 9], { width: 2 * WIDTH, height: HEIGHT });

describe.each(KINDS)('of $kind, nothing is created', ({ begin, most }) => {
  test.each([0, -1, 1.5, NaN, Infinity, 65_536, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 64])(
    'with a side of %d',
    async (side) => {
      const { storage, made } = await begin();
      expect(() => storage(side, HEIGHT)).toThrow(RangeError);
      expect(() => storage(WIDTH, side)).toThrow(RangeError);
      expect(made()).toEqual([]);
    },
  );

  describe.each(LIMITS)('beyond %s', (_, limited) => {
    test('by a pool with larger buffers', async () => {
      const { storage, made } = await begin();
      const make = (side: number, maxBytes: number) => () =>
        new VideoFramePool({ capacity: 2, initial: 1, storage: storage(side, side), ...limited(maxBytes) });
      expect(make(most, 4 * most * most - 1)).toThrow(RangeError);
      expect(make(WIDTH, 4 * WIDTH * WIDTH - 1)).toThrow(RangeError);
      expect(made()).toEqual([]);
      make(WIDTH, 4 * WIDTH * WIDTH)().close();
      expect(made().length).toBe(1);
    });

    test('by a pool with a thousand initial buffers', async () => {
      const { storage, made } = await begin();
      const pool = smallPool(storage, limited(3 * SMALL + 1), 1000, 1000);
      expect([made().length, pool.idleCount, pool.bytes]).toEqual([3, 3, 3 * SMALL]);
    });

    test('by a new configuration, and the pool is unchanged', async () => {
      const { storage, made } = await begin();
      const pool = smallPool(storage, limited(2 * SMALL));
      for (const [width, height] of [
        [most, most],
        [WIDTH * 2, HEIGHT * 2],
      ] as const) {
        expect(() => pool.configure({ storage: storage(width, height), initial: 2 })).toThrow(RangeError);
      }
      expect(made()).toEqual([]);
      const handle = await pool.acquire();
      expect([made().length, pool.bytes]).toEqual([1, SMALL]);
      handle.release();
    });

    test('by a picture that needs larger buffers, which stays open', async () => {
      const frame = wideFrame();
      const { storage, made } = await begin();
      const pool = smallPool(storage, limited(LARGE - 1));
      const copying = pool.copyFrom(frame, { sizeChange: 'reconfigure' });
      await expect(copying).rejects.toThrow(RangeError);
      expect([made(), frame.codedWidth > 0, pool.lentCount, pool.bytes]).toEqual([[], true, 0, 0]);
      frame.close();
    });

    test('by the copy of a handle that needs larger buffers, which keeps its share', async () => {
      const frame = wideFrame();
      const { storage, made } = await begin();
      const film = new VideoFramePool({ capacity: 1 });
      const pool = smallPool(storage, limited(LARGE - 1));
      const handle = film.adopt(frame);
      await expect(handle.copyTo(pool, { sizeChange: 'reconfigure' })).rejects.toThrow(RangeError);
      expect([made(), handle.released, pool.lentCount, pool.bytes]).toEqual([[], false, 0, 0]);
      handle.release();
      film.assertNoLeaks();
    });
  });

  test('by a copy that fitted at its call, and no longer does in its turn', async () => {
    const frame = wideFrame();
    const { storage, made } = await begin();
    const pool = smallPool(storage, { maxBytes: LARGE }, 1);
    const first = await pool.acquire();
    const copying = copyAndClose(pool, frame, { sizeChange: 'reconfigure' });
    await expect.poll(() => pool.waitingCount).toBe(1);
    pool.configure({ maxBytes: LARGE - 1 });
    made();
    first.release();
    await expect(copying).rejects.toThrow(RangeError);
    expect([made(), pool.lentCount]).toEqual([[], 0]);
  });
});

test.each([
  [0, 48],
  [64, 2 ** 31],
  [2 ** 31, 48],
  [2 ** 53, 2 ** 53],
  [16_385, 48],
])('a writer refuses a stream of %d × %d before it creates a picture or a sample', async (width, height) => {
  const made = countConstructions();
  const writer = new FrameWriter({ format: new WebMOutputFormat(), target: new BufferTarget() });
  await expect(writer.addVideoStream({ codec: 'vp8', width, height })).rejects.toThrow(RangeError);
  expect(made().filter((each) => each.includes('Canvas'))).toEqual([]);
  await writer.abort();
});

test.each<[string, unknown]>([
  ['none', undefined],
  ['one with a false length', { byteLength: 4 * HUGE * 1000, length: 4 * HUGE * 1000 }],
  ['a small one', new ArrayBuffer(16)],
])('of memory with large claimed sizes and a buffer that is %s, none is created', (_, buffer) => {
  const made = countConstructions();
  const spec = {
    format: 'RGBA',
    codedWidth: HUGE,
    codedHeight: 1000,
    layout: [{ offset: 0, stride: 4 * HUGE }],
  };
  const facts = { displayWidth: HUGE, displayHeight: 1000 };
  expect(() => deserializeMemory({ spec, facts, buffer, returns: true })).toThrow();
  expect(made()).toEqual([]);
});
