import { expect, test } from 'vitest';
import type { Tally } from '../support/model/program.ts';
import { playPrograms, replayed } from '../support/model/program.ts';

const STEPS = 100_000;
const PROGRAMS_A_BATCH = 100;

test('a pool does what the model does', async () => {
  const { seed = 1, path } = replayed();
  const tally: Tally = new Map();
  const steps = (): number => [...tally.values()].reduce((sum, count) => sum + count, 0);
  const wanted = path === undefined ? STEPS : 1;
  for (let batch = 0; steps() < wanted; batch++) {
    await playPrograms(seed + batch, PROGRAMS_A_BATCH, tally, path);
  }
  console.log(steps(), [...tally].map(([move, count]) => `${move} ${count}`).join(', '));
  expect(steps()).toBeGreaterThanOrEqual(wanted);
}, 600_000);
