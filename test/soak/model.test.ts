/** The model test in twenty rounds of 100,000 steps, or `SOAK` rounds. Each run has other programs: `MODEL_SEED` repeats them. */
import process from 'node:process';
import { expect, test } from 'vitest';
import '../support/fake-platform.ts';
import { playPrograms, replay } from '../support/model/program.ts';

const STEPS = 100_000 * Number(process.env['SOAK'] ?? 20);

test('pools and budgets behave as their model, in millions of steps', async () => {
  const { seed = Date.now() % 1e6, path } = replay();
  const { steps } = await playPrograms(seed, path, STEPS);
  if (path === undefined) expect(steps).toBeGreaterThanOrEqual(STEPS);
});
