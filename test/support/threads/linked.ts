/** Pools that are linked to a port, a receiver or a worker for one test. After it links and pools are closed. */
import { afterEach, expect } from 'vitest';
import type { PoolLink, ReceiveFramesOptions, Storage } from '../../../src/index.ts';
import { connectPool, receiveFrames } from '../../../src/index.ts';
import { Holder } from './holder.ts';
import type { FilledPool } from './pools.ts';
import { poolOfKind } from './pools.ts';

const ends: (() => unknown)[] = [];

// Runs before the account of frames is checked: the set-up file registered that check first.
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Runs a function after the test, before the account of frames is checked. */
export const atEnd = (end: () => unknown): unknown => ends.push(end);

interface Linked extends FilledPool {
  readonly link: PoolLink;
}

interface LinkOptions {
  readonly name?: string;
}

/** A pool with a link to one port of a channel. Nobody receives at the other port yet. */
export function linkToPort(
  kind = 'a decoded frame',
  capacity = 1,
  options: LinkOptions = {},
): Linked & { readonly port1: MessagePort; readonly port2: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  const { pool, fill } = poolOfKind(kind, capacity);
  const link = connectPool(pool, port1, options);
  atEnd(() => {
    link.close();
    pool.close();
  });
  return { pool, fill, link, port1, port2 };
}

/** A pool and its receiver, both in this thread. After the test nothing is lent. */
export function linkToReceiver<S extends Storage = Storage>(
  kind = 'a decoded frame',
  capacity = 1,
  options: ReceiveFramesOptions = {},
): Linked & { readonly iteration: ReturnType<typeof receiveFrames<S>>; readonly port2: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  const { pool, fill } = poolOfKind(kind, capacity);
  const link = connectPool(pool, port1);
  const iteration = receiveFrames<S>(port2, options);
  atEnd(async () => {
    link.close();
    await iteration.return?.();
    await link.closed;
    pool.assertNoLeaks();
    pool.close();
  });
  return { pool, fill, link, iteration, port2 };
}

/** A pool with a link to a worker. After the test nothing is open in the worker, unless the test terminated it. */
export async function linkToWorker(
  kind = 'a decoded frame',
  capacity = 1,
  options: LinkOptions = {},
): Promise<Linked & { readonly holder: Holder }> {
  const holder = await Holder.start();
  const { pool, fill } = poolOfKind(kind, capacity);
  const link = connectPool(pool, holder.worker, options);
  atEnd(async () => {
    link.close();
    if (!holder.isTerminated) {
      expect(link.refusedCount).toBe(0);
      await holder.finish();
    }
    pool.close();
  });
  return { pool, fill, link, holder };
}
