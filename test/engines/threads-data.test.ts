/** Tests of data that is sent with a frame: copied at the call, and its frames closed if the send fails. */
import { expect, test } from 'vitest';
import { receiveFrames } from '../../src/index.ts';
import { colourFrame } from '../support/frames.ts';
import { linkToPort, linkToReceiver, take, until } from '../support/threads/linked.ts';

test('data whose getters send and close keeps every frame in order, and returns all [C11]', async () => {
  const { pool, fill, link, iteration } = linkToReceiver('a decoded frame', 3, { highWaterMark: 4 });
  const inner = await fill(1);
  const sends: Promise<void>[] = [];
  const seen: number[] = [];
  const reading = (async () => {
    for await (const { handle } of iteration) {
      seen.push(handle.timestamp);
      handle.release();
    }
  })();
  await link.send(await fill(0));
  const sending = {
    get again(): number {
      return sends.push(link.send(inner));
    },
  };
  sends.push(link.send(await fill(2), sending));
  await Promise.all(sends);
  await until(() => pool.lentCount, 0);
  await link.send(await fill(3));
  await until(() => seen, [0, 1, 2, 3]);
  const abandoning = {
    get gone(): string {
      link.abort();
      return 'gone';
    },
  };
  await expect(link.send(await fill(4), abandoning)).rejects.toThrow('has ended');
  expect([pool.lentCount, link.lentCount, link.refusedCount]).toEqual([0, 0, 0]);
  await reading;
});

test('data is copied at the call, even if it waits, and its buffers stay attached', async () => {
  const { pool, fill, link, port2 } = linkToPort('a decoded frame', 2);
  const bytes = new Uint8Array([1, 2, 3]);
  const data = new Map<string, unknown>([
    ['bytes', bytes],
    ['same', bytes.buffer],
    ['shared', new SharedArrayBuffer(2)],
    ['set', new Set([new Date(7), 1n])],
  ]);
  data.set('itself', data);
  const sending = link.send(await fill(1), data);
  bytes.fill(9);
  data.delete('set');
  const iteration = receiveFrames(port2);
  await sending;
  const { handle, data: received } = await take(iteration);
  const there = received as typeof data;
  const copy = there.get('bytes') as Uint8Array;
  expect([...copy]).toEqual([1, 2, 3]);
  expect(there.get('same')).toBe(copy.buffer);
  expect(there.get('itself')).toBe(there);
  expect([...(there.get('set') as Set<unknown>)]).toEqual([new Date(7), 1n]);
  expect([bytes.length, (there.get('shared') as SharedArrayBuffer).byteLength]).toEqual([3, 2]);
  handle.release();
  await until(() => pool.lentCount, 0);
});

test('a frame in the data is copied at the call, and closed if the send fails [C10]', async () => {
  const { pool, fill, link } = linkToPort('memory', 2);
  const closed: VideoFrame[] = [];
  const { close } = VideoFrame.prototype;
  const own = colourFrame([1, 2, 3], { timestamp: 5 });
  const moved = colourFrame([1, 2, 3], { timestamp: 6 });
  const sends = [
    link.send(await fill(1), { deep: [new Map([['frame', own]])] }),
    link.send(await fill(2), moved, { transfer: [moved] }),
  ];
  VideoFrame.prototype.close = function closeNoted(): void {
    closed.push(this);
    close.call(this);
  };
  const outcomes = Promise.allSettled(sends);
  link.close();
  VideoFrame.prototype.close = close;
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(closed).toMatchObject([5, 6].map((timestamp) => ({ timestamp, codedWidth: 0 })));
  expect([own.codedWidth, moved.codedWidth, pool.lentCount]).toEqual([64, 0, 0]);
  own.close();
  // It was transferred, so this only keeps the count of open frames right.
  moved.close();
});

const throwing = {
  get bad() {
    throw new DOMException('mine', 'DataCloneError');
  },
};

test.each([
  ['a function', () => 1],
  ['a symbol', Symbol('one')],
  ['a getter that throws', throwing],
])('%s in the data rejects with DataCloneError, and the frame returns [C11]', async (_, data) => {
  const { pool, fill, link, port2 } = linkToPort('memory', 2);
  // Both during a wait and with room.
  await expect(link.send(await fill(1), { part: data })).rejects.toMatchObject({ name: 'DataCloneError' });
  const iteration = receiveFrames(port2, { highWaterMark: 2 });
  await link.send(await fill(2));
  await expect(link.send(await fill(3), data)).rejects.toMatchObject({ name: 'DataCloneError' });
  expect(pool.lentCount).toBe(1);
  await iteration.return?.();
  expect([await link.closed, pool.lentCount]).toEqual(['left', 0]);
});
