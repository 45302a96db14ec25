import process from 'node:process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { platformClock } from '../../src/base/clock.ts';
import { inNextTask } from '../../src/base/next-task.ts';

afterEach(() => void vi.unstubAllGlobals());

/**
 * A platform whose timers fire on the test's request. `depths` has, for each timer that is set, the number of
 * timers in whose tasks it is nested.
 */
function stubTimers() {
  const depths: number[] = [];
  const timers = new Map<number, () => void>();
  let depth = 0;
  vi.stubGlobal('setTimeout', (callback: () => void) => {
    const own = depth + 1;
    depths.push(depth);
    timers.set(depths.length, () => {
      depth = own;
      callback();
      depth = 0;
    });
    return depths.length;
  });
  vi.stubGlobal('clearTimeout', (id: number) => timers.delete(id));
  const fire = (): void => {
    const due = [...timers];
    for (const [id, timer] of due) if (timers.delete(id)) timer();
  };
  return { depths, fire };
}

const nextTask = (): Promise<void> => new Promise(inNextTask);

describe('platformClock', () => {
  test('calls back in a task of its own: repeated timers are never nested', async () => {
    const { depths, fire } = stubTimers();
    const again = (): unknown => platformClock.setTimeout(again, 100);
    again();
    for (let round = 0; round < 8; round++) {
      fire();
      await nextTask();
    }
    expect(depths).toEqual(Array(9).fill(0));
  });

  test.each(['before it fires', 'after it fired'])('does not call back when cleared %s', async (when) => {
    const { fire } = stubTimers();
    const callback = vi.fn<() => void>();
    const timer = platformClock.setTimeout(callback, 100);
    if (when === 'before it fires') platformClock.clearTimeout(timer);
    fire();
    platformClock.clearTimeout(timer);
    await nextTask();
    expect(callback).not.toHaveBeenCalled();
  });

  test('ignores a timer of another clock', () => {
    for (const timer of [null, undefined, 1, {}]) platformClock.clearTimeout(timer);
  });

  test('does not keep a Node process alive', () => {
    const waits = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = waits();
    const timer = platformClock.setTimeout(() => {}, 1e6);
    expect(waits()).toBe(before);
    platformClock.clearTimeout(timer);
  });
});
