/** Tests of leak detection on the other side of a link: leaked handles are recovered, and reachable ones are not. */
import { describe, expect, test } from 'vitest';
import type { MemoryStorage } from '../../src/index.ts';
import { connectPool, receiveFrames } from '../../src/index.ts';
import { allowCollection, collect, livePictures } from '../support/accounting.ts';
import type { Holder } from '../support/threads/holder.ts';
import {
  KINDS,
  linkToPort,
  linkToReceiver,
  linkToWorker,
  poolOfKind,
  take,
  until,
} from '../support/threads/linked.ts';

/** Collects garbage, here or in a worker, until the page sees the value. */
const afterCollection = <T>(look: () => T, value: T, holder?: Holder): Promise<void> =>
  until(async () => {
    await (holder?.ask('collect') ?? collect());
    return look();
  }, value);

describe.each(KINDS)('%s that leaked in a worker [C6] [C11]', (kind) => {
  test('returns as recovered, with the names of all its holders there', async () => {
    const { pool, notices, fill, link, holder } = await linkToWorker(kind, 1, { name: 'forgetful' });
    await holder.lend(link, await fill(1, 'first'));
    await holder.ask('retain');
    await holder.ask('forget');
    await afterCollection(() => pool.lentCount, 0, holder);
    await until(() => notices.length, 1);
    const holders = ['first (forgetful)', 'second in the worker (forgetful)'];
    const discarded = kind !== 'a decoded frame';
    expect(notices).toEqual([{ reason: 'recovered', discarded, freeCount: 1, holders }]);
    link.close();
    await link.closed;
    holder.terminate();
  });
});

test('a frame that a worker keeps without its handle stays lent until it is released [C6] [C11]', async () => {
  const { pool, fill, link, holder } = await linkToWorker('a decoded frame', 1);
  await holder.lend(link, await fill(1));
  await holder.ask('keep the frame only');
  await holder.ask('collect');
  expect([pool.lentCount, link.lentCount]).toEqual([1, 1]);
  await holder.ask('close the frame');
  await afterCollection(() => pool.lentCount, 0, holder);
  expect(pool.stats().recovered).toBe(1);
  link.close();
  holder.terminate();
});

test('a receiver that was dropped returns its frames, and ends the link [C6] [edge 16]', async () => {
  allowCollection();
  const { pool, fill, link, port2 } = linkToPort('a decoded frame', 4);
  // In an object, because a variable may stay alive in a register.
  const app: { iteration: unknown } = { iteration: null };
  const open = (): void => void (app.iteration = receiveFrames(port2, { highWaterMark: 2 }));
  open();
  for (let index = 0; index < 2; index++) await link.send(await fill(index));
  const waiting = link.send(await fill(2));
  waiting.catch(() => {});
  expect(pool.lentCount).toBe(3);
  // Both frames have arrived, in addition to the frame that waits in the pool.
  await until(livePictures, 3);
  app.iteration = null;
  await afterCollection(() => [pool.lentCount, link.state], [0, 'closed']);
  await expect(waiting).rejects.toThrow('stopped receiving');
  expect([await link.closed, pool.stats().recovered]).toEqual(['left', 2]);
});

test('memory whose handle leaked stays with the holder of its view [C6] [C11]', async () => {
  const { pool, fill, link, iteration } = linkToReceiver<MemoryStorage>('memory', 1);
  await link.send(await fill(1));
  // In a separate function, so that no variable of the test keeps the handle.
  const view = await (async () => (await iteration.next()).value?.handle.data)();
  await afterCollection(() => pool.stats().recovered, 1);
  expect([view?.length, pool.stats().discarded, pool.lentCount]).toEqual([64 * 48 * 4, 1, 0]);
});

test('a receiver with a pending next() is kept alive by that call alone [C6]', async () => {
  const { pool, fill, link, port2 } = linkToPort('a decoded frame', 1);
  const seen: number[] = [];
  const consume = async (): Promise<void> => {
    for await (const { handle } of receiveFrames(port2)) {
      seen.push(handle.timestamp);
      handle.release();
    }
  };
  const consuming = consume();
  await link.opened;
  await collect();
  for (const timestamp of [1, 2]) {
    await link.send(await fill(timestamp));
    await until(() => pool.lentCount, 0);
    await collect();
  }
  link.close();
  await consuming;
  expect(seen).toEqual([1, 2]);
});

test('a received handle that leaked names no share twice if one of two was released [C6]', async () => {
  allowCollection();
  const { notices, fill, link, port2 } = linkToPort('memory', 1, { name: 'port' });
  const iteration = receiveFrames(port2, { holder: 'reader' });
  await link.send(await fill(1));
  // In a separate function, so that no variable of the test keeps the handle.
  await (async () => {
    const { handle } = await take(iteration);
    handle.retain('second');
    handle.release();
  })();
  const notice = { reason: 'recovered', discarded: true, freeCount: 1, holders: ['second (port)'] } as const;
  await afterCollection(() => notices, [notice]);
});

test('an iteration that ended and is collected does not end the next one there [C6] [C10]', async () => {
  allowCollection();
  const { pool, fill } = poolOfKind();
  const { port1, port2 } = new MessageChannel();
  const open = async (): Promise<void> => void (await receiveFrames(port2).return?.());
  await open();
  const second = receiveFrames(port2);
  for (let round = 0; round < 3; round++) await collect();
  const link = connectPool(pool, port1);
  await link.send(await fill(1));
  (await take(second)).handle.release();
  await second.return?.();
  expect([await link.closed, pool.lentCount]).toEqual(['left', 0]);
});
