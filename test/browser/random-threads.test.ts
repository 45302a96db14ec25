/** Pools with holders in a real worker, at random: whatever is sent, shared, released and lost, every slot comes home once. */
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { FarEnd } from '../support/random/far-end.ts';
import { atLeast, playAll, stepsOf, TEST_MS } from '../support/random/programs.ts';
import { STEPS, ThreadPlay } from '../support/random/thread-play.ts';
import { KINDS } from '../support/threads/pools.ts';

afterAll(() => FarEnd.terminate());

for (const kind of KINDS) {
  test(
    `what goes to a worker as ${kind} comes home once, whatever becomes of the link and the worker [C2] [C5] [C11]`,
    async () => {
      const programs = fc.record({
        ahead: fc.integer({ min: 1, max: 3 }),
        steps: stepsOf(STEPS, 60),
      });
      let taken = 0;
      let lost = 0;
      const steps = await playAll(
        programs,
        25,
        ({ ahead }) => ThreadPlay.begin(kind, ahead),
        (play) => {
          taken += play.taken;
          lost += play.lost;
        },
      );
      expect(steps).toBeGreaterThan(atLeast(400));
      expect(taken).toBeGreaterThan(atLeast(10));
      expect(lost).toBeGreaterThan(0);
    },
    TEST_MS,
  );
}
