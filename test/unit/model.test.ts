import { expect, test } from 'vitest';
import { MOVES } from '../support/model/moves.ts';
import { playPrograms, replay } from '../support/model/program.ts';

const STEPS = 100_000;

test('pools and budgets do what their model does, whatever the program [C1] [C2] [C3] [C4] [C5] [C6] [C7] [C8] [C9] [C13]', async () => {
  const { seed = 1, path } = replay();
  const { steps, tally } = await playPrograms({ seed, path, steps: STEPS });
  // One that is played again ends where it failed, or not at all.
  if (path !== undefined) return;
  expect(steps).toBeGreaterThanOrEqual(STEPS);
  // The programs do what they are for.
  const rare = Object.keys(MOVES).filter((move) => (tally.get(move) ?? 0) < 100);
  expect(rare).toEqual([]);
}, 600_000);
