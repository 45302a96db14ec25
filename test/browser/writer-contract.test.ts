/** The writer's contract, call by call: once in a window, and once in a dedicated worker. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MEDIA_CASES } from '../support/writer/cases-media.ts';
import { SINK_CASES } from '../support/writer/cases-sink.ts';
import type { Answer } from '../support/writer/cases-worker.ts';

const CASES = { ...MEDIA_CASES, ...SINK_CASES };

describe('in a window', () => {
  test.each(Object.entries(CASES))('%s', async (_, run) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe('in a worker', () => {
  let worker: Worker;
  const next = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => resolve(data), { once: true });
      worker.addEventListener('error', ({ message }) => reject(new Error(message)), { once: true });
    });

  beforeAll(async () => {
    worker = new Worker(new URL('../support/writer/cases-worker.ts', import.meta.url), { type: 'module' });
    expect(await next()).toBe('ready');
  });

  afterAll(() => worker.terminate());

  test.each(Object.keys(CASES))('%s', async (name) => {
    const answer = next();
    worker.postMessage(name);
    const { opened, ...rest } = (await answer) as Answer;
    expect(rest).toEqual({ error: null, open: [], closed: opened });
  });
});
