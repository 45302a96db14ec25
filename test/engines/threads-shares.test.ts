/** A pool whose frames are held in a worker: the way there, shares on both sides, the way home. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PoolLink, PoolNotice } from '../../src/index.ts';
import { connectPool } from '../../src/index.ts';
import { Holder, until } from '../support/threads/holder.ts';
import { COLOUR, KINDS, poolOfKind } from '../support/threads/pools.ts';

let holder: Holder;

beforeEach(async () => {
  holder = await Holder.start();
});
afterEach(() => holder.finish());

/** In which order the share that stayed here, and the two in the worker, are released. */
const ORDERS = [
  ['here', 'there', 'there'],
  ['there', 'here', 'there'],
  ['there', 'there', 'here'],
] as const;

async function ended(link: PoolLink): Promise<void> {
  link.close();
  expect(await link.closed).toBe('closed');
  expect(link.refusedCount).toBe(0);
}

describe.each(KINDS)('%s that was sent [C11]', (kind) => {
  test.each(ORDERS)('is home after the last of all shares: %s, %s, %s', async (...order) => {
    const { pool, fill } = poolOfKind(kind, 2);
    const notices: PoolNotice[] = [];
    pool.setListener((notice) => notices.push(notice));
    const link = connectPool(pool, holder.worker);
    const handle = await fill(1000);
    const here = handle.retain('here');
    await holder.lend(link, handle);
    expect(handle.released).toBe(true);
    expect(await holder.ask('retain')).toBe(2);
    expect(await holder.ask('read')).toEqual([...COLOUR, 255]);
    expect(pool.holders().map((report) => report.holder)).toEqual(['here', 'worker']);
    let inWorker = 2;
    for (const [index, place] of order.entries()) {
      expect(pool.lentCount).toBe(1);
      expect(notices).toEqual([]);
      if (place === 'here') {
        here.release();
      } else {
        await holder.ask('release first');
        if (--inWorker === 0) await until(() => link.lentCount, 0);
      }
      expect(pool.lentCount).toBe(index === 2 ? 0 : 1);
    }
    await until(() => notices.length, 1);
    expect(notices).toEqual([{ reason: 'released', discarded: false, freeCount: 2, holders: [] }]);
    await ended(link);
    pool.close();
  });

  test('comes there with its time, its data and its name', async () => {
    const { pool, fill } = poolOfKind(kind, 1);
    const link = connectPool(pool, holder.worker, { name: 'analysis' });
    await holder.lend(link, await fill(-500, 'camera'), { frame: 7 });
    expect(await holder.ask('received')).toEqual([
      { data: { frame: 7 }, timestamp: -500, duration: 40, holder: 'camera' },
    ]);
    expect(pool.holders()).toMatchObject([{ holder: 'analysis', shares: 1, timestamp: -500 }]);
    await holder.ask('release first');
    await until(() => pool.lentCount, 0);
    await ended(link);
    pool.close();
  });
});
