/** A writer, at random: samples, gaps, markers, segments, flushes and ends, into real files. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collect } from '../support/accounting.ts';
import { atLeast, playAll, stepsOf, TEST_MS } from '../support/random/programs.ts';
import { ENDS, STEPS, WritingPlay } from '../support/random/writing-play.ts';

/**
 * mediabunny's `BufferTarget` reserves 4 GB of addresses until it is collected, and few bytes of them are used: the engine sees
 * no need to collect before the addresses are used up, and then has to for each file.
 */
const BETWEEN_COLLECTIONS = 100;

test(
  'a file holds what was written and not dropped, markers keep their word, and every slot comes home [C10] [C12]',
  async () => {
    const programs = fc.record({ end: fc.constantFrom(...ENDS), steps: stepsOf(STEPS, 50) });
    let found = 0;
    let files = 0;
    const steps = await playAll(
      programs,
      40,
      ({ end }) => WritingPlay.begin(end),
      async (play) => {
        found += play.found;
        if (++files % BETWEEN_COLLECTIONS === 0) await collect();
      },
    );
    expect(steps).toBeGreaterThan(atLeast(600));
    expect(found).toBeGreaterThan(atLeast(100));
  },
  TEST_MS,
);
