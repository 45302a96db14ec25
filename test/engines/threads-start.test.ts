/** Tests of workers that throw, or cannot be loaded, before they receive frames. */
import { expect, onTestFinished, test } from 'vitest';
import { connectPool } from '../../src/index.ts';
import { poolOfKind } from '../support/threads/linked.ts';

/** A worker whose error the page does not report as its own. */
function workerAt(url: string): Worker {
  const worker = new Worker(url);
  worker.addEventListener('error', (event) => event.preventDefault());
  onTestFinished(() => worker.terminate());
  return worker;
}

const urlOf = (script: string): string =>
  URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));

function workerOf(script: string): Worker {
  const url = urlOf(script);
  onTestFinished(() => URL.revokeObjectURL(url));
  return workerAt(url);
}

/** A worker at a revoked address. */
function lostWorker(): Worker {
  const url = urlOf('');
  URL.revokeObjectURL(url);
  return workerAt(url);
}

test.each([
  ['throws', () => workerOf('throw new Error("no such model");'), 'OperationError', 'no such model'],
  ['is not found', lostWorker, 'NetworkError', 'could not be loaded'],
])(
  'a worker whose script %s refuses the link, and pending sends are released [C10] [C11]',
  async (_, make, name, words) => {
    const { pool, fill } = poolOfKind('a decoded frame', 2);
    const link = connectPool(pool, make(), { name: 'analysis' });
    const sent = link.send(await fill(1));
    const refusal = { name, message: expect.stringMatching(new RegExp(`^link "analysis": .*${words}`, 'u')) };
    await expect(sent).rejects.toMatchObject(refusal);
    await expect(link.opened).rejects.toMatchObject(refusal);
    expect([await link.closed, link.state, pool.lentCount]).toEqual(['refused', 'closed', 0]);
    await expect(link.send(await fill(2))).rejects.toMatchObject(refusal);
    expect(pool.lentCount).toBe(0);
  },
);

test('an error after the worker has responded leaves the link open', async () => {
  const { pool } = poolOfKind();
  const worker = new Worker(new URL('../support/threads/holder-worker.ts', import.meta.url), {
    type: 'module',
  });
  onTestFinished(() => worker.terminate());
  const link = connectPool(pool, worker);
  await link.opened;
  worker.dispatchEvent(new ErrorEvent('error', { message: 'later', cancelable: true }));
  expect(link.state).toBe('open');
  link.close();
  expect(await link.closed).toBe('closed');
});
