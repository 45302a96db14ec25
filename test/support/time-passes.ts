/** Advances the clock of a pool while its decoder works in real time. */
import type { ManualClock } from '../../src/testing/index.ts';

/** Real time between two steps of the clock, and a step that is shorter than any interval of the library. In ms. */
const TASK_MS = 1;
const STEP_MS = 10;

/** Advances the clock until the promise has settled. Real decoders get real tasks between the steps. */
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
