import { describe, expect, test } from 'vitest';
import { Ledger } from '../../src/pool/ledger.ts';
import { WaitQueue } from '../../src/pool/wait-queue.ts';

describe('[C3] frames beyond the capacity', () => {
  test('are within it once it has grown, and free no slot twice', () => {
    const ledger = new Ledger(1, Infinity);
    ledger.lend();
    ledger.lend(true);
    ledger.lend(true);
    expect([ledger.free, ledger.lent, ledger.overcommitted]).toEqual([0, 3, 2]);
    ledger.resize(3);
    expect([ledger.free, ledger.lent, ledger.overcommitted]).toEqual([0, 3, 0]);
    ledger.takeBack('lent');
    expect([ledger.free, ledger.lent, ledger.capacity]).toEqual([1, 2, 3]);
  });

  test('are none while a slot is free', () => {
    const ledger = new Ledger(2, Infinity);
    ledger.lend(true);
    expect([ledger.free, ledger.overcommitted]).toEqual([1, 0]);
  });
});

describe('[edge 8] a waiter', () => {
  function waiting() {
    const log: string[] = [];
    const waiter = (name: string, onFailure = () => {}) => ({
      grant: () => void log.push(`${name} granted`),
      fail: (reason: unknown) => {
        log.push(`${name} failed: ${String(reason)}`);
        onFailure();
      },
    });
    return { waiters: new WaitQueue(), controller: new AbortController(), log, waiter };
  }

  test('gets nothing once its signal has fired, though another listener releases first', () => {
    const { waiters, log, waiter, controller } = waiting();
    controller.signal.addEventListener('abort', () => waiters.wakeFirst());
    waiters.enqueue(waiter('first'), controller.signal);
    waiters.enqueue(waiter('second'));
    controller.abort('gave up');
    expect(log).toEqual(['first failed: gave up', 'second granted']);
    expect(waiters.length).toBe(0);
  });

  test('fails by its own signal, and a caller from inside the abort waits on', () => {
    const { waiters, log, waiter, controller } = waiting();
    controller.signal.addEventListener('abort', () => waiters.rejectAll(() => 'the end'));
    waiters.enqueue(waiter('first'), controller.signal);
    waiters.enqueue(waiter('last', () => waiters.enqueue(waiter('later'))));
    controller.abort('gave up');
    expect(log).toEqual(['first failed: gave up', 'last failed: the end']);
    expect(waiters.length).toBe(1);
    waiters.wakeFirst();
    expect(log.slice(2)).toEqual(['later granted']);
  });
});
