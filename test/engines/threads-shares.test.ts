/** Tests of frames that are held in a worker: sending, shares on both sides, returning. */
import { describe, expect, test } from 'vitest';
import { COLOUR, KINDS, linkToWorker, until } from '../support/threads/linked.ts';

/** The order in which the share in this thread and the two in the worker are released. */
const ORDERS = [
  ['here', 'there', 'there'],
  ['there', 'here', 'there'],
  ['there', 'there', 'here'],
] as const;

describe.each(KINDS)('%s that was sent [C11]', (kind) => {
  test.each(ORDERS)('returns after the last of all shares: %s, %s, %s', async (...order) => {
    const { pool, notices, fill, link, holder } = await linkToWorker(kind, 2);
    const handle = await fill(1000);
    const here = handle.retain('here');
    await holder.lend(link, handle);
    expect(handle.released).toBe(true);
    expect(await holder.ask('retain')).toBe(2);
    expect(await holder.ask('read')).toEqual([...COLOUR, 255]);
    expect(pool.holders().map((report) => report.holder)).toEqual(['here', 'worker']);
    for (const [index, place] of order.entries()) {
      expect(pool.lentCount).toBe(1);
      expect(notices).toEqual([]);
      if (place === 'here') here.release();
      else await holder.ask('release first');
      if (index === order.lastIndexOf('there')) await until(() => link.lentCount, 0);
      expect(pool.lentCount).toBe(index === 2 ? 0 : 1);
    }
    await until(() => notices.length, 1);
    expect(notices).toEqual([{ reason: 'released', discarded: false, freeCount: 2, holders: [] }]);
    link.close();
    expect(await link.closed).toBe('closed');
  });

  test('arrives with its time, its data and its name', async () => {
    const { pool, fill, link, holder } = await linkToWorker(kind, 1, { name: 'analysis' });
    await holder.lend(link, await fill(-500, 'camera'), { frame: 7 });
    expect(await holder.ask('received')).toEqual([
      { data: { frame: 7 }, timestamp: -500, duration: 40, holder: 'camera' },
    ]);
    expect(pool.holders()).toMatchObject([{ holder: 'analysis', shares: 1, timestamp: -500 }]);
    await holder.ask('release first');
    await until(() => pool.lentCount, 0);
    link.close();
    expect(await link.closed).toBe('closed');
  });
});
