/** Check of the argument `pool` of functions that need a pool of decoded frames. */
import { shown } from '../base/errors.ts';
import type { PoolCore } from './core.ts';
import { coreOf, VideoFramePool } from './pool.ts';
import { isBufferAllocator } from './storage.ts';

/** @throws `TypeError` if `pool` is not a pool of decoded frames. */
export function requireDecodedPool(who: string, pool: VideoFramePool): PoolCore {
  if (!(pool instanceof VideoFramePool))
    throw new TypeError(`pool must be a VideoFramePool, got ${shown(pool)}`);
  const core = coreOf(pool);
  if (isBufferAllocator(core.adapter)) {
    throw new TypeError(`${who} needs a pool of decoded frames; "${core.name}" holds buffers`);
  }
  return core;
}
