/** Pools of each transferable storage, and their links, for one test. Both are closed after the test. */
import { afterEach, expect } from 'vitest';
import type { DecodedStorage, PoolNotice, ReceiveFramesOptions, Storage } from '../../../src/index.ts';
import {
  canvasStorage,
  connectPool,
  memoryStorage,
  receiveFrames,
  VideoFramePool,
} from '../../../src/index.ts';
import { copyAndClose } from '../copying.ts';
import { colourFrame } from '../frames.ts';
import { Holder } from './holder.ts';
import { RawPeer } from './raw-peer.ts';

const ends: (() => unknown)[] = [];

// Runs before the check of open frames, because the set-up file registered that check first.
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Runs a function after the test, before the check of open frames. The last one runs first. */
export const atEnd = (end: () => unknown): unknown => ends.push(end);

/** The colour of every picture in these tests. */
export const COLOUR = [200, 100, 50] as const;

const memory = (shared: boolean) => (): Storage =>
  memoryStorage({ format: 'RGBA', codedWidth: 64, codedHeight: 48, shared });

const STORAGES: Record<string, (() => Storage) | undefined> = {
  'a decoded frame': undefined,
  'a canvas': () => canvasStorage({ width: 64, height: 48 }),
  memory: memory(false),
  'shared memory': memory(true),
};

/** Their names, for tables of tests. */
export const KINDS = Object.keys(STORAGES);

/** A pool that is closed after the test. */
export function poolOfKind(kind = 'a decoded frame', capacity = 1) {
  const storage = STORAGES[kind]?.();
  const pool = new VideoFramePool<Storage>({ capacity, name: kind, storage });
  const notices: PoolNotice[] = [];
  // Without a listener the pool logs leaks to the console.
  pool.setListener((notice) => notices.push(notice));
  atEnd(() => pool.close());
  return {
    pool,
    notices,
    /** Resolves with a handle to a picture. */
    async fill(timestamp: number, holder?: string) {
      const frame = colourFrame(COLOUR, { timestamp, duration: 40 });
      return storage === undefined ? pool.adopt(frame, { holder }) : copyAndClose(pool, frame, { holder });
    },
  };
}

export type FilledPool = ReturnType<typeof poolOfKind>;

/** A pool with a link to a port or a worker. */
function linkTo(end: Worker | MessagePort, kind?: string, capacity?: number, options?: { name?: string }) {
  const filled = poolOfKind(kind, capacity);
  const link = connectPool(filled.pool, end, options);
  atEnd(() => link.close());
  return { ...filled, link };
}

/** A pool with a link to one port of a channel. No receiver exists at the other port yet. */
export function linkToPort(kind?: string, capacity?: number, options?: { name?: string }) {
  const { port1, port2 } = new MessageChannel();
  return { ...linkTo(port1, kind, capacity, options), port1, port2 };
}

/** A pool and its receiver, both in this thread. After the test nothing is lent. */
export function linkToReceiver<S extends Storage = DecodedStorage>(
  kind?: string,
  capacity?: number,
  options?: ReceiveFramesOptions,
) {
  const linked = linkToPort(kind, capacity);
  const iteration = receiveFrames<S>(linked.port2, options);
  atEnd(async () => {
    linked.link.close();
    await iteration.return?.();
    await linked.link.closed;
    linked.pool.assertNoLeaks();
  });
  return { ...linked, iteration };
}

/** A pool with a link to a worker. After the test nothing is open in the worker, unless the test terminated it. */
export async function linkToWorker(kind?: string, capacity?: number, options?: { name?: string }) {
  const holder = await Holder.start();
  const linked = linkTo(holder.worker, kind, capacity, options);
  atEnd(async () => {
    linked.link.close();
    if (holder.isTerminated) return;
    expect(linked.link.refusedCount).toBe(0);
    await holder.finish();
  });
  return { ...linked, holder };
}

/** Makes a pool with a link to a hand-written peer. The frame with number `id` is lent, and one frame waits for credit. */
export async function linkToPeer(kind?: string, capacity = 3) {
  const linked = linkToPort(kind, capacity);
  const peer = await RawPeer.respond(linked.port2);
  atEnd(() => peer.close());
  peer.post([1, false]);
  await linked.link.send(await linked.fill(1));
  linked.link.send(await linked.fill(2)).catch(() => {});
  const [id = -1] = await peer.frames(1);
  return { ...linked, peer, id };
}

/** Takes the next frame of an iteration that has not ended. */
export async function take<T>(iteration: AsyncIterator<T, unknown>): Promise<T> {
  const { done, value } = await iteration.next();
  if (done === true) throw new Error('the iteration has ended');
  return value as T;
}

/** Waits until the page observes the value. The time-out of the configuration only guards against hanging. */
export async function until<T>(look: () => T | Promise<T>, value: T): Promise<void> {
  await expect.poll(look, { interval: 2 }).toEqual(value);
}

/** The locks of links and readers, each as `held` or `pending` before its name. */
export async function linkLocks(): Promise<string[]> {
  const { held = [], pending = [] } = await navigator.locks.query();
  return [...held.map(({ name }) => `held ${name}`), ...pending.map(({ name }) => `pending ${name}`)].filter(
    (lock) => lock.includes(' video-frame-pool'),
  );
}
