/** Watched pools for tests: a test that leaves a slot out fails. */
import { test as base } from 'vitest';
import type { CanvasStorage, DecodedStorage, PoolNotice, PoolOptions, Storage } from '../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import { given, microtasks } from './fake-outcomes.ts';

const watched: VideoFramePool<Storage>[] = [];

/** Includes this pool in the check of `settlePools()`. */
export function watch<S extends Storage>(pool: VideoFramePool<S>): VideoFramePool<S> {
  // The counts are the same for every storage. The class is not covariant in the storage, because of its methods' results.
  watched.push(pool as unknown as VideoFramePool<Storage>);
  return pool;
}

/** Makes a watched pool of decoded frames. */
export const decodedPool = (
  options: Partial<PoolOptions<DecodedStorage>> = {},
): VideoFramePool<DecodedStorage> => watch(new VideoFramePool({ capacity: 2, ...options }));

/** Makes a watched pool of 64 × 48 canvases. */
export const canvasPool = (
  options: Partial<PoolOptions<CanvasStorage>> = {},
): VideoFramePool<CanvasStorage> =>
  watch(new VideoFramePool({ capacity: 2, storage: canvases(), ...options }));

/** Makes a watched pool of one canvas, and the handle that holds it. */
export function fullPool() {
  const pool = canvasPool({ capacity: 1 });
  return { pool, held: given(pool.tryAcquire()) };
}

/** `test` with the pools that most tests start with. A pool is made when a test names it. */
export const test = base
  .extend('frames', () => decodedPool())
  .extend('oneFrame', () => decodedPool({ capacity: 1 }))
  .extend('buffers', () => canvasPool())
  .extend('oneBuffer', () => canvasPool({ capacity: 1 }))
  .extend('full', () => fullPool());

/** Makes a storage of canvases, 64 × 48 by default. */
export const canvases = (width = 64, height = 48): CanvasStorage => canvasStorage({ width, height });

/** The counts in one line: free, lent, decoding, idle, waiting. */
export const counts = <S extends Storage>(pool: VideoFramePool<S>): string =>
  `free ${pool.freeCount}, lent ${pool.lentCount}, decoding ${pool.decodingCount}, ` +
  `idle ${pool.idleCount}, waiting ${pool.waitingCount}`;

/** Registers a listener that records the notices. The returned function resolves with them, after the due ones were delivered. */
export function listen<S extends Storage>(pool: VideoFramePool<S>): () => Promise<PoolNotice[]> {
  const notices: PoolNotice[] = [];
  pool.setListener((notice) => notices.push(notice));
  return () => microtasks().then(() => notices);
}

/**
 * Forgets the pools of a test.
 *
 * @throws `Error` when one of them has a slot out or a waiter.
 */
export function settlePools(): void {
  for (const pool of watched.splice(0)) {
    const { lentCount, decodingCount, waitingCount } = pool;
    if (lentCount + decodingCount + waitingCount === 0) continue;
    throw new Error(`pool "${pool.name}" after the test: ${counts(pool)}`);
  }
}
