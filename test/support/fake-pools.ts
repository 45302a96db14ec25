/** Pools for tests: watched, so that a test which leaves a slot out fails. */
import { test as base } from 'vitest';
import type { CanvasStorage, DecodedStorage, PoolNotice, PoolOptions, Storage } from '../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import { given, microtasks } from './fake-outcomes.ts';

const watched: VideoFramePool<Storage>[] = [];

/** Makes `settlePools()` look at this pool, too. */
export function watch<S extends Storage>(pool: VideoFramePool<S>): VideoFramePool<S> {
  // Counts are the same for every storage; the class is not covariant in it, because of its methods' results.
  watched.push(pool as unknown as VideoFramePool<Storage>);
  return pool;
}

/** A watched pool of decoded frames. */
export const decodedPool = (
  options: Partial<PoolOptions<DecodedStorage>> = {},
): VideoFramePool<DecodedStorage> => watch(new VideoFramePool({ capacity: 2, ...options }));

/** A watched pool of 64 × 48 canvases. */
export const canvasPool = (
  options: Partial<PoolOptions<CanvasStorage>> = {},
): VideoFramePool<CanvasStorage> =>
  watch(new VideoFramePool({ capacity: 2, storage: canvases(), ...options }));

/** A watched pool of one canvas, and the handle that holds it. */
export function fullPool() {
  const pool = canvasPool({ capacity: 1 });
  return { pool, held: given(pool.tryAcquire()) };
}

/** `test` with the pools that most tests begin with. A pool is made when a test names it. */
export const test = base
  .extend('frames', () => decodedPool())
  .extend('oneFrame', () => decodedPool({ capacity: 1 }))
  .extend('buffers', () => canvasPool())
  .extend('oneBuffer', () => canvasPool({ capacity: 1 }))
  .extend('full', () => fullPool());

/** A storage of 64 × 48 canvases, or of another size. */
export const canvases = (width = 64, height = 48): CanvasStorage => canvasStorage({ width, height });

/** The counts in one line: free, lent, decoding, idle, waiting. */
export const counts = <S extends Storage>(pool: VideoFramePool<S>): string =>
  `free ${pool.freeCount}, lent ${pool.lentCount}, decoding ${pool.decodingCount}, ` +
  `idle ${pool.idleCount}, waiting ${pool.waitingCount}`;

/** Registers a listener that keeps the notices. Those that are due by then are among the returned function's. */
export function listen<S extends Storage>(pool: VideoFramePool<S>): () => Promise<PoolNotice[]> {
  const heard: PoolNotice[] = [];
  pool.setListener((notice) => heard.push(notice));
  return () => microtasks().then(() => heard);
}

/**
 * Forgets the pools of a test.
 *
 * @throws `Error` when one of them has a slot out.
 */
export function settlePools(): void {
  for (const pool of watched.splice(0)) {
    const { lentCount, decodingCount, waitingCount } = pool;
    if (lentCount + decodingCount + waitingCount === 0) continue;
    throw new Error(`pool "${pool.name}" after the test: ${counts(pool)}`);
  }
}
