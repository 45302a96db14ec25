/** Tests of memory that is lent to one holder after the other. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type {
  FrameHandle,
  MemoryStorage,
  MemoryStorageOptions,
  PoolOptions,
  VideoFramePool,
} from '../../src/index.ts';
import { memoryStorage } from '../../src/index.ts';
import { checkedPool, listen } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { does } from '../support/engine.ts';
import { chartFrame, rgbAt, SRGB } from '../support/memory.ts';

const WIDTH = 32;
const HEIGHT = 16;
const BYTES = WIDTH * HEIGHT * 4;

/** A pool of one buffer by default. */
const poolOf = (
  memory: Partial<MemoryStorageOptions> = {},
  options: Partial<PoolOptions<MemoryStorage>> = {},
): VideoFramePool<MemoryStorage> => {
  const storage = memoryStorage({ format: 'RGBA', codedWidth: WIDTH, codedHeight: HEIGHT, ...memory });
  return checkedPool({ capacity: 1, storage, ...options });
};

/** Detaches the memory from a holder, as `postMessage` with a transfer list does. */
function detach(handle: FrameHandle<MemoryStorage>): void {
  const { buffer } = handle.data;
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('memory that is lent again', () => {
  test('costs no new bytes, and a view kept by the last holder is empty', async () => {
    const pool = poolOf();
    const first = await pool.acquire();
    const stale = first.data;
    stale.fill(7);
    expect([stale.length, pool.bytes, pool.stats().allocated]).toEqual([BYTES, BYTES, 1]);
    first.release();
    expect([stale.length, stale.buffer.byteLength]).toEqual([0, 0]);
    expect([pool.idleCount, pool.bytes]).toEqual([1, BYTES]);
    const second = await pool.acquire();
    // Not by toBe(), because printing a detached array throws.
    expect(second.data === stale).toBe(false);
    expect([...second.data.subarray(0, 3)]).toEqual([7, 7, 7]);
    expect([pool.bytes, pool.stats().allocated, pool.stats().reused]).toEqual([BYTES, 1, 1]);
    stale[0] = 9;
    expect(second.data[0]).toBe(7);
    second.release();
    pool.close();
    expect(pool.bytes).toBe(0);
  });

  test('is one view for all shares, until the last of them', async () => {
    const pool = poolOf();
    const first = await pool.acquire();
    const second = first.retain();
    const { data } = first;
    expect(second.data).toBe(data);
    first.release();
    expect(data.length).toBe(BYTES);
    expect(() => first.data).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    second.release();
    expect(data.length).toBe(0);
  });

  test('is freed with its pool, and views that readers kept are empty', async () => {
    const pool = poolOf({}, { capacity: 2 });
    const lent = await pool.acquire();
    const idle = await pool.acquire();
    idle.release();
    const { data } = lent;
    pool.close();
    expect([data.length, pool.bytes]).toEqual([BYTES, BYTES]);
    lent.release();
    expect([data.length, pool.bytes]).toEqual([0, 0]);
  });

  test('[edge 11] shows nothing of the last picture’s time, colours, proportions and rotation', async () => {
    const pool = poolOf();
    const matrix = 'smpte170m';
    const colorSpace = { primaries: matrix, transfer: matrix, matrix, fullRange: false } as const;
    const time = { timestamp: 123, duration: 40 };
    const stretched = { displayWidth: WIDTH * 2, displayHeight: HEIGHT };
    const init = { ...time, ...stretched, rotation: 90, flip: true, colorSpace };
    const first = await copyAndClose(pool, chartFrame('RGBA', WIDTH, HEIGHT, init));
    const shape = does('turnsFrames')
      ? { rotation: 90, flip: true, displayWidth: HEIGHT, displayHeight: WIDTH * 2 }
      : { rotation: 0, flip: false, ...stretched };
    expect(first).toMatchObject({ ...time, ...shape });
    expect(first.colorSpace.primaries).toBe('smpte170m');
    first.release();
    using second = await pool.acquire();
    const upright = { rotation: 0, flip: false, displayWidth: WIDTH, displayHeight: HEIGHT };
    expect(second).toMatchObject({ timestamp: 0, duration: null, ...upright });
    expect(second.colorSpace).toEqual(SRGB);
    const frame = second.toVideoFrame();
    expect([frame.timestamp, frame.duration, frame.displayWidth]).toEqual([0, null, WIDTH]);
    expect(frame.colorSpace.toJSON()).toEqual(SRGB);
    frame.close();
  });

  test('[edge 11] shows nothing of the last picture either with `clear`', async () => {
    const pool = poolOf({ clear: true });
    const first = await pool.acquire();
    first.data.fill(7);
    first.release();
    using second = await pool.acquire();
    expect(second.data.length).toBe(BYTES);
    expect(second.data.every((byte) => byte === 0)).toBe(true);
  });

  test('in planes is BT.709 in limited range, the platform’s default for planes', async () => {
    using handle = await poolOf({ format: 'I420' }).acquire();
    const frame = chartFrame('I420', WIDTH, HEIGHT);
    expect(handle.colorSpace).toEqual(frame.colorSpace.toJSON());
    frame.close();
  });
});

describe('a released share', () => {
  test.each([
    ...(['data', 'layout', 'format', 'colorSpace', 'codedWidth', 'codedHeight'] as const),
    ...(['displayWidth', 'displayHeight', 'rotation', 'flip'] as const),
  ])('rejects %s, and names its holder', async (property) => {
    const handle = await poolOf().acquire({ holder: 'thumbnailer' });
    expect(handle[property]).toBeDefined();
    handle.release();
    const text = new RegExp(`^${property}: the handle of "thumbnailer"`, 'u');
    const error = { name: 'InvalidStateError', message: expect.stringMatching(text) };
    expect(() => handle[property]).toThrow(expect.objectContaining(error));
  });
});

describe('memory that was transferred without the pool [fault: buffer taken away]', () => {
  test('[C13] [edge 7] is discarded at its last release, and the next waiter gets new memory', async () => {
    const pool = poolOf();
    const notices = listen(pool);
    const damaged = await pool.acquire();
    const waiting = pool.acquire();
    detach(damaged);
    expect(damaged.data.length).toBe(0);
    expect([pool.lentCount, pool.waitingCount]).toEqual([1, 1]);
    damaged.release();
    const next = await waiting;
    expect(next.data.length).toBe(BYTES);
    expect([pool.lentCount, pool.bytes, pool.stats().discarded]).toEqual([1, BYTES, 1]);
    next.release();
    await Promise.resolve();
    expect(notices).toEqual(['released, discarded', 'released']);
  });

  test('makes toVideoFrame() throw, and nothing else fails', async () => {
    const pool = poolOf();
    const handle = await pool.acquire();
    detach(handle);
    expect(() => handle.toVideoFrame()).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    expect(pool.lentCount).toBe(1);
    handle.release();
    expect([pool.lentCount, pool.bytes]).toEqual([0, 0]);
  });

  test('is accepted without an error if it was lent before the pool was closed', async () => {
    const pool = poolOf();
    const handle = await pool.acquire();
    detach(handle);
    pool.close();
    handle.release();
    expect(pool.bytes).toBe(0);
  });
});

describe('shared memory', () => {
  test('is read and written by a worker', async () => {
    using handle = await copyAndClose(poolOf({ shared: true }), chartFrame('RGBA', WIDTH, HEIGHT));
    expect(handle.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(rgbAt(handle, 0, 0)).toEqual([210, 30, 60, 255]);
    const script = 'onmessage = ({ data }) => { const red = data[0]; data[0] = red + 1; postMessage(red); };';
    const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
    const answer = new Promise((resolve) => {
      worker.addEventListener('message', ({ data }) => resolve(data), { once: true });
    });
    worker.postMessage(handle.data);
    expect(await answer).toBe(210);
    expect(rgbAt(handle, 0, 0)).toEqual([211, 30, 60, 255]);
    const frame = handle.toVideoFrame();
    expect(frame.format).toBe('RGBA');
    frame.close();
    worker.terminate();
  });

  test('is one buffer for every loan: a kept view shows the next picture', async () => {
    const pool = poolOf({ shared: true });
    const first = await pool.acquire();
    const { data } = first;
    first.release();
    expect(data.length).toBe(BYTES);
    const second = await pool.acquire();
    second.data[0] = 5;
    expect(data[0]).toBe(5);
    expect(pool.stats()).toMatchObject({ allocated: 1, reused: 1 });
    second.release();
    pool.close();
    expect(pool.bytes).toBe(0);
  });

  test.each([
    ['crossOriginIsolated', false, 'not cross-origin isolated'],
    ['SharedArrayBuffer', undefined, 'no SharedArrayBuffer'],
  ])('is rejected at first use if %s is %s', async (name, value, why) => {
    const pool = poolOf({ shared: true });
    vi.stubGlobal(name, value);
    const message: unknown = expect.stringContaining(why);
    await expect(pool.acquire()).rejects.toMatchObject({ name: 'NotSupportedError', message });
    expect([pool.lentCount, pool.freeCount, pool.bytes]).toEqual([0, 1, 0]);
    vi.unstubAllGlobals();
    (await pool.acquire()).release();
  });
});

describe('an engine without memory', () => {
  /** A class that cannot be constructed. */
  const throwing = (error: Error): unknown =>
    class {
      constructor() {
        throw error;
      }
    };

  test.each([false, true])(
    'rejects acquire() and copyFrom(), and the pool is unchanged (shared: %s)',
    async (isShared) => {
      const pool = poolOf({ shared: isShared }, { capacity: 2 });
      const held = await pool.acquire();
      const frame = chartFrame('RGBA', WIDTH, HEIGHT);
      const cause = new RangeError('Array buffer allocation failed');
      vi.stubGlobal(isShared ? 'SharedArrayBuffer' : 'ArrayBuffer', throwing(cause));
      const message: unknown = expect.stringContaining(`no memory for a buffer of ${BYTES} bytes`);
      const refusal = { name: 'QuotaExceededError', message, cause };
      await expect(pool.acquire()).rejects.toMatchObject(refusal);
      await expect(pool.copyFrom(frame)).rejects.toMatchObject(refusal);
      vi.unstubAllGlobals();
      expect(frame.codedWidth).toBe(WIDTH);
      frame.close();
      expect([pool.lentCount, pool.freeCount, pool.idleCount, pool.bytes]).toEqual([1, 1, 0, BYTES]);
      const next = await pool.acquire();
      expect(pool.lentCount).toBe(2);
      next.release();
      held.release();
    },
  );

  test('is distinguished from an engine that fails otherwise', async () => {
    const pool = poolOf();
    vi.stubGlobal('ArrayBuffer', throwing(new TypeError('broken')));
    await expect(pool.acquire()).rejects.toThrow(TypeError);
    vi.unstubAllGlobals();
  });
});
