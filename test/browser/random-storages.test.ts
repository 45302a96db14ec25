/** Copies on real canvases and in real memory, at random: sizes that change, waits that end, buffers that come to harm. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BufferPlay, STEPS } from '../support/random/buffer-play.ts';
import { atLeast, playAll, stepsOf, TEST_MS } from '../support/random/programs.ts';
import { KINDS } from '../support/random/shaded.ts';

const RUNS = 60;

for (const kind of KINDS) {
  test(
    `buffers of ${kind} do what the model does, whatever is copied, changed and given back [C2] [C3] [C4] [C7] [C8] [C13]`,
    async () => {
      const programs = fc.record({
        kind: fc.constant(kind),
        capacity: fc.integer({ min: 1, max: 3 }),
        steps: stepsOf(STEPS, 60),
      });
      const steps = await playAll(programs, RUNS, (program) => new BufferPlay(program));
      expect(steps).toBeGreaterThan(atLeast(1000));
    },
    TEST_MS,
  );
}
