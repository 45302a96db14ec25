import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { rejectionOf, thrownBy } from '../support/fake-outcomes.ts';

describe('ManualClock', () => {
  test('stands still until it is advanced', () => {
    const clock = new ManualClock(5);
    let fired = 0;
    clock.setTimeout(() => fired++, 10);
    expect([clock.now(), fired, clock.pendingCount]).toEqual([5, 0, 1]);
    clock.advance(9);
    expect([clock.now(), fired]).toEqual([14, 0]);
    clock.advance(1);
    expect([clock.now(), fired, clock.pendingCount]).toEqual([15, 1, 0]);
  });

  test('calls timers by time, with now() at each; equal times in the order of setting', () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b', 10],
    ] as const)
      clock.setTimeout(() => seen.push(`${name} at ${clock.now()}`), ms);
    clock.advance(100);
    expect(seen).toEqual(['a at 10', 'b at 10', 'c at 30']);
    expect(clock.now()).toBe(100);
  });

  test('calls timers that a timer sets within the advance, each once', () => {
    const clock = new ManualClock();
    const seen: number[] = [];
    const again = (): void => {
      seen.push(clock.now());
      clock.setTimeout(again, 0);
    };
    clock.setTimeout(again, 0);
    clock.advance(3);
    expect(seen).toEqual([1, 2, 3]);
    expect(clock.pendingCount).toBe(1);
  });

  test('clearTimeout() works also inside another timer, and does nothing afterwards', () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    clock.setTimeout(() => clock.clearTimeout(second), 10);
    const second = clock.setTimeout(() => seen.push('second'), 10);
    clock.advance(20);
    clock.clearTimeout(second);
    clock.clearTimeout(undefined);
    expect([seen, clock.pendingCount]).toEqual([[], 0]);
  });

  test('advanceAsync() lets chains of promises run between timers', async () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimeout(resolve, ms));
    const walk = async (): Promise<void> => {
      for (const step of [1, 2, 3]) {
        await sleep(10);
        await Promise.resolve();
        seen.push(`${step} at ${clock.now()}`);
      }
    };
    const done = walk();
    await clock.advanceAsync(30);
    await done;
    expect(seen).toEqual(['1 at 10', '2 at 20', '3 at 30']);
  });

  test('Infinity never fires', () => {
    const clock = new ManualClock();
    clock.setTimeout(() => expect.unreachable(), Infinity);
    clock.advance(1e12);
    expect(clock.pendingCount).toBe(1);
  });

  test('an error of a timer is thrown, and the others stay set', () => {
    const clock = new ManualClock();
    let later = 0;
    clock.setTimeout(() => {
      throw new RangeError('no');
    }, 10);
    clock.setTimeout(() => later++, 20);
    expect(thrownBy(() => clock.advance(50)).name).toBe('RangeError');
    expect([clock.now(), later]).toEqual([10, 0]);
    clock.advance(10);
    expect(later).toBe(1);
  });

  test('rejects an invalid length of time', async () => {
    const clock = new ManualClock();
    for (const ms of [-1, NaN, Infinity]) {
      expect(thrownBy(() => clock.advance(ms)).name).toBe('RangeError');
      expect((await rejectionOf(clock.advanceAsync(ms))).name).toBe('RangeError');
    }
    expect(thrownBy(() => new ManualClock(NaN)).name).toBe('RangeError');
    expect(clock.now()).toBe(0);
  });
});
