/** A writer, at random: samples, gaps, markers, segments, flushes and ends, into real files. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atLeast, playAll, stepsOf, TEST_MS } from '../support/random/programs.ts';
import { ENDS, STEPS, WritingPlay } from '../support/random/writing-play.ts';

test(
  'a file holds what was written and not dropped, markers keep their word, and every slot comes home [C10] [C12]',
  async () => {
    const programs = fc.record({ end: fc.constantFrom(...ENDS), steps: stepsOf(STEPS, 50) });
    const plays: WritingPlay[] = [];
    const steps = await playAll(programs, 40, async ({ end }) => {
      const play = await WritingPlay.begin(end);
      plays.push(play);
      return play;
    });
    expect(steps).toBeGreaterThan(atLeast(600));
    expect(plays.reduce((sum, { found }) => sum + found, 0)).toBeGreaterThan(atLeast(100));
  },
  TEST_MS,
);
