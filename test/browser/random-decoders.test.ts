/** Decoders of the platform's, at random, under caps and a budget that are never passed, and without a frame lost or twice. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openVideo } from '../../src/media/index.ts';
import { clip } from '../media/clips.ts';
import { clipBlob, trackOf } from '../support/packets.ts';
import { DecoderPlay, STEPS as DECODER_STEPS } from '../support/random/decoder-play.ts';
import { atLeast, playAll, stepsOf, TEST_MS } from '../support/random/programs.ts';
import { ReadingPlay, STEPS } from '../support/random/reading-play.ts';

/** A decoder that needs more than one chunk is waited for, so there are fewer. */
const RUNS = { readings: 30, decoders: 12 };

const FILES = ['vp8.webm', 'vp9_hidden.webm', 'h264_bframes.mp4'];

for (const file of FILES) {
  test(
    `readings of ${file} give every frame in its turn, whatever is held, left, aborted and sought [C3] [C4] [C9] [C10]`,
    async () => {
      const programs = fc.record({
        file: fc.constant(file),
        capacities: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 2 }),
        maxFrames: fc.option(fc.integer({ min: 2, max: 6 })),
        steps: stepsOf(STEPS, 50),
      });
      const reader = await openVideo(await clipBlob(file));
      let taken = 0;
      let sought = 0;
      const steps = await playAll(
        programs,
        RUNS.readings,
        (program) => new ReadingPlay(reader, program),
        ({ lanes }) => {
          for (const lane of lanes) {
            taken += lane.taken;
            sought += lane.sought;
          }
        },
      );
      await reader.close();
      expect(steps).toBeGreaterThan(atLeast(500));
      // The programs do what they are for.
      expect(taken).toBeGreaterThan(atLeast(30));
      expect(sought).toBeGreaterThan(atLeast(2));
    },
    TEST_MS,
  );

  test(
    `a FrameDecoder gives every frame of ${file} in its turn, whatever is held, flushed and reset [C3] [C9] [C10]`,
    async () => {
      const programs = fc.record({
        capacity: fc.integer({ min: 1, max: 4 }),
        steps: stepsOf(DECODER_STEPS, 50),
      });
      const track = await trackOf(file);
      let out = 0;
      const steps = await playAll(
        programs,
        12,
        ({ capacity }) => new DecoderPlay(track, clip(file), capacity),
        (play) => {
          out += play.out;
        },
      );
      expect(steps).toBeGreaterThan(atLeast(200));
      expect(out).toBeGreaterThan(atLeast(30));
    },
    TEST_MS,
  );
}
