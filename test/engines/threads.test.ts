/**
 * Tests of the platform features that sharing between threads needs: module workers, transferred frames and memory,
 * locks that end with a worker.
 */
import { describe, expect, test } from 'vitest';
import type { Order } from '../support/engine-worker.ts';
import { colourFrame } from '../support/frames.ts';

const start = (): Worker =>
  new Worker(new URL('../support/engine-worker.ts', import.meta.url), { type: 'module' });

/** Sends an order. Resolves with the worker's reply. */
function ask(worker: Worker, order: Order, transfer: Transferable[] = []): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => resolve(data), { once: true });
    worker.addEventListener('messageerror', () => reject(new Error('unreadable')), { once: true });
    worker.addEventListener('error', ({ message }) => reject(new Error(message)), { once: true });
    worker.postMessage(order, transfer);
  });
}

const lockNames = async (): Promise<(string | undefined)[]> =>
  ((await navigator.locks.query()).held ?? []).map(({ name }) => name);

describe('a module worker', () => {
  test('takes a transferred frame, and writes into shared memory', async () => {
    expect(crossOriginIsolated).toBe(true);
    const worker = start();
    const frame = colourFrame([1, 2, 3], { width: 48, timestamp: 1_234_567_890_123 });
    const into = new Int32Array(new SharedArrayBuffer(4));
    expect(await ask(worker, { kind: 'read', frame, into }, [frame])).toBe(1_234_567_890_123);
    expect(frame.codedWidth).toBe(0);
    expect(Atomics.load(into, 0)).toBe(48);
    worker.terminate();
  });

  test('holds a lock until terminate() releases it', async () => {
    const worker = start();
    const name = 'held by a worker';
    expect(await ask(worker, { kind: 'lock', name })).toBe('locked');
    expect(await lockNames()).toContain(name);
    const free = navigator.locks.request(name, () => 'mine');
    worker.terminate();
    expect(await free).toBe('mine');
    expect(await lockNames()).not.toContain(name);
  });
});
