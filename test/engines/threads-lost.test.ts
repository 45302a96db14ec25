/** Tests of holders in other threads that die, leak frames, stop receiving, or never respond. */
import { describe, expect, test } from 'vitest';
import { connectPool } from '../../src/index.ts';
import { Holder } from '../support/threads/holder.ts';
import { KINDS, linkLocks, linkToPort, linkToWorker, poolOfKind, until } from '../support/threads/linked.ts';

/** Longer than any other wait of a test, so that only the termination can end it. */
const BUSY_MS = 60_000;

describe.each(KINDS)(
  'a worker that holds every slot of a pool, each with %s, and is terminated [C11] [fault: worker terminated]',
  (kind) => {
    test.each(['idle', 'busy'])('while %s: all slots return as lost, and are lent again', async (how) => {
      const { pool, notices, fill, link, holder } = await linkToWorker(kind, 3, { name: 'victim' });
      for (let index = 0; index < 3; index++) await holder.lend(link, await fill(index));
      expect(pool.freeCount).toBe(0);
      if (how === 'busy') await holder.spin(BUSY_MS);
      holder.terminate();
      expect(await link.closed).toBe('lost');
      expect([pool.freeCount, pool.lentCount, link.lentCount]).toEqual([3, 0, 0]);
      await until(() => notices.length, 3);
      const lost = { reason: 'lost', discarded: true, holders: ['victim'] };
      expect(notices).toEqual([1, 2, 3].map((freeCount) => ({ ...lost, freeCount })));
      expect(pool.stats()).toMatchObject({ lost: 3, bytes: 0 });
      (await fill(9)).release();
      expect(pool.lentCount).toBe(0);
      await expect(link.send(await fill(10))).rejects.toThrow('link "victim" has ended');
      expect(pool.lentCount).toBe(0);
    });
  },
);

test('twenty workers in a row die while they hold all slots, and the pool still works [C11]', async () => {
  const { pool, fill } = poolOfKind('a decoded frame', 4);
  for (let round = 0; round < 20; round++) {
    const holder = await Holder.start();
    const link = connectPool(pool, holder.worker);
    for (let index = 0; index < 4; index++) await holder.lend(link, await fill(index));
    // Chromium frees a busy worker's lock two seconds after its end, so one busy worker is enough.
    if (round === 10) await holder.spin(BUSY_MS);
    holder.terminate();
    await link.closed;
    expect([pool.freeCount, pool.stats().lost]).toEqual([4, 4 * (round + 1)]);
  }
});

test('a link that is closed before its worker is terminated loses no frame [C10] [C11]', async () => {
  const { pool, fill, link, holder } = await linkToWorker('a decoded frame', 2);
  for (let index = 0; index < 2; index++) await holder.lend(link, await fill(index));
  link.close();
  for (let index = 0; index < 2; index++) await holder.ask('release first');
  expect(await link.closed).toBe('closed');
  await holder.checkAccount();
  holder.terminate();
  expect(pool.stats()).toMatchObject({ lentCount: 0, released: 2, lost: 0, recovered: 0 });
});

test('a link whose worker is terminated right after close() returns all frames as lost [C10] [C11]', async () => {
  const { pool, fill, link, holder } = await linkToWorker('a decoded frame', 3);
  for (let index = 0; index < 2; index++) await holder.lend(link, await fill(index));
  // In transit when the worker ends.
  const sent = link.send(await fill(2));
  link.close();
  holder.terminate();
  await sent;
  await link.closed;
  expect(pool.stats()).toMatchObject({ lentCount: 0, freeCount: 3, lost: 3 });
});

test('a share in this thread outlives the worker that had the other one [C11]', async () => {
  const { pool, fill, link, holder } = await linkToWorker('a decoded frame', 1);
  const handle = await fill(1);
  const here = handle.retain('here');
  await holder.lend(link, handle);
  holder.terminate();
  await link.closed;
  expect(pool.holders().map((report) => report.holder)).toEqual(['here']);
  expect((here as unknown as { frame: VideoFrame }).frame.timestamp).toBe(1);
  here.release();
  expect(pool.stats()).toMatchObject({ lentCount: 0, released: 1, lost: 0 });
});

test('a worker that ends itself is detected, and a pending acquire resolves [C11] [fault: worker terminated]', async () => {
  const { pool, fill, link, holder } = await linkToWorker('memory', 1);
  await holder.lend(link, await fill(1));
  const waiting = pool.acquire();
  await holder.ask('end the thread');
  (await waiting).release();
  expect(await link.closed).toBe('lost');
  holder.terminate();
});

test('frames that wait for room are released when the worker dies [C10] [C11]', async () => {
  const { pool, fill, link, holder } = await linkToWorker('a decoded frame', 8);
  await link.opened;
  await holder.spin(BUSY_MS);
  const sends: Promise<void>[] = [];
  for (let index = 0; index < 8; index++) sends.push(link.send(await fill(index)));
  // Handled from the start, so that no rejection is unhandled meanwhile.
  const outcomes = Promise.allSettled(sends);
  holder.terminate();
  await link.closed;
  expect(pool.lentCount).toBe(0);
  const rejected = (await outcomes).filter((outcome) => outcome.status === 'rejected');
  expect(new Set(rejected.map(({ reason }) => (reason as Error).name))).toEqual(new Set(['AbortError']));
});

test('a link without a responder keeps frames until it is closed [C10] [C11]', async () => {
  const { pool, fill, link } = linkToPort('a decoded frame', 2);
  const outcomes = Promise.allSettled([link.send(await fill(1)), link.send(await fill(2))]);
  expect([link.state, link.waitingCount, pool.lentCount]).toEqual(['connecting', 2, 2]);
  link.close();
  expect([link.state, link.waitingCount, pool.lentCount]).toEqual(['closed', 0, 0]);
  await expect(link.opened).rejects.toMatchObject({ name: 'AbortError' });
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('a wait for room ends with its signal, and its frame returns [C10]', async () => {
  const { pool, fill, link } = linkToPort('a decoded frame', 3);
  const aborting = new AbortController();
  const first = link.send(await fill(1), undefined, { signal: aborting.signal });
  const second = link.send(await fill(2));
  second.catch(() => {});
  aborting.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  expect([link.waitingCount, pool.lentCount]).toEqual([1, 1]);
  await expect(link.send(await fill(3), undefined, { signal: aborting.signal })).rejects.toThrow('enough');
  expect(pool.lentCount).toBe(1);
  link.close();
  await expect(second).rejects.toThrow('was closed');
});

test('a worker that stops receiving keeps the frames it took, and the others return [C10] [C11]', async () => {
  const { pool, fill, link, holder } = await linkToWorker('a decoded frame', 8);
  await holder.lend(link, await fill(0));
  await holder.ask('leave');
  await until(() => link.state, 'closing');
  expect(link.lentCount).toBe(1);
  await expect(link.send(await fill(1))).rejects.toMatchObject({ name: 'InvalidStateError' });
  expect(await holder.ask('received')).toMatchObject([{ timestamp: 0 }, 'over']);
  await holder.ask('release first');
  expect(await link.closed).toBe('left');
  expect(pool.lentCount).toBe(0);
});

test('a closed link lets the worker keep frames in transit until it releases them [C11]', async () => {
  const { pool, fill, link, holder } = await linkToWorker('memory', 2);
  await holder.lend(link, await fill(0));
  await link.send(await fill(1), 'release');
  link.close();
  await until(() => link.lentCount, 1);
  expect(link.state).toBe('closing');
  await holder.ask('release first');
  expect(await link.closed).toBe('closed');
  // The memory returned and can be reused.
  expect(pool.stats()).toMatchObject({ lentCount: 0, idleCount: 2, discarded: 0 });
});

test('an aborted link counts its frames as lost at once, and their readers continue [C11]', async () => {
  const { pool, fill, link, holder } = await linkToWorker('a decoded frame', 1);
  await holder.lend(link, await fill(5));
  link.abort();
  expect([pool.lentCount, pool.stats().lost, link.state]).toEqual([0, 1, 'closed']);
  expect(await holder.ask('read')).toEqual([200, 100, 50, 255]);
  await holder.ask('release first');
});

test.each(['it ends', 'the other side is gone'])('a link leaves no lock behind when %s', async (how) => {
  const { fill, link, holder } = await linkToWorker();
  expect(await link.opened).toEqual({ detectsTermination: true, undetectableBecause: null });
  // Two that are held, and one that each side waits for.
  await until(async () => (await linkLocks()).length, 4);
  if (how === 'it ends') {
    await link.send(await fill(1), 'release');
    link.close();
  } else holder.terminate();
  expect(await link.closed).toBe(how === 'it ends' ? 'closed' : 'lost');
  await until(linkLocks, []);
});
