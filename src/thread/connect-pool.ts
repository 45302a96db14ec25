/** Lends a pool's frames to a worker, or to another window of the origin. */
import { notSupported, shown } from '../errors.ts';
import { requireHolder } from '../pool/holders.ts';
import { coreOf, VideoFramePool } from '../pool/pool.ts';
import type { Storage } from '../pool/storage.ts';
import type { MessageEnd } from './handshake.ts';
import { requireEnd } from './handshake.ts';
import { PoolLink } from './pool-link.ts';

/**
 * Connects a pool with a holder elsewhere, who calls `receiveFrames()`.
 *
 * The holder dies, is terminated, or navigates away: from the time that the link is open that is found out, and what it held
 * comes home as `'lost'`; `link.opened` tells where it is not (`watched` is false). A worker that throws, or whose script cannot be
 * loaded, after this call and before it answers, refuses the link: `link.opened` and what is sent reject with the worker's message.
 * Of a port whose other side ended before it answered nothing is ever heard: what is sent waits, until its signal or
 * `link.close()`. A pool may have any number of links, and a worker may be
 * linked with any number of pools.
 *
 * @param to - A dedicated worker, which may be used for other messages as well; or a `MessagePort` whose other end a worker or a
 *   window of the same origin has.
 * @param options.name - What `pool.holders()` calls the other side; `'worker'` or `'port'` by default.
 * @returns A link, owned by the caller, who closes it. Sending may begin at once, whenever the other side comes.
 * @throws `TypeError` for what is no pool, worker or port.
 * @throws `NotSupportedError` for a shared or a service worker, and for a pool of textures. Of a port that leads into such a
 *   worker `link.opened` tells it, once that calls `receiveFrames()`.
 */
export function connectPool<S extends Storage>(
  pool: VideoFramePool<S>,
  to: Worker | MessagePort | MessageEnd,
  options: { name?: string } = {},
): PoolLink {
  if (!(pool instanceof VideoFramePool))
    throw new TypeError(`pool must be a VideoFramePool, got ${shown(pool)}`);
  requireEnd('to', to);
  const { name = Object.prototype.toString.call(to) === '[object Worker]' ? 'worker' : 'port' } = options;
  requireHolder(name);
  const core = coreOf(pool);
  if (core.driver.pack === undefined) {
    throw notSupported(`connectPool(): what pool "${core.name}" holds cannot leave its thread`);
  }
  return new PoolLink(core, to, name);
}
