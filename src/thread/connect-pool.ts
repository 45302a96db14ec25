/** `connectPool()`: lends a pool's frames to a worker, or to another window of the same origin. */
import { notSupported, shown } from '../base/errors.ts';
import { requireHolder } from '../pool/holders.ts';
import { coreOf, VideoFramePool } from '../pool/pool.ts';
import type { Storage } from '../pool/storage.ts';
import type { MessageEndpoint } from './handshake.ts';
import { isWorker, requireEnd } from './handshake.ts';
import { PoolLink } from './pool-link.ts';

/**
 * Connects a pool to a holder in another thread, which calls `receiveFrames()`.
 *
 * Once the link is open, the end of the other side is detected: its death, its termination, a navigation. The frames
 * that it held return to the pool as `'lost'`. If the end cannot be detected, `link.opened` resolves with
 * `detectsTermination: false`. If a worker throws, or its script cannot be loaded, after this call and before it responds,
 * `link.opened` and pending sends reject with the worker's message. If the other side of a port ends before it
 * responds, that is not detected: pending sends wait for their signal or for `link.close()`. A pool may have any number
 * of links, and a worker may be linked to any number of pools.
 *
 * @param to - A dedicated worker, which may also carry other messages; or a `MessagePort` whose other end belongs to a
 *   worker or to a window of the same origin.
 * @param options.name - Name of the other side in `pool.holders()`; `'worker'` or `'port'` by default.
 * @returns A link, which the caller owns and closes. Sending may begin at once; frames wait until the other side is
 *   ready.
 * @throws `TypeError` for a wrong argument: not a pool, a worker or a port, such as a `BroadcastChannel`.
 * @throws `NotSupportedError` for a shared or service worker, and for a pool of textures. For a port that leads into
 *   such a worker, `link.opened` rejects once the worker calls `receiveFrames()`.
 */
export function connectPool<S extends Storage>(
  pool: VideoFramePool<S>,
  to: Worker | MessagePort | MessageEndpoint,
  options: { name?: string } = {},
): PoolLink {
  if (!(pool instanceof VideoFramePool))
    throw new TypeError(`pool must be a VideoFramePool, got ${shown(pool)}`);
  requireEnd('to', to);
  const { name = isWorker(to) ? 'worker' : 'port' } = options;
  requireHolder(name);
  const core = coreOf(pool);
  if (core.adapter.serialize === undefined) {
    throw notSupported(`connectPool(): the storage of pool "${core.name}" cannot be sent to another thread`);
  }
  return new PoolLink(core, to, name);
}
