/** Tests of sending frames: in order, within the credit, with data, and in large numbers. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle, PoolLink } from '../../src/index.ts';
import { canvasStorage, connectPool, receiveFrames, VideoFramePool } from '../../src/index.ts';
import { livePictures } from '../support/accounting.ts';
import { Holder } from '../support/threads/holder.ts';
import type { FilledPool } from '../support/threads/linked.ts';
import { KINDS, linkToReceiver, linkToWorker, poolOfKind, take, until } from '../support/threads/linked.ts';

/** Sends frames without waiting for room. */
async function sendEach(link: PoolLink, fill: FilledPool['fill'], times: readonly number[]) {
  const sends: Promise<void>[] = [];
  for (const time of times) sends.push(link.send(await fill(time)));
  return sends;
}

type Iteration = ReturnType<typeof receiveFrames>;

/** Takes and releases this many frames. Returns their times. */
async function timesOf(iteration: Iteration, count: number): Promise<number[]> {
  const times: number[] = [];
  while (times.length < count) {
    const { handle } = await take(iteration);
    times.push(handle.timestamp);
    handle.release();
  }
  return times;
}

describe('frames that are sent [C11]', () => {
  test.each([1, 3])(
    'wait in the pool beyond %i that may wait at the receiver, and arrive in order',
    async (highWaterMark) => {
      const { link, iteration, fill } = linkToReceiver('a decoded frame', 8, { highWaterMark });
      await link.opened;
      const sends = await sendEach(link, fill, [0, 1, 2, 3, 4, 5, 6, 7]);
      await until(() => [link.lentCount, link.waitingCount], [highWaterMark, 8 - highWaterMark]);
      expect(await timesOf(iteration, 1)).toEqual([0]);
      await until(() => [link.lentCount, link.waitingCount], [highWaterMark, 7 - highWaterMark]);
      expect(await timesOf(iteration, 7)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      await Promise.all(sends);
      await until(() => link.lentCount, 0);
    },
  );

  test('use all the room at the receiver, including room granted earlier', async () => {
    const { link, iteration, fill } = linkToReceiver('a decoded frame', 8, { highWaterMark: 3 });
    await link.opened;
    await link.send(await fill(0));
    expect(await timesOf(iteration, 1)).toEqual([0]);
    await until(() => link.lentCount, 0);
    const sends = await sendEach(link, fill, [1, 2, 3, 4]);
    await until(() => [link.lentCount, link.waitingCount], [3, 1]);
    expect(await timesOf(iteration, 4)).toEqual([1, 2, 3, 4]);
    await Promise.all(sends);
    await until(() => link.lentCount, 0);
  });

  test('are held up by the pool, not by a receiver that keeps its frames', async () => {
    const { pool, link, iteration, fill } = linkToReceiver('a decoded frame', 3);
    const held: FrameHandle[] = [];
    for (let time = 0; time < 3; time++) {
      await link.send(await fill(time));
      held.push((await take(iteration)).handle);
    }
    expect([held.length, pool.freeCount, link.waitingCount]).toEqual([3, 0, 0]);
    for (const handle of held) handle.release();
    await until(() => pool.lentCount, 0);
  });

  test('share one picture, or two if a share is held in this thread', async () => {
    const { pool, link, iteration, fill } = linkToReceiver('a decoded frame', 8);
    await link.opened;
    const frame = await fill(1);
    const stays = frame.retain('here');
    for (const sent of [frame, stays]) {
      await link.send(sent);
      const { handle } = await take(iteration);
      expect([livePictures(), pool.lentCount]).toEqual([sent === frame ? 2 : 1, 1]);
      handle.release();
      await until(() => link.lentCount, 0);
    }
  });

  test('go to pending next() calls, each once', async () => {
    const { link, iteration, fill } = linkToReceiver('a decoded frame', 8);
    const waiting = Promise.all([timesOf(iteration, 1), timesOf(iteration, 1)]);
    for (const time of [5, 6]) await link.send(await fill(time));
    expect(await waiting).toEqual([[5], [6]]);
  });

  test('leave the caller as soon as send() is called, even if it rejects', async () => {
    const { pool, link, fill } = linkToReceiver('a decoded frame', 8);
    const handle = await fill(1);
    const sending = link.send(handle, () => {});
    expect(handle.released).toBe(true);
    await expect(sending).rejects.toMatchObject({ name: 'DataCloneError' });
    expect(pool.lentCount).toBe(0);
    await link.opened;
    await until(() => link.state, 'open');
    await expect(link.send(await fill(2), Symbol('none'))).rejects.toMatchObject({ name: 'DataCloneError' });
    expect([pool.lentCount, link.lentCount]).toEqual([0, 0]);
  });

  test('arrive with data as it was at the call, and with transferred objects', async () => {
    const { link, iteration, fill } = linkToReceiver('a decoded frame', 8);
    const data = { boxes: [1, 2], bytes: new Uint8Array([1, 2, 3]) };
    // Twice: the first send waits for the other side, the second is posted at once.
    for (let round = 0; round < 2; round++) {
      const bytes = new Uint8Array([round, 2, 3]);
      data.bytes = bytes;
      const sending = link.send(await fill(round), data, { transfer: [bytes.buffer] });
      data.boxes.push(round);
      expect(bytes.length).toBe(0);
      const { handle, data: received } = await take(iteration);
      await sending;
      const boxes = round === 0 ? [1, 2] : [1, 2, 0];
      expect(received).toEqual({ boxes, bytes: new Uint8Array([round, 2, 3]) });
      handle.release();
    }
  });

  test('of several pools arrive in one iteration, which ends with the last link', async () => {
    const holder = await Holder.start();
    const pools = KINDS.map((kind) => {
      const filled = poolOfKind(kind);
      return { ...filled, link: connectPool(filled.pool, holder.worker) };
    });
    for (const [index, { link, fill }] of pools.entries()) await holder.lend(link, await fill(index));
    expect(await holder.ask('received')).toHaveLength(KINDS.length);
    for (const [index, { link }] of pools.entries()) {
      await holder.ask('release first');
      await until(() => link.lentCount, 0);
      const lent = KINDS.map((_, other) => (other > index ? 1 : 0));
      expect(pools.map(({ pool }) => pool.lentCount)).toEqual(lent);
      link.close();
      expect(await link.closed).toBe('closed');
    }
    await until(async () => (await holder.ask<unknown[]>('received')).at(-1), 'over');
    await holder.finish();
  });

  test('go to one iteration an endpoint: a second one is refused while the first runs', async () => {
    const { port1, port2 } = new MessageChannel();
    const first = receiveFrames(port1);
    expect(() => receiveFrames(port1)).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    await first.return?.();
    await receiveFrames(port1).return?.();
    port2.close();
  });
});

describe('a frame from another thread', () => {
  test('can be copied into a pool of its new thread, but not adopted there [C13]', async () => {
    const { link, iteration, fill } = linkToReceiver('a decoded frame', 8);
    const thumbnails = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 16, height: 12 }) });
    const adopting = new VideoFramePool({ capacity: 1 });
    await link.send(await fill(1));
    const { handle } = await take(iteration);
    const copy = await handle.copyTo(thumbnails);
    expect([...copy.context.getImageData(8, 6, 1, 1).data]).toEqual([200, 100, 50, 255]);
    expect(() => adopting.adopt(handle.frame)).toThrow(TypeError);
    await expect(connectPool(adopting, new MessageChannel().port1).send(handle)).rejects.toThrow(TypeError);
    copy.release();
    handle.release();
    expect(() => handle.frame).toThrow('was released');
  });

  test('stays open for the next reader if one holder closed it [C13] [fault: frame taken away]', async () => {
    const { link, iteration, fill } = linkToReceiver('a decoded frame', 8);
    await link.send(await fill(1));
    const { handle } = await take(iteration);
    const second = handle.retain('second');
    handle.frame.close();
    expect(second.frame.codedWidth).toBe(64);
    handle.release();
    second.release();
  });
});

describe('receiving ends [C10]', () => {
  const ENOUGH = new Error('enough');
  const WAYS: Record<string, (iteration: Iteration, aborting: AbortController) => unknown> = {
    'by return()': (iteration) => iteration.return?.(),
    'by throw()': (iteration) => iteration.throw?.(ENOUGH).catch(() => {}),
    'by an abort': (iteration, aborting) => {
      aborting.abort(ENOUGH);
      return iteration.next().catch(() => {});
    },
  };

  test.each(Object.entries(WAYS))(
    '%s with frames that have arrived, and frames in transit',
    async (_, finish) => {
      const aborting = new AbortController();
      const options = { highWaterMark: 4, signal: aborting.signal };
      const { pool, link, iteration, fill } = linkToReceiver('a decoded frame', 8, options);
      for (let time = 0; time < 4; time++) await link.send(await fill(time));
      const waiting = link.send(await fill(4));
      waiting.catch(() => {});
      await timesOf(iteration, 1);
      await finish(iteration, aborting);
      expect(await link.closed).toBe('left');
      expect(pool.lentCount).toBe(0);
      expect(await iteration.next()).toEqual({ done: true, value: undefined });
    },
  );

  test('by return() during a pending next()', async () => {
    const { link, iteration } = linkToReceiver('a decoded frame', 8);
    const pending = iteration.next();
    await link.opened;
    await iteration.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await link.closed).toBe('left');
  });

  test('by an abort during a pending next(), with its reason, and once', async () => {
    const aborting = new AbortController();
    const { link, iteration } = linkToReceiver('memory', 1, { signal: aborting.signal });
    const pending = [iteration.next(), iteration.next()];
    await link.opened;
    aborting.abort(new Error('enough'));
    await expect(pending[0]).rejects.toThrow('enough');
    expect(await pending[1]).toEqual({ done: true, value: undefined });
  });

  test('before it begins, if the signal was aborted before', async () => {
    const { iteration } = linkToReceiver('memory', 1, { signal: AbortSignal.abort(new Error('never')) });
    await expect(iteration.next()).rejects.toThrow('never');
    expect((await iteration.next()).done).toBe(true);
  });
});

test.each([
  ['a decoded frame', 10_000],
  ['a canvas', 2000],
  ['memory', 2000],
  ['shared memory', 2000],
])('%s makes the round trip %i times, and none is lost [C11]', { timeout: 180_000 }, async (kind, trips) => {
  const { pool, fill, link } = await linkToWorker(kind, 4);
  let back = 0;
  let onReturn = (): void => {};
  pool.setListener(() => {
    back++;
    onReturn();
  });
  for (let trip = 0; trip < trips; trip++) {
    if (pool.freeCount === 0) await new Promise<void>((resolve) => (onReturn = resolve));
    await link.send(await fill(trip), 'release');
  }
  await until(() => back, trips);
  const nothing = { lost: 0, recovered: 0, discarded: 0, lentCount: 0 };
  expect(pool.stats()).toMatchObject({ released: trips, ...nothing });
  expect([link.lentCount, link.refusedCount]).toEqual([0, 0]);
  link.close();
  expect(await link.closed).toBe('closed');
});
