/** Pools for tests: watched, so that a test which leaves a slot out fails. */
import type { CanvasStorage, DecodedStorage, PoolNotice, PoolOptions, Storage } from '../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';

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

/** A storage of 64 × 48 canvases, or of another size. */
export const canvases = (width = 64, height = 48): CanvasStorage => canvasStorage({ width, height });

/** Bytes of one canvas of `canvases()`. */
export const CANVAS_BYTES = 64 * 48 * 4;

/** Bytes of one frame of `makeFrame()`. */
export const FRAME_BYTES = 64 * 48 + 2 * 32 * 24;

/** The counts in one line: free, lent, decoding, idle, waiting. */
export const counts = <S extends Storage>(pool: VideoFramePool<S>): string =>
  `free ${pool.freeCount}, lent ${pool.lentCount}, decoding ${pool.decodingCount}, ` +
  `idle ${pool.idleCount}, waiting ${pool.waitingCount}`;

/** Registers a listener that keeps what it is told. */
export function listen<S extends Storage>(pool: VideoFramePool<S>): PoolNotice[] {
  const heard: PoolNotice[] = [];
  pool.setListener((notice) => heard.push(notice));
  return heard;
}

/** What a share must be: there. For `tryAcquire()` and `tryReserve()` where the test knows of room. */
export function given<T>(value: T | null): T {
  if (value === null) throw new Error('the pool gave nothing');
  return value;
}

/** Lets the microtasks that are queued now, and those that they queue, run. */
export const microtasks = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/**
 * Forgets the pools of a test.
 *
 * @throws `Error` when one of them has a slot out.
 */
export function settlePools(): void {
  const pools = watched.splice(0);
  for (const pool of pools) {
    const { lentCount, decodingCount, waitingCount } = pool;
    if (lentCount + decodingCount + waitingCount === 0) continue;
    throw new Error(`pool "${pool.name}" after the test: ${counts(pool)}`);
  }
}
