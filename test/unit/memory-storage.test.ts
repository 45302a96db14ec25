import { describe, expect, test } from 'vitest';
import type { MemoryStorage, MemoryStorageOptions } from '../../src/index.ts';
import { FrameBudget, memoryStorage, VideoFramePool } from '../../src/index.ts';
import { rejectionOf, thrownBy } from '../support/fake-failures.ts';
import { counts, given, listen, microtasks, watch } from '../support/fake-pools.ts';

const SMALL: MemoryStorageOptions = { format: 'I420', codedWidth: 4, codedHeight: 2 };
const SMALL_BYTES = 12;

const memoryPool = (
  options: Partial<MemoryStorageOptions> = {},
  capacity = 2,
): VideoFramePool<MemoryStorage> =>
  watch(new VideoFramePool({ capacity, storage: memoryStorage({ ...SMALL, ...options }) }));

describe('memoryStorage() refuses', () => {
  test.each([
    ['nothing', undefined, 'TypeError', 'options must be an object'],
    ['no format', { ...SMALL, format: undefined }, 'TypeError', 'format must be one of I420, I420P10'],
    [
      'an unknown format',
      { ...SMALL, format: 'NV21' },
      'TypeError',
      'NV12, RGBA, RGBX, BGRA, BGRX, got "NV21"',
    ],
    ['no width', { ...SMALL, codedWidth: undefined }, 'TypeError', 'codedWidth must be a whole number'],
    [
      'a width of 0',
      { ...SMALL, codedWidth: 0 },
      'RangeError',
      'codedWidth must be a whole number from 1 to 16384',
    ],
    ['a height too large', { ...SMALL, codedHeight: 16_385 }, 'RangeError', 'from 1 to 16384, got 16385'],
    ['a height that is not whole', { ...SMALL, codedHeight: 1.5 }, 'RangeError', 'codedHeight'],
    [
      'an alignment of 0',
      { ...SMALL, rowAlignment: 0 },
      'RangeError',
      'rowAlignment must be a whole number from 1',
    ],
    ['an alignment in words', { ...SMALL, rowAlignment: '256' }, 'TypeError', 'rowAlignment'],
    [
      'a layout and an alignment',
      { ...SMALL, rowAlignment: 4, layout: [] },
      'TypeError',
      'layout and rowAlignment cannot both be given',
    ],
  ])('%s', (_what, options, name, message) => {
    const failure = thrownBy(() => memoryStorage(options as MemoryStorageOptions));
    expect(failure).toMatchObject({ name, message: expect.stringContaining(message) });
  });
});

describe('memoryStorage() says what it makes', () => {
  test('by default', () => {
    expect(memoryStorage(SMALL)).toMatchObject({
      kind: 'memory',
      ...SMALL,
      layout: [
        { offset: 0, stride: 4 },
        { offset: 8, stride: 2 },
        { offset: 10, stride: 2 },
      ],
      byteLength: SMALL_BYTES,
      rowAlignment: 1,
      shared: false,
      clear: false,
    });
  });

  test('as it was asked', () => {
    expect(memoryStorage({ ...SMALL, rowAlignment: 16, shared: true, clear: true })).toMatchObject({
      byteLength: 64,
      rowAlignment: 16,
      shared: true,
      clear: true,
    });
    const layout = [{ offset: 100, stride: 16 }];
    const own = memoryStorage({ format: 'BGRA', codedWidth: 4, codedHeight: 2, layout });
    expect(own).toMatchObject({ layout, byteLength: 132, rowAlignment: null });
  });
});

describe('a pool of memory', () => {
  test('counts bytes exactly', () => {
    const pool = memoryPool({ rowAlignment: 16 });
    const handle = given(pool.tryAcquire());
    expect([pool.bytes, pool.stats().bytesEstimated]).toEqual([64, false]);
    expect(handle.data.length).toBe(64);
    handle.release();
    expect(pool.bytes).toBe(64);
    pool.trim();
    expect(pool.bytes).toBe(0);
  });

  test('leaves the last holder with an empty view, also where an engine moves memory by cloning only', () => {
    const pool = memoryPool();
    const first = given(pool.tryAcquire());
    const { data } = first;
    data.set([1, 2, 3]);
    first.release();
    expect(data.length).toBe(0);
    const second = given(pool.tryAcquire());
    expect([...second.data.subarray(0, 4)]).toEqual([1, 2, 3, 0]);
    expect(pool.stats()).toMatchObject({ allocated: 1, reused: 1 });
    second.release();
    pool.close();
    expect(pool.bytes).toBe(0);
  });

  test('[edge 7] throws memory away that was transferred to somebody else', async () => {
    const pool = memoryPool({}, 1);
    const notices = listen(pool);
    const spoilt = given(pool.tryAcquire());
    const waiting = pool.acquire();
    const { buffer } = spoilt.data;
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    spoilt.release();
    const next = await waiting;
    expect(next.data.length).toBe(SMALL_BYTES);
    expect(counts(pool)).toBe('free 0, lent 1, decoding 0, idle 0, waiting 0');
    next.release();
    await microtasks();
    expect(notices.map(({ discarded }) => discarded)).toEqual([true, false]);
  });

  test('makes no more buffers than its budget has bytes for', async () => {
    const budget = new FrameBudget({ maxBytes: SMALL_BYTES });
    const pool = watch(new VideoFramePool({ capacity: 2, budget, storage: memoryStorage(SMALL) }));
    const first = given(pool.tryAcquire());
    expect(pool.tryAcquire()).toBeNull();
    const waiting = pool.acquire();
    first.release();
    const second = await waiting;
    expect([budget.bytes, pool.bytes]).toEqual([SMALL_BYTES, SMALL_BYTES]);
    second.release();
    pool.close();
    expect(budget.bytes).toBe(0);
  });

  test('[edge 6] goes on with another size while buffers of the old one are out', () => {
    const pool = memoryPool();
    const old = given(pool.tryAcquire());
    pool.configure({ storage: memoryStorage({ format: 'RGBA', codedWidth: 8, codedHeight: 8 }) });
    const fresh = given(pool.tryAcquire());
    expect([old.format, old.codedWidth, fresh.format, fresh.codedWidth]).toEqual(['I420', 4, 'RGBA', 8]);
    expect(pool.bytes).toBe(SMALL_BYTES + 256);
    const { data } = old;
    old.release();
    expect([data.length, pool.bytes, pool.stats().discarded]).toEqual([0, 256, 1]);
    fresh.release();
  });

  test('[A: InitializeSampleAllocator] refuses memory of which the engine has none, and stays as it is', async () => {
    const pool = memoryPool();
    const RealArrayBuffer = globalThis.ArrayBuffer;
    const refusal = new RangeError('Array buffer allocation failed');
    class NoRoom {
      constructor() {
        throw refusal;
      }
    }
    globalThis.ArrayBuffer = NoRoom as unknown as ArrayBufferConstructor;
    try {
      const failure = await rejectionOf(pool.acquire());
      expect(failure).toMatchObject({ name: 'QuotaExceededError', cause: refusal });
      expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 0, waiting 0');
    } finally {
      globalThis.ArrayBuffer = RealArrayBuffer;
    }
    given(pool.tryAcquire()).release();
  });

  test('shares memory where nothing says that it cannot', () => {
    const pool = memoryPool({ shared: true });
    const handle = given(pool.tryAcquire());
    expect(handle.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    const { data } = handle;
    handle.release();
    expect(data.length).toBe(SMALL_BYTES);
    pool.close();
  });
});
