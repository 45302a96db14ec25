/** Iterations that follow one another at one end, and what ends them. */
import { expect, test } from 'vitest';
import type { FrameHandle, Storage } from '../../src/index.ts';
import { connectPool, receiveFrames } from '../../src/index.ts';
import { livePictures } from '../support/accounting.ts';
import { colourFrame } from '../support/frames.ts';
import { until } from '../support/threads/holder.ts';
import { poolOfKind } from '../support/threads/pools.ts';
import { RawPeer } from '../support/threads/raw-peer.ts';

test('an iteration that is ended twice does not end the next one at its end [C10]', async () => {
  const { pool, fill } = poolOfKind('a decoded frame', 1);
  const { port1, port2 } = new MessageChannel();
  const first = receiveFrames(port2);
  await first.return?.();
  const second = receiveFrames(port2);
  await first.return?.();
  expect(() => receiveFrames(port2)).toThrow('already');
  const link = connectPool(pool, port1);
  await link.send(await fill(1));
  const { value } = await second.next();
  value?.handle.release();
  await second.return?.();
  expect([await link.closed, pool.lentCount]).toEqual(['left', 0]);
  pool.close();
});

test('a next() that is pending settles at return() also where nobody is linked [C10]', async () => {
  const { port1 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const pending = iteration.next();
  await iteration.return?.();
  expect(await pending).toEqual({ done: true, value: undefined });
});

test('what is on its way to an iteration that has ended goes home, also when another has begun there [C10] [C11]', async () => {
  const { pool, fill } = poolOfKind('a decoded frame', 3);
  const { port1, port2 } = new MessageChannel();
  const first = receiveFrames(port2, { ahead: 3 });
  const link = connectPool(pool, port1);
  for (let index = 0; index < 3; index++) await link.send(await fill(index));
  await first.return?.();
  const second = receiveFrames(port2);
  expect([await link.closed, pool.lentCount]).toEqual(['left', 0]);
  expect(await first.next()).toEqual({ done: true, value: undefined });
  await second.return?.();
  pool.close();
});

test('an abort sends home what is ready, also after the last link has ended [C10] [C11]', async () => {
  const { pool, fill } = poolOfKind('a decoded frame', 3);
  const { port1, port2 } = new MessageChannel();
  const aborting = new AbortController();
  const iteration = receiveFrames(port2, { ahead: 3, signal: aborting.signal });
  const link = connectPool(pool, port1);
  for (let index = 0; index < 3; index++) await link.send(await fill(index));
  const { value } = await iteration.next();
  link.close();
  // Sent after the link's last word, on its heels.
  const probe = connectPool(pool, port1);
  const other = receiveAgain(port2);
  await probe.opened;
  aborting.abort(new Error('enough'));
  await until(() => pool.lentCount, 1);
  await expect(iteration.next()).rejects.toThrow('enough');
  value?.handle.release();
  expect([await link.closed, pool.lentCount]).toEqual(['closed', 0]);
  probe.close();
  await (await other).return?.();
  pool.close();
});

/** The end is free as soon as the iteration there is over. */
async function receiveAgain(end: MessagePort): Promise<ReturnType<typeof receiveFrames>> {
  let iteration: ReturnType<typeof receiveFrames> | null = null;
  const open = (): boolean => {
    try {
      iteration ??= receiveFrames(end);
    } catch {
      // In use still.
    }
    return iteration !== null;
  };
  await until(open, true);
  return iteration as unknown as ReturnType<typeof receiveFrames>;
}

test.each([0, 2 ** 20 + 1, 1.5, Infinity])('room for %d frames is refused at the call [C11]', (ahead) => {
  const { port1 } = new MessageChannel();
  expect(() => receiveFrames(port1, { ahead })).toThrow(RangeError);
});

test('room for more frames than any pool has is room for all of them [C11]', async () => {
  const { pool, fill } = poolOfKind('memory', 8);
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port2, { ahead: 2 ** 20 });
  const link = connectPool(pool, port1);
  for (let index = 0; index < 8; index++) await link.send(await fill(index));
  await iteration.return?.();
  expect([await link.closed, link.refusedCount, pool.lentCount]).toEqual(['left', 0, 0]);
  pool.close();
});

test('a frame in the data of what nobody took is closed there [C10]', async () => {
  const { pool, fill } = poolOfKind('memory', 3);
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port2, { ahead: 2 });
  const link = connectPool(pool, port1);
  const own = colourFrame([1, 2, 3], { timestamp: 5 });
  for (let index = 0; index < 2; index++) await link.send(await fill(index), own);
  own.close();
  await until(livePictures, 2);
  await iteration.return?.();
  expect([await link.closed, pool.lentCount, livePictures()]).toEqual(['left', 0, 0]);
  pool.close();
});

/** What a side says and holds that has two links to the same end: one that is open, and one that is about to be. */
interface TwoLinks {
  readonly pending: Promise<IteratorResult<{ handle: FrameHandle<Storage> }, undefined>>;
  /** Lets go of the lock of the open one, without a word. */
  endOpen(): void;
  /** The ports of both, as this side has them. */
  readonly open: MessagePort;
  readonly opening: MessagePort;
  close(): void;
}

async function twoLinks(locks: readonly string[]): Promise<TwoLinks> {
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const pending = iteration.next();
  let heard = 0;
  const near = new Map<string, MessagePort>();
  port2.onmessage = ({ data: { link } }: MessageEvent<{ link: string | null }>) => {
    if (link === null) return;
    const { port1: own, port2: given } = new MessageChannel();
    near.set(link, own);
    own.onmessage = () => heard++;
    const said = { 'video-frame-pool': 1, kind: 'connect', purpose: 'frames', link, locks: true };
    port2.postMessage(said, [given]);
  };
  const letGo = new Map<string, () => void>();
  for (const link of locks) letGo.set(link, await hold(`video-frame-pool ${link} near`));
  for (const link of ['open', 'opening']) RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link });
  // Each says its terms and its room.
  await until(() => heard, 4);
  const open = near.get('open') as MessagePort;
  open.postMessage([0, { kind: 'pool', name: 'open' }]);
  // It has heard that when it says that it could not read this.
  open.postMessage([1, 1, null, {}, false, undefined, 0]);
  await until(() => heard, 5);
  return {
    pending,
    open,
    opening: near.get('opening') as MessagePort,
    endOpen: () => letGo.get('open')?.(),
    close() {
      for (const free of letGo.values()) free();
      for (const port of [...near.values(), port2]) port.close();
    },
  };
}

/** @returns What lets it go. */
function hold(lock: string): Promise<() => void> {
  return new Promise((held) => {
    void navigator.locks.request(lock, () => new Promise<void>((letGo) => held(letGo)));
  });
}

test('when one link dies, so does one of the same side that was about to open, and the iteration is over [C11]', async () => {
  const links = await twoLinks(['open']);
  links.endOpen();
  expect(await links.pending).toEqual({ done: true, value: undefined });
  links.close();
});

test('when one link ends whose last word comes late, one of the same side that is about to open does open [C11]', async () => {
  const links = await twoLinks(['open', 'opening']);
  links.endOpen();
  // Given to this one as the next in line, when the other side has seen the end and let go of its own.
  (await hold('video-frame-pool open far'))();
  links.opening.postMessage([0, { kind: 'pool', name: 'opening' }]);
  const frame = colourFrame([1, 2, 3], { timestamp: 7 });
  links.opening.postMessage([1, 7, null, frame, false, undefined, 0], [frame]);
  const { value } = await links.pending;
  expect(value?.handle.timestamp).toBe(7);
  value?.handle.release();
  links.opening.postMessage([2, { kind: 'over' }]);
  links.close();
});
