/** Streams over real frames and a real decoder, at random: whatever is read, shared and ended, all is closed in the end. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { trackOf } from '../support/packets.ts';
import { atLeast, playAll, stepsOf, TEST_MS } from '../support/random/programs.ts';
import { SOURCES, STEPS, StreamPlay } from '../support/random/stream-play.ts';

const CHUNKS = 12;

for (const source of SOURCES) {
  test(
    `streams of ${source} frames give each reader every frame, whatever ends them, and close what nobody read [C3] [C10]`,
    async () => {
      const programs = fc.record({
        source: fc.constant(source),
        capacity: fc.integer({ min: 1, max: 4 }),
        ahead: fc.integer({ min: 0, max: 2 }),
        branches: fc.integer({ min: 0, max: 3 }),
        steps: stepsOf(STEPS, 50),
      });
      const track = await trackOf('vp8.webm', CHUNKS);
      let read = 0;
      const steps = await playAll(
        programs,
        40,
        (program) => new StreamPlay(program, track),
        (play) => {
          read += play.read;
        },
      );
      expect(steps).toBeGreaterThan(atLeast(600));
      expect(read).toBeGreaterThan(atLeast(20));
    },
    TEST_MS,
  );
}
