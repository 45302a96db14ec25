/** Checks that the push API and the pull API make before they start. */
import { shown } from '../errors.ts';
import type { PoolCore } from '../pool/core.ts';
import { requirePlatform } from '../pool/frames.ts';
import { coreOf, VideoFramePool } from '../pool/pool.ts';
import { isBufferAllocator } from '../pool/storage.ts';

/** @throws `NotSupportedError` if there is no `VideoDecoder`. */
export function platformDecoder(who: string): typeof VideoDecoder {
  requirePlatform(who, 'VideoDecoder');
  return VideoDecoder;
}

/** @throws `TypeError` if `pool` is not a pool of decoded frames. */
export function decodingCore(who: string, pool: VideoFramePool): PoolCore {
  if (!(pool instanceof VideoFramePool))
    throw new TypeError(`pool must be a VideoFramePool, got ${shown(pool)}`);
  const core = coreOf(pool);
  if (isBufferAllocator(core.driver)) {
    throw new TypeError(`${who} needs a pool of decoded frames; "${core.name}" holds buffers`);
  }
  return core;
}
