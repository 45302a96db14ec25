import { describe, expect, test, vi } from 'vitest';
import type { MemoryStorageOptions } from '../../src/index.ts';
import { FrameBudget, memoryStorage, VideoFramePool } from '../../src/index.ts';
import { given, rejectionOf, thrownBy } from '../support/fake-outcomes.ts';
import { counts, listen, watch } from '../support/fake-pools.ts';

const SMALL: MemoryStorageOptions = { format: 'I420', codedWidth: 4, codedHeight: 2 };
const SMALL_BYTES = 12;

const memoryPool = (options: Partial<MemoryStorageOptions> = {}, capacity = 2) =>
  watch(new VideoFramePool({ capacity, storage: memoryStorage({ ...SMALL, ...options }) }));

describe('memoryStorage() refuses', () => {
  test.each<[string, object | undefined, string | RegExp]>([
    ['nothing', undefined, 'TypeError: options must be an object'],
    ['no format', { format: undefined }, 'TypeError: format must be one of I420, I420P10'],
    ['an unknown format', { format: 'NV21' }, /^TypeError: .*NV12, RGBA, RGBX, BGRA, BGRX, got "NV21"/u],
    ['no width', { codedWidth: undefined }, 'TypeError: codedWidth must be a whole number'],
    ['a width of 0', { codedWidth: 0 }, 'RangeError: codedWidth must be a whole number from 1 to 16384'],
    [
      'a height that is too large',
      { codedHeight: 16_385 },
      'RangeError: codedHeight must be a whole number from 1 to 16384, got 16385',
    ],
    ['a height that is no integer', { codedHeight: 1.5 }, 'RangeError: codedHeight'],
    ['an alignment of 0', { rowAlignment: 0 }, 'RangeError: rowAlignment must be a whole number from 1'],
    ['an alignment that is no number', { rowAlignment: '256' }, 'TypeError: rowAlignment'],
    [
      'a layout and an alignment',
      { rowAlignment: 4, layout: [] },
      'TypeError: layout and rowAlignment cannot both be given',
    ],
  ])('%s', (_what, options, refusal) => {
    const wrong = options && { ...SMALL, ...options };
    expect(String(thrownBy(() => memoryStorage(wrong as MemoryStorageOptions)))).toMatch(refusal);
  });
});

describe('memoryStorage() reports its properties', () => {
  test('by default', () => {
    const layout = [0, 8, 10].map((offset, index) => ({ offset, stride: index === 0 ? 4 : 2 }));
    const settings = {
      kind: 'memory',
      byteLength: SMALL_BYTES,
      rowAlignment: 1,
      shared: false,
      clear: false,
    };
    expect(memoryStorage(SMALL)).toMatchObject({ ...SMALL, ...settings, layout });
  });

  test('as requested', () => {
    const asked = { rowAlignment: 16, shared: true, clear: true };
    expect(memoryStorage({ ...SMALL, ...asked })).toMatchObject({ ...asked, byteLength: 64 });
    const layout = [{ offset: 100, stride: 16 }];
    const own = memoryStorage({ ...SMALL, format: 'BGRA', layout });
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

  test('leaves the last holder an empty view, even if an engine moves memory by cloning', () => {
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

  test('[edge 7] discards memory that was transferred', async () => {
    const pool = memoryPool({}, 1);
    const notices = listen(pool);
    const damaged = given(pool.tryAcquire());
    const waiting = pool.acquire();
    structuredClone(damaged.data.buffer, { transfer: [damaged.data.buffer as ArrayBuffer] });
    damaged.release();
    const next = await waiting;
    expect(next.data.length).toBe(SMALL_BYTES);
    expect(counts(pool)).toBe('free 0, lent 1, decoding 0, idle 0, waiting 0');
    next.release();
    expect((await notices()).map(({ discarded }) => discarded)).toEqual([true, false]);
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

  test('[edge 6] continues with another size while buffers of the old one are lent', () => {
    const pool = memoryPool();
    const old = given(pool.tryAcquire());
    pool.configure({ storage: memoryStorage({ format: 'RGBA', codedWidth: 8, codedHeight: 8 }) });
    using fresh = given(pool.tryAcquire());
    expect([old.format, old.codedWidth, fresh.format, fresh.codedWidth]).toEqual(['I420', 4, 'RGBA', 8]);
    expect(pool.bytes).toBe(SMALL_BYTES + 256);
    const { data } = old;
    old.release();
    expect([data.length, pool.bytes, pool.stats().discarded]).toEqual([0, 256, 1]);
  });

  test('[A: InitializeSampleAllocator] rejects if the engine has no memory, and is unchanged', async () => {
    const pool = memoryPool();
    const cause = new RangeError('Array buffer allocation failed');
    vi.stubGlobal('ArrayBuffer', function noMemory() {
      throw cause;
    });
    const failure = await rejectionOf(pool.acquire()).finally(() => vi.unstubAllGlobals());
    expect(failure).toMatchObject({ name: 'QuotaExceededError', cause });
    expect(counts(pool)).toBe('free 2, lent 0, decoding 0, idle 0, waiting 0');
    given(pool.tryAcquire()).release();
  });

  test('shares memory if nothing forbids it', () => {
    const pool = memoryPool({ shared: true });
    const handle = given(pool.tryAcquire());
    const { data } = handle;
    expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
    handle.release();
    expect(data.length).toBe(SMALL_BYTES);
    pool.close();
  });
});
