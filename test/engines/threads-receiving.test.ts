/** Tests of iterations that follow one another at one end, and of their ends. */
import { expect, test, vi } from 'vitest';
import { connectPool, receiveFrames } from '../../src/index.ts';
import { livePictures } from '../support/accounting.ts';
import { colourFrame } from '../support/frames.ts';
import { atEnd, linkToPort, linkToReceiver, poolOfKind, take, until } from '../support/threads/linked.ts';
import type { Greeting } from '../support/threads/raw-peer.ts';
import { RawPeer } from '../support/threads/raw-peer.ts';

test('an iteration that is ended twice does not end the next one at its end [C10]', async () => {
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

test('a next() that is pending settles at return() also where nobody is linked [C10]', async () => {
  const { port1 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const pending = iteration.next();
  await iteration.return?.();
  expect(await pending).toEqual({ done: true, value: undefined });
});

test('what is on its way to an iteration that has ended goes home, also when another has begun there [C10] [C11]', async () => {
  const { pool, fill, link, iteration: first, port2 } = linkToReceiver('a decoded frame', 3, { ahead: 3 });
  for (let index = 0; index < 3; index++) await link.send(await fill(index));
  await first.return?.();
  const second = receiveFrames(port2);
  expect([await link.closed, pool.lentCount]).toEqual(['left', 0]);
  expect(await first.next()).toEqual({ done: true, value: undefined });
  await second.return?.();
});

test('an abort sends home what is ready, also after the last link has ended [C10] [C11]', async () => {
  const aborting = new AbortController();
  const { pool, fill, link, port1, port2 } = linkToPort('a decoded frame', 3);
  const iteration = receiveFrames(port2, { ahead: 3, signal: aborting.signal });
  for (let index = 0; index < 3; index++) await link.send(await fill(index));
  const { handle } = await take(iteration);
  link.close();
  // Sent after the link's last word, on its heels.
  const probe = connectPool(pool, port1);
  // Until the iteration there is over, the call throws.
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

test.each([0, 2 ** 20 + 1, 1.5, Infinity])('room for %d frames is refused at the call [C11]', (ahead) => {
  const { port1 } = new MessageChannel();
  expect(() => receiveFrames(port1, { ahead })).toThrow(RangeError);
});

test('room for more frames than any pool has is room for all of them [C11]', async () => {
  const { pool, fill, link, iteration } = linkToReceiver('memory', 8, { ahead: 2 ** 20 });
  for (let index = 0; index < 8; index++) await link.send(await fill(index));
  await iteration.return?.();
  expect([await link.closed, link.refusedCount, pool.lentCount]).toEqual(['left', 0, 0]);
});

test('a frame in the data of what nobody took is closed there [C10]', async () => {
  const { pool, fill, link, iteration } = linkToReceiver('memory', 3, { ahead: 2 });
  const own = colourFrame([1, 2, 3], { timestamp: 5 });
  for (let index = 0; index < 2; index++) await link.send(await fill(index), own);
  own.close();
  await until(livePictures, 2);
  await iteration.return?.();
  expect([await link.closed, pool.lentCount, livePictures()]).toEqual(['left', 0, 0]);
});

/** A side, spoken by hand, with two links to the same end: one is open, and one is about to open. */
async function twoLinks(locks: readonly string[]) {
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const pending = iteration.next();
  let heard = 0;
  const near = new Map<string, MessagePort>();
  port2.onmessage = ({ data: { link } }: MessageEvent<Greeting>) => {
    if (link === null) return;
    const own = RawPeer.connect(port2, link, { locks: true });
    near.set(link, own);
    own.onmessage = () => heard++;
  };
  const locksFreed = new Map<string, () => void>();
  for (const link of locks) locksFreed.set(link, await hold(`video-frame-pool ${link} near`));
  for (const link of ['open', 'opening']) RawPeer.greet(port2, 'hello', link);
  // Each says its terms and its room.
  await until(() => heard, 4);
  const open = near.get('open') as MessagePort;
  open.postMessage([0, { kind: 'pool', name: 'open' }]);
  // It has heard that when it says that it could not read this.
  open.postMessage([1, 1, null, {}, false, undefined, 0]);
  await until(() => heard, 5);
  atEnd(() => {
    for (const free of locksFreed.values()) free();
    for (const port of [...near.values(), port2]) port.close();
  });
  return {
    pending,
    /** This side's port of the link that is about to open. */
    opening: near.get('opening') as MessagePort,
    /** Frees the lock of the open link without a message. */
    endOpen: () => locksFreed.get('open')?.(),
  };
}

/** Holds a lock. Resolves with the function that frees it. */
const hold = (lock: string): Promise<() => void> =>
  new Promise((held) => {
    void navigator.locks.request(lock, () => new Promise<void>((free) => held(free)));
  });

test('when one link dies, so does one of the same side that was about to open, and the iteration is over [C11]', async () => {
  const { pending, endOpen } = await twoLinks(['open']);
  endOpen();
  expect(await pending).toEqual({ done: true, value: undefined });
});

test('when one link ends whose last word comes late, one of the same side that is about to open does open [C11]', async () => {
  const { pending, endOpen, opening } = await twoLinks(['open', 'opening']);
  endOpen();
  // Given to this one as the next in line, when the other side has seen the end and let go of its own.
  (await hold('video-frame-pool open far'))();
  opening.postMessage([0, { kind: 'pool', name: 'opening' }]);
  const frame = colourFrame([1, 2, 3], { timestamp: 7 });
  opening.postMessage([1, 7, null, frame, false, undefined, 0], [frame]);
  const { value } = await pending;
  expect(value?.handle.timestamp).toBe(7);
  value?.handle.release();
  opening.postMessage([2, { kind: 'over' }]);
});
