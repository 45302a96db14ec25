import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { inNextTask } from '../../src/base/next-task.ts';

/** Channels that keep this process alive. */
const openPorts = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;

describe('inNextTask()', () => {
  test('calls back after all microtasks, in order, each call in a task of its own', async () => {
    const order: string[] = [];
    const done = new Promise<void>((resolve) => {
      for (const name of ['first', 'second']) {
        inNextTask(() => {
          order.push(name);
          queueMicrotask(() => order.push(`microtask of the ${name}`));
        });
      }
      inNextTask(resolve);
    });
    queueMicrotask(() => order.push('microtask'));
    await done;
    expect(order).toEqual([
      'microtask',
      'first',
      'microtask of the first',
      'second',
      'microtask of the second',
    ]);
  });

  test('keeps a Node process alive while a call is pending, and no longer', async () => {
    await new Promise<void>(inNextTask);
    const idle = openPorts();
    const first = new Promise<void>(inNextTask);
    const second = new Promise<void>(inNextTask);
    expect(openPorts()).toBe(idle + 1);
    await first;
    expect(openPorts()).toBe(idle + 1);
    await second;
    expect(openPorts()).toBe(idle);
  });
});
