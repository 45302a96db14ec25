/** Lets the time of a pool pass while its decoder works in the time of the machine. */
import type { ManualClock } from '../../src/testing/index.ts';

/** A task of the machine between two steps of the clock, and a step below any interval that the library waits. */
const TASK_MS = 1;
const STEP_MS = 10;

/** Moves the clock on until the promise has settled, for which real decoders get real tasks in between. */
export async function timePassesUntil<T>(clock: ManualClock, outcome: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  outcome.then(settle, settle);
  while (!isSettled) {
    await clock.advanceAsync(STEP_MS);
    await new Promise((resolve) => setTimeout(resolve, TASK_MS));
  }
  return outcome;
}
