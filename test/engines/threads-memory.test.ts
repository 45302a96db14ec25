/** Tests of memory that is sent to another thread and returned: transferred, copied, or shared. */
import { expect, test } from 'vitest';
import type { FrameHandle, MemoryStorage } from '../../src/index.ts';
import { connectPool, memoryStorage, receiveFrames, VideoFramePool } from '../../src/index.ts';
import { linkToReceiver, linkToWorker, take, until } from '../support/threads/linked.ts';

const asMemory = (handle: unknown): FrameHandle<MemoryStorage> => handle as FrameHandle<MemoryStorage>;

test('memory moves there and back: one buffer serves a hundred round trips [C11]', async () => {
  const { pool, fill, link } = await linkToWorker('memory', 1);
  for (let trip = 0; trip < 100; trip++) {
    const handle = await fill(trip);
    const { data } = asMemory(handle);
    expect(data.length).toBe(64 * 48 * 4);
    await link.send(handle, 'release');
    expect(data.length).toBe(0);
    await until(() => pool.lentCount, 0);
  }
  expect(pool.stats()).toMatchObject({ allocated: 1, reused: 99, discarded: 0, idleCount: 1 });
});

test('memory with another share in this thread is sent as a copy [C11]', async () => {
  const { pool, fill, link, holder } = await linkToWorker('memory', 1);
  const handle = await fill(1);
  const here = asMemory(handle.retain());
  await holder.lend(link, handle);
  await holder.ask('fill');
  expect(await holder.ask('read')).toEqual([77, 77, 77, 77]);
  expect(Array.from(here.data.subarray(0, 4))).toEqual([200, 100, 50, 255]);
  await holder.ask('release first');
  await until(() => link.lentCount, 0);
  expect(Array.from(here.data.subarray(0, 4))).toEqual([200, 100, 50, 255]);
  here.release();
  expect(pool.stats()).toMatchObject({ allocated: 1, idleCount: 1, discarded: 0 });
});

test('shared memory is one memory on both sides [C11]', async () => {
  const { pool, fill, link, holder } = await linkToWorker('shared memory', 1);
  const handle = await fill(1);
  const here = asMemory(handle.retain());
  await holder.lend(link, handle);
  await holder.ask('fill');
  expect(Array.from(here.data.subarray(0, 4))).toEqual([77, 77, 77, 77]);
  here.data.fill(5);
  expect(await holder.ask('read')).toEqual([5, 5, 5, 5]);
  here.release();
  await holder.ask('release first');
  await until(() => pool.lentCount, 0);
  expect(pool.stats()).toMatchObject({ allocated: 1, idleCount: 1, discarded: 0 });
});

test('memory that the other side transfers away is discarded and replaced [C13] [edge 7]', async () => {
  const { pool, fill, link, iteration } = linkToReceiver<MemoryStorage>('memory', 1);
  await link.send(await fill(1));
  const { handle } = await take(iteration);
  const buffer = handle.data.buffer as ArrayBuffer;
  expect(structuredClone(buffer, { transfer: [buffer] }).byteLength).toBe(64 * 48 * 4);
  const waiting = pool.acquire();
  handle.release();
  (await waiting).release();
  expect(pool.stats()).toMatchObject({ discarded: 1, allocated: 2, lentCount: 0 });
});

test('memory arrives with its picture’s properties, and makes the same frame there [edge 15]', async () => {
  const pool = new VideoFramePool({
    capacity: 1,
    storage: memoryStorage({ format: 'I420', codedWidth: 6, codedHeight: 4, rowAlignment: 8 }),
  });
  const { port1, port2 } = new MessageChannel();
  const link = connectPool(pool, port1);
  const iteration = receiveFrames<MemoryStorage>(port2);
  const handle = await pool.acquire();
  handle.data.forEach((_, index, data) => (data[index] = index));
  const before = [...handle.data];
  const facts = (of: FrameHandle<MemoryStorage>): unknown => [
    of.format,
    of.layout,
    of.colorSpace,
    [of.codedWidth, of.codedHeight, of.displayWidth, of.displayHeight],
    [of.rotation, of.flip],
  ];
  const properties = facts(handle);
  await link.send(handle);
  const { handle: there } = await take(iteration);
  expect(facts(there)).toEqual(properties);
  expect([...there.data]).toEqual(before);
  const frame = there.toVideoFrame({ timestamp: 9 });
  expect([frame.format, frame.codedWidth, frame.timestamp]).toEqual(['I420', 6, 9]);
  frame.close();
  there.release();
  await until(() => pool.idleCount, 1);
  link.close();
  await iteration.return?.();
});

test('a kept view is empty after the last release, and cannot detach the memory [C5] [C11]', async () => {
  const { pool, fill, link, iteration } = linkToReceiver<MemoryStorage>('memory', 2, { highWaterMark: 2 });
  for (let index = 0; index < 2; index++) await link.send(await fill(index));
  for (const { handle } of [await take(iteration), await take(iteration)]) {
    const { data } = handle;
    handle.release();
    expect(data.length).toBe(0);
    expect(() => structuredClone(data.buffer, { transfer: [data.buffer as ArrayBuffer] })).toThrow(
      expect.objectContaining({ name: 'DataCloneError' }),
    );
  }
  await until(() => pool.lentCount, 0);
  expect(pool.stats()).toMatchObject({ idleCount: 2, discarded: 0 });
});
