/** Tests of consecutive iterations at one endpoint, and of their ends. */
import { describe, expect, test, vi } from 'vitest';
import { connectPool, receiveFrames } from '../../src/index.ts';
import { livePictures } from '../support/accounting.ts';
import { colourFrame } from '../support/frames.ts';
import { atEnd, linkToPort, linkToReceiver, poolOfKind, take, until } from '../support/threads/linked.ts';
import type { HandshakeMessage } from '../support/threads/raw-peer.ts';
import { RawPeer } from '../support/threads/raw-peer.ts';

test('an iteration that is ended twice does not end the next one at its endpoint [C10]', async () => {
  const { pool, fill } = poolOfKind();
  const { port1, port2 } = new MessageChannel();
  const first = receiveFrames(port2);
  await first.return?.();
  const second = receiveFrames(port2);
  await first.return?.();
  expect(() => receiveFrames(port2)).toThrow('already');
  const link = connectPool(pool, port1);
  await link.send(await fill(1));
  (await take(second)).handle.release();
  await second.return?.();
  expect([await link.closed, pool.lentCount]).toEqual(['left', 0]);
});

test('a pending next() settles at return(), even if no pool is linked [C10]', async () => {
  const { port1 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const pending = iteration.next();
  await iteration.return?.();
  expect(await pending).toEqual({ done: true, value: undefined });
});

test('frames in transit to an ended iteration return, even if another has begun there [C10] [C11]', async () => {
  const {
    pool,
    fill,
    link,
    iteration: first,
    port2,
  } = linkToReceiver('a decoded frame', 3, { highWaterMark: 3 });
  for (let index = 0; index < 3; index++) await link.send(await fill(index));
  await first.return?.();
  const second = receiveFrames(port2);
  expect([await link.closed, pool.lentCount]).toEqual(['left', 0]);
  expect(await first.next()).toEqual({ done: true, value: undefined });
  await second.return?.();
});

test('an abort returns the frames that are ready, even after the last link has ended [C10] [C11]', async () => {
  const aborting = new AbortController();
  const { pool, fill, link, port1, port2 } = linkToPort('a decoded frame', 3);
  const iteration = receiveFrames(port2, { highWaterMark: 3, signal: aborting.signal });
  for (let index = 0; index < 3; index++) await link.send(await fill(index));
  const { handle } = await take(iteration);
  link.close();
  // Sent right after the link's final message.
  const probe = connectPool(pool, port1);
  // The call throws until the iteration there has ended.
  const other = vi.waitFor(() => receiveFrames(port2), { timeout: 20_000, interval: 2 });
  await probe.opened;
  aborting.abort(new Error('enough'));
  await until(() => pool.lentCount, 1);
  await expect(iteration.next()).rejects.toThrow('enough');
  handle.release();
  expect([await link.closed, pool.lentCount]).toEqual(['closed', 0]);
  probe.close();
  await (await other).return?.();
});

test.each([-1, 2 ** 20 + 1, 1.5, Infinity])(
  'room for %d frames is rejected at the call [C11]',
  (highWaterMark) => {
    const { port1 } = new MessageChannel();
    expect(() => receiveFrames(port1, { highWaterMark })).toThrow(RangeError);
  },
);

describe('highWaterMark: 0', () => {
  test('a frame is sent only while a next() waits [C11]', async () => {
    const { pool, fill, link, iteration } = linkToReceiver('a decoded frame', 3, { highWaterMark: 0 });
    const sends = [link.send(await fill(0)), link.send(await fill(1)), link.send(await fill(2))];
    await link.opened;
    expect([link.lentCount, link.waitingCount]).toEqual([0, 3]);
    for (let index = 0; index < 3; index++) {
      const { handle } = await take(iteration);
      await sends[index];
      expect(handle.timestamp).toBe(index);
      handle.release();
      // The return travels after any credit, so a frame for no next() would be on its way by now.
      await until(() => link.lentCount, 0);
      expect(link.waitingCount).toBe(2 - index);
    }
    await iteration.return?.();
    expect([await link.closed, link.refusedCount, pool.lentCount]).toEqual(['left', 0, 0]);
  });

  test('as many frames are sent as next() calls wait [C11]', async () => {
    const { pool, fill, link, iteration } = linkToReceiver('a decoded frame', 3, { highWaterMark: 0 });
    const taken = [take(iteration), take(iteration)];
    const sends = [link.send(await fill(0)), link.send(await fill(1)), link.send(await fill(2))];
    const handles = (await Promise.all(taken)).map(({ handle }) => handle);
    expect(handles.map(({ timestamp }) => timestamp)).toEqual([0, 1]);
    expect([link.lentCount, link.waitingCount]).toEqual([2, 1]);
    for (const handle of handles) handle.release();
    await until(() => [link.lentCount, link.waitingCount], [0, 1]);
    (await take(iteration)).handle.release();
    await Promise.all(sends);
    await iteration.return?.();
    expect([await link.closed, link.refusedCount, pool.lentCount]).toEqual(['left', 0, 0]);
  });

  test('one next() takes a frame of one pool, and the frame of the other pool is next [C11]', async () => {
    const first = linkToReceiver('a decoded frame', 2, { highWaterMark: 0 });
    const second = poolOfKind('a decoded frame', 2);
    const link = connectPool(second.pool, first.port1);
    const sends = [first.link.send(await first.fill(0)), link.send(await second.fill(1))];
    await Promise.all([first.link.opened, link.opened]);
    for (let index = 0; index < 2; index++) (await take(first.iteration)).handle.release();
    await Promise.all(sends);
    await until(() => [first.pool.lentCount, second.pool.lentCount], [0, 0]);
    await first.iteration.return?.();
    expect([await first.link.closed, await link.closed]).toEqual(['left', 'left']);
  });
});

test('room for more frames than any pool has is room for all of them [C11]', async () => {
  const { pool, fill, link, iteration } = linkToReceiver('memory', 8, { highWaterMark: 2 ** 20 });
  for (let index = 0; index < 8; index++) await link.send(await fill(index));
  await iteration.return?.();
  expect([await link.closed, link.refusedCount, pool.lentCount]).toEqual(['left', 0, 0]);
});

test('a frame in the data of an unused frame is closed by the receiver [C10]', async () => {
  const { pool, fill, link, iteration } = linkToReceiver('memory', 3, { highWaterMark: 2 });
  const own = colourFrame([1, 2, 3], { timestamp: 5 });
  for (let index = 0; index < 2; index++) await link.send(await fill(index), own);
  own.close();
  await until(livePictures, 2);
  await iteration.return?.();
  expect([await link.closed, pool.lentCount, livePictures()]).toEqual(['left', 0, 0]);
});

/** A hand-written side with two links to the same endpoint: one is open, and one is about to open. */
async function twoLinks(locks: readonly string[]) {
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const pending = iteration.next();
  let received = 0;
  const initiatorPorts = new Map<string, MessagePort>();
  port2.onmessage = ({ data: { link } }: MessageEvent<HandshakeMessage>) => {
    if (link === null) return;
    const own = RawPeer.connect(port2, link, { hasLock: true });
    initiatorPorts.set(link, own);
    own.onmessage = () => received++;
  };
  const locksFreed = new Map<string, () => void>();
  for (const link of locks) locksFreed.set(link, await hold(`video-frame-pool ${link} initiator`));
  for (const link of ['open', 'opening']) RawPeer.sendHandshake(port2, 'hello', link);
  // Each sends its properties and its credit.
  await until(() => received, 4);
  const open = initiatorPorts.get('open') as MessagePort;
  open.postMessage([0, { kind: 'pool', name: 'open' }]);
  // By the time it reports that this is unreadable, it has handled the earlier messages.
  open.postMessage([1, 1, null, {}, false, undefined, 0]);
  await until(() => received, 5);
  atEnd(() => {
    for (const free of locksFreed.values()) free();
    for (const port of [...initiatorPorts.values(), port2]) port.close();
  });
  return {
    pending,
    /** This side's port of the link that is about to open. */
    opening: initiatorPorts.get('opening') as MessagePort,
    /** Frees the lock of the open link without a message. */
    endOpen: () => locksFreed.get('open')?.(),
  };
}

/** Holds a lock. Resolves with a function that releases it. */
const hold = (lock: string): Promise<() => void> =>
  new Promise((held) => {
    void navigator.locks.request(lock, () => new Promise<void>((free) => held(free)));
  });

test('when one link dies, another of the same side that is opening ends too [C11]', async () => {
  const { pending, endOpen } = await twoLinks(['open']);
  endOpen();
  expect(await pending).toEqual({ done: true, value: undefined });
});

test('when one link ends by a late final message, another of the same side still opens [C11]', async () => {
  const { pending, endOpen, opening } = await twoLinks(['open', 'opening']);
  endOpen();
  // Granted to this side as the next in line, once the other side has seen the end and released its own.
  (await hold('video-frame-pool open responder'))();
  opening.postMessage([0, { kind: 'pool', name: 'opening' }]);
  const frame = colourFrame([1, 2, 3], { timestamp: 7 });
  opening.postMessage([1, 7, null, frame, false, undefined, 0], [frame]);
  const { value } = await pending;
  expect(value?.handle.timestamp).toBe(7);
  value?.handle.release();
  opening.postMessage([2, { kind: 'over' }]);
});
