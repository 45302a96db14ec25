import { expect, test } from 'vitest';
import { MOVES } from '../support/model/moves.ts';
import { playPrograms, replay } from '../support/model/program.ts';

/** The soak plays 200 times as many. */
const STEPS = 10_000;

/** The daily tests play the same programs. `MODEL_SEED` chooses others, as the soak does at each run. */
const SEED = 1;

/** The rarest move, `close`, comes 12 times in these programs, and `closeOwn` 25 times. */
const RARE = 10;

test('pools and budgets behave as their model through any program [C1] [C2] [C3] [C4] [C5] [C6] [C7] [C8] [C9] [C13]', async () => {
  const { seed = SEED, path } = replay();
  const { steps, tally } = await playPrograms(seed, path, STEPS);
  // A repeated program ends where it failed, or not at all.
  if (path !== undefined) return;
  expect(steps).toBeGreaterThanOrEqual(STEPS);
  // The programs reach their purpose.
  const rare = Object.keys(MOVES).filter((move) => (tally.get(move) ?? 0) < RARE);
  expect(rare).toEqual([]);
}, 600_000);
