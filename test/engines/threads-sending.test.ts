/** How frames go over: in order, as there is room, with data; many of them. */
import { describe, expect, test } from 'vitest';
import type {
  FrameHandle,
  PoolLink,
  ReceiveFramesOptions,
  Storage,
  VideoFramePool,
} from '../../src/index.ts';
import { canvasStorage, connectPool, receiveFrames, VideoFramePool as Pool } from '../../src/index.ts';
import { livePictures } from '../support/accounting.ts';
import { Holder, until } from '../support/threads/holder.ts';
import { KINDS, poolOfKind } from '../support/threads/pools.ts';

interface Pair {
  readonly pool: VideoFramePool<Storage>;
  readonly link: PoolLink;
  readonly iteration: ReturnType<typeof receiveFrames>;
  fill(timestamp: number, holder?: string): Promise<FrameHandle<Storage>>;
  /** Ends both sides; nothing is lent. */
  end(): Promise<void>;
}

/** Both sides in this thread, with a channel between them. */
function pair(kind = 'a decoded frame', capacity = 8, options: ReceiveFramesOptions = {}): Pair {
  const { pool, fill } = poolOfKind(kind, capacity);
  const { port1, port2 } = new MessageChannel();
  const link = connectPool(pool, port1);
  const iteration = receiveFrames(port2, options);
  const end = async (): Promise<void> => {
    link.close();
    await iteration.return?.();
    await link.closed;
    pool.assertNoLeaks();
    pool.close();
  };
  return { pool, link, iteration, fill, end };
}

const timesOf = async (iteration: Pair['iteration'], count: number): Promise<number[]> => {
  const times: number[] = [];
  while (times.length < count) {
    const { value } = await iteration.next();
    if (value === undefined) break;
    times.push(value.handle.timestamp);
    value.handle.release();
  }
  return times;
};

describe('frames that are sent [C11]', () => {
  test.each([1, 3])(
    'wait in the pool beyond %i that may wait over there, and arrive in order',
    async (ahead) => {
      const { link, iteration, fill, end } = pair('a decoded frame', 8, { ahead });
      await link.opened;
      const sends: Promise<void>[] = [];
      for (let time = 0; time < 8; time++) sends.push(link.send(await fill(time)));
      await until(() => [link.lentCount, link.waitingCount], [ahead, 8 - ahead]);
      expect(await timesOf(iteration, 1)).toEqual([0]);
      await until(() => [link.lentCount, link.waitingCount], [ahead, 7 - ahead]);
      expect(await timesOf(iteration, 7)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      await Promise.all(sends);
      await until(() => link.lentCount, 0);
      await end();
    },
  );

  test('find all the room that there is over there, also what was not used before', async () => {
    const { link, iteration, fill, end } = pair('a decoded frame', 8, { ahead: 3 });
    await link.opened;
    await link.send(await fill(0));
    expect(await timesOf(iteration, 1)).toEqual([0]);
    await until(() => link.lentCount, 0);
    const sends: Promise<void>[] = [];
    for (let time = 1; time <= 4; time++) sends.push(link.send(await fill(time)));
    await until(() => [link.lentCount, link.waitingCount], [3, 1]);
    expect(await timesOf(iteration, 4)).toEqual([1, 2, 3, 4]);
    await Promise.all(sends);
    await until(() => link.lentCount, 0);
    await end();
  });

  test('are not held up by who keeps what he took, but by the pool', async () => {
    const { pool, link, iteration, fill, end } = pair('a decoded frame', 3);
    const held: FrameHandle<Storage>[] = [];
    for (let time = 0; time < 3; time++) {
      await link.send(await fill(time));
      const { value } = await iteration.next();
      if (value !== undefined) held.push(value.handle);
    }
    expect([held.length, pool.freeCount, link.waitingCount]).toEqual([3, 0, 0]);
    for (const handle of held) handle.release();
    await until(() => pool.lentCount, 0);
    await end();
  });

  test('are one picture, and two where a share stayed here', async () => {
    const { pool, link, iteration, fill, end } = pair();
    await link.opened;
    const frame = await fill(1);
    const stays = frame.retain('here');
    for (const [handle, pictures] of [
      [frame, 2],
      [stays, 1],
    ] as const) {
      await link.send(handle);
      const { value } = await iteration.next();
      expect([livePictures(), pool.lentCount]).toEqual([pictures, 1]);
      value?.handle.release();
      await until(() => link.lentCount, 0);
    }
    await end();
  });

  test('are taken by who waits already, each once', async () => {
    const { link, iteration, fill, end } = pair();
    const waiting = [iteration.next(), iteration.next()];
    for (const time of [5, 6]) await link.send(await fill(time));
    const times = (await Promise.all(waiting)).map(({ value }) => {
      value?.handle.release();
      return value?.handle.timestamp;
    });
    expect(times).toEqual([5, 6]);
    await end();
  });

  test('are gone from here as soon as send() is called, whatever becomes of it', async () => {
    const { pool, link, fill, end } = pair();
    const handle = await fill(1);
    const sending = link.send(handle, () => {});
    expect(handle.released).toBe(true);
    await expect(sending).rejects.toMatchObject({ name: 'DataCloneError' });
    expect(pool.lentCount).toBe(0);
    await link.opened;
    await until(() => link.state, 'open');
    await expect(link.send(await fill(2), Symbol('none'))).rejects.toMatchObject({ name: 'DataCloneError' });
    expect([pool.lentCount, link.lentCount]).toEqual([0, 0]);
    await end();
  });

  test('bring data as it was at the call, and what is transferred with it', async () => {
    const { link, iteration, fill, end } = pair();
    const data = { boxes: [1, 2], bytes: new Uint8Array([1, 2, 3]) };
    // Twice: one waits until the other side is there, the other is posted at once.
    for (let round = 0; round < 2; round++) {
      const bytes = new Uint8Array([round, 2, 3]);
      data.bytes = bytes;
      const sending = link.send(await fill(round), data, { transfer: [bytes.buffer] });
      data.boxes.push(round);
      expect(bytes.length).toBe(0);
      const { value } = await iteration.next();
      await sending;
      expect(value?.data).toEqual({
        boxes: round === 0 ? [1, 2] : [1, 2, 0],
        bytes: new Uint8Array([round, 2, 3]),
      });
      value?.handle.release();
    }
    await end();
  });

  test('of several pools come into one iteration, which is over with the last link', async () => {
    const holder = await Holder.start();
    const pools = KINDS.map((kind) => {
      const filled = poolOfKind(kind, 1);
      return { ...filled, link: connectPool(filled.pool, holder.worker) };
    });
    for (const [index, { link, fill }] of pools.entries()) await holder.lend(link, await fill(index));
    expect(await holder.ask('received')).toHaveLength(KINDS.length);
    for (const [index, { link }] of pools.entries()) {
      await holder.ask('release first');
      await until(() => link.lentCount, 0);
      expect(pools.map(({ pool }) => pool.lentCount)).toEqual(
        KINDS.map((_, other) => (other > index ? 1 : 0)),
      );
      link.close();
      expect(await link.closed).toBe('closed');
    }
    await expect.poll(async () => (await holder.ask<unknown[]>('received')).at(-1)).toBe('over');
    await holder.finish();
    for (const { pool } of pools) pool.close();
  });

  test('are received once an end: a second iteration is refused while the first runs', async () => {
    const { port1, port2 } = new MessageChannel();
    const first = receiveFrames(port1);
    expect(() => receiveFrames(port1)).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    await first.return?.();
    const second = receiveFrames(port1);
    await second.return?.();
    port2.close();
  });
});

describe('a frame from another thread', () => {
  test('is copied into a pool of its new thread, and is no frame to be handed over there [C13]', async () => {
    const { link, iteration, fill, end } = pair();
    const thumbnails = new Pool({ capacity: 1, storage: canvasStorage({ width: 16, height: 12 }) });
    const adopting = new Pool({ capacity: 1 });
    await link.send(await fill(1));
    const { value } = await iteration.next();
    const handle = value?.handle as FrameHandle;
    const copy = await handle.copyTo(thumbnails);
    expect([...copy.context.getImageData(8, 6, 1, 1).data]).toEqual([200, 100, 50, 255]);
    expect(() => adopting.adopt(handle.frame)).toThrow(TypeError);
    await expect(connectPool(adopting, new MessageChannel().port1).send(handle)).rejects.toThrow(TypeError);
    copy.release();
    handle.release();
    expect(() => handle.frame).toThrow('was released');
    await end();
  });

  test('is whole for the next reader when one holder closed it [C13]', async () => {
    const { link, iteration, fill, end } = pair();
    await link.send(await fill(1));
    const { value } = await iteration.next();
    const handle = value?.handle as FrameHandle;
    const second = handle.retain('second');
    handle.frame.close();
    expect(second.frame.codedWidth).toBe(64);
    handle.release();
    second.release();
    await end();
  });
});

describe('receiving ends [C10]', () => {
  const WAYS: Record<string, (iteration: Pair['iteration'], aborting: AbortController) => Promise<unknown>> =
    {
      'by return()': (iteration) => iteration.return?.() ?? Promise.resolve(),
      'by throw()': (iteration) =>
        (iteration.throw?.(new Error('enough')) ?? Promise.resolve()).catch(() => {}),
      'by an abort': (iteration, aborting) => {
        aborting.abort(new Error('enough'));
        return iteration.next().catch(() => {});
      },
    };

  test.each(Object.entries(WAYS))(
    '%s with frames that came, and frames that are on their way',
    async (_, finish) => {
      const aborting = new AbortController();
      const { pool, link, iteration, fill, end } = pair('a decoded frame', 8, {
        ahead: 4,
        signal: aborting.signal,
      });
      for (let time = 0; time < 4; time++) await link.send(await fill(time));
      const waiting = link.send(await fill(4));
      waiting.catch(() => {});
      await timesOf(iteration, 1);
      await finish(iteration, aborting);
      expect(await link.closed).toBe('left');
      expect(pool.lentCount).toBe(0);
      expect(await iteration.next()).toEqual({ done: true, value: undefined });
      await end();
    },
  );

  test('by return() while a next() is pending', async () => {
    const { link, iteration, end } = pair();
    const pending = iteration.next();
    await link.opened;
    await iteration.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await link.closed).toBe('left');
    await end();
  });

  test('by an abort while a next() is pending, with its reason, and once', async () => {
    const aborting = new AbortController();
    const { link, iteration, end } = pair('memory', 1, { signal: aborting.signal });
    const pending = [iteration.next(), iteration.next()];
    await link.opened;
    aborting.abort(new Error('enough'));
    await expect(pending[0]).rejects.toThrow('enough');
    expect(await pending[1]).toEqual({ done: true, value: undefined });
    await end();
  });

  test('before it began, where the signal has fired', async () => {
    const { end, iteration } = pair('memory', 1, { signal: AbortSignal.abort(new Error('never')) });
    await expect(iteration.next()).rejects.toThrow('never');
    expect((await iteration.next()).done).toBe(true);
    await end();
  });
});

test.each([
  ['a decoded frame', 10_000],
  ['a canvas', 2000],
  ['memory', 2000],
  ['shared memory', 2000],
])(
  '%s makes the way there and back: %i times, and none is lost [C11]',
  { timeout: 180_000 },
  async (kind, trips) => {
    const { pool, fill } = poolOfKind(kind, 4);
    const holder = await Holder.start();
    const link = connectPool(pool, holder.worker);
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
    expect(pool.stats()).toMatchObject({
      released: trips,
      lost: 0,
      recovered: 0,
      discarded: 0,
      lentCount: 0,
    });
    expect([link.lentCount, link.refusedCount]).toEqual([0, 0]);
    link.close();
    expect(await link.closed).toBe('closed');
    await holder.finish();
    pool.close();
  },
);
