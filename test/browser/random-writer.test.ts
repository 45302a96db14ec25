/** A writer, at random: samples, gaps, markers, segments, flushes and ends, into real files. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atLeast, playAll, stepsOf, TEST_MS } from '../support/random/programs.ts';
import { ENDS, STEPS, WritingPlay } from '../support/random/writing-play.ts';

test(
  'a file holds what was written and not dropped, markers keep their word, and every slot comes home [C10] [C12]',
  async () => {
    const programs = fc.record({ end: fc.constantFrom(...ENDS), steps: stepsOf(STEPS, 50) });
    let found = 0;
    const steps = await playAll(
      programs,
      40,
      ({ end }) => WritingPlay.begin(end),
      (play) => {
        found += play.found;
      },
    );
    expect(steps).toBeGreaterThan(atLeast(600));
    expect(found).toBeGreaterThan(atLeast(100));
  },
  TEST_MS,
);
