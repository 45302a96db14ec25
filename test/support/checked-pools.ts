/** Pools that are checked and closed when their test ends, and readings of their counts and notices. */
import { expect, onTestFinished } from 'vitest';
import type { CanvasStorage, DecodedStorage, PoolOptions, Storage } from '../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import { collect } from './accounting.ts';

/**
 * Makes a pool of two slots. When the test ends, no slot may be lent, and the pool is closed. The pool has a listener, so that it
 * does not report recovered leaks to the console.
 */
export function checkedPool<S extends Storage = DecodedStorage>(
  options: Partial<PoolOptions<S>> = {},
): VideoFramePool<S> {
  const pool = new VideoFramePool<S>({ capacity: 2, ...options });
  pool.setListener(() => {});
  onTestFinished(() => {
    pool.assertNoLeaks();
    pool.close();
  });
  return pool;
}

/** Makes a checked pool of canvases. */
export const canvasPool = (width = 64, height = 48, capacity = 1): VideoFramePool<CanvasStorage> =>
  checkedPool({ capacity, storage: canvasStorage({ width, height }) });

/** The counts of free, lent and idle slots and of waiters, and the bytes, in buffers of 64 × 48 RGBA. */
export function countsOf<S extends Storage>(pool: VideoFramePool<S>): number[] {
  const { freeCount, lentCount, idleCount, waitingCount, bytes } = pool;
  return [freeCount, lentCount, idleCount, waitingCount, bytes / (64 * 48 * 4)];
}

/** Registers a listener that records each notice in a few words. */
export function listen<S extends Storage>(pool: VideoFramePool<S>): string[] {
  const notices: string[] = [];
  pool.setListener(({ reason, discarded }) => notices.push(discarded ? `${reason}, discarded` : reason));
  return notices;
}

/** Waits until a slot is held that leak detection must recover. A collection by the engine itself may recover it before. */
export const expectHeld = <S extends Storage>(pool: VideoFramePool<S>): Promise<void> =>
  expect.poll(() => pool.lentCount + pool.stats().recovered).toBeGreaterThan(0);

/** Forces collections until no slot is out and no caller waits. A decoder is collected some collections after its user. */
export async function expectRecovered<S extends Storage>(pool: VideoFramePool<S>): Promise<void> {
  const out = async (): Promise<number> => {
    await collect();
    return pool.lentCount + pool.decodingCount + pool.waitingCount;
  };
  await expect.poll(out).toBe(0);
}
