/** Iterations that follow one another at one end, and what ends them. */
import { expect, test } from 'vitest';
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

test('when one link dies, so does one of the same side that was about to open, and the iteration is over [C11]', async () => {
  const { port1, port2 } = new MessageChannel();
  const iteration = receiveFrames(port1);
  const pending = iteration.next();
  const connected: string[] = [];
  const near: MessagePort[] = [];
  port2.onmessage = ({ data: { link } }: MessageEvent<{ link: string | null }>) => {
    if (link === null) return;
    const { port1: own, port2: given } = new MessageChannel();
    near.push(own);
    own.onmessage = () => connected.push(link);
    const said = { 'video-frame-pool': 1, kind: 'connect', purpose: 'frames', link, locks: true };
    port2.postMessage(said, [given]);
  };
  let die = (): void => {};
  const life = new Promise<void>((resolve) => (die = resolve));
  await new Promise<void>((resolve) => {
    void navigator.locks.request('video-frame-pool living near', () => {
      resolve();
      return life;
    });
  });
  RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link: 'living' });
  RawPeer.greet(port2, { kind: 'knock', purpose: 'frames', link: 'silent' });
  // Each says its terms and its room.
  await until(() => connected.length, 4);
  near[0]?.postMessage([0, { kind: 'pool', name: 'living' }]);
  // It has heard that when it says that it could not read this.
  near[0]?.postMessage([1, [1, null, {}, false, undefined, 0]]);
  await until(() => connected.length, 5);
  die();
  expect(await pending).toEqual({ done: true, value: undefined });
  for (const port of [...near, port2]) port.close();
});
