/** Streams that continue in another size: the encoder is drained first, whatever the engine. */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/testing/index.ts';
import { outcomeOf } from '../support/streams.ts';
import { checkEncodersAfterEachTest } from '../support/writer/driving.ts';
import { afterTrial, CountedEncoder, ForgetfulEncoder, silent } from '../support/writer/encoders.ts';
import type { Made } from '../support/writer/making.ts';
import { FRAME_US, HEIGHT, picture, timesOf, WIDTH, write, writing } from '../support/writer/making.ts';

/** Pictures of one size in a row. */
const RUN = 3;

checkEncodersAfterEachTest();

/** Every second run is twice as large. */
function putSized({ writer }: Made, number: number): Promise<void> {
  const scale = Math.floor(number / RUN) % 2 === 0 ? 1 : 2;
  return write(writer, picture(number, WIDTH * scale, HEIGHT * scale));
}

/** Without waits. */
const putRuns = (begun: Made, count: number): Promise<void>[] =>
  Array.from({ length: count }, (_, number) => putSized(begun, number));

const begin = (video: typeof VideoEncoder): Promise<Made> =>
  writing({ encoders: { video } }, { sizeChange: 'reconfigure', keyFrameInterval: Infinity });

describe.each([
  ['the platform’s encoder', CountedEncoder],
  ['one that loses its input when it is reconfigured', ForgetfulEncoder],
])('with %s', (_, encoder) => {
  test.each([
    ['each when there is room', true],
    ['all at once', false],
  ])(
    'every picture is in the file, written %s, and each size begins with a key frame',
    async (_how, waits) => {
      const begun = await begin(encoder);
      const writes: Promise<void>[] = [];
      for (let number = 0; number < 4 * RUN; number++) {
        writes.push(putSized(begun, number));
        if (waits) await writes.at(-1);
      }
      // Samples that wait for the drained encoder also wait at the end.
      await Promise.all([begun.writer.finalize(), ...writes]);
      const keys = [0, RUN, 2 * RUN, 3 * RUN];
      expect(await begun.packets()).toEqual({ times: timesOf(4 * RUN), keys });
      expect(begun.writer.getStatistics(0)).toMatchObject({ written: 4 * RUN, dropped: 0, waitingCount: 0 });
    },
  );

  test('flush() drops samples that wait for the drain, and the next write continues', async () => {
    const begun = await begin(encoder);
    const ends = Promise.allSettled(putRuns(begun, 2 * RUN));
    begun.writer.flush(0);
    await ends;
    await putSized(begun, 2 * RUN);
    await putSized(begun, 3 * RUN);
    const { times } = await begun.packets();
    expect(times.slice(-2)).toEqual([2 * RUN * FRAME_US, 3 * RUN * FRAME_US]);
  });
});

describe('an encoder that never drains', () => {
  test('has no timer, which would keep a forgotten writer alive', async () => {
    const clock = new ManualClock();
    const encoders = { video: afterTrial(silent()) };
    const begun = await writing({ encoders, clock }, { sizeChange: 'reconfigure' });
    const ends = Promise.allSettled(putRuns(begun, RUN + 1));
    expect(begun.writer.getStatistics(0).waitingCount).toBe(1);
    for (let interval = 0; interval < 3; interval++) clock.advance(100);
    expect([clock.pendingCount, begun.writer.getStatistics(0).encoderDelay]).toEqual([0, 0]);
    await begun.writer.abort('enough');
    await ends;
  });

  test('blocks no call beyond abort(), before finalize() or after it', async () => {
    for (const finalizes of [false, true]) {
      const begun = await begin(afterTrial(silent()));
      const ends = Promise.allSettled(putRuns(begun, RUN + 1));
      const end = finalizes ? outcomeOf(begun.writer.finalize()) : 'enough';
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(begun.writer.getStatistics(0)).toMatchObject({ submitted: RUN, waitingCount: 1 });
      await begun.writer.abort('enough');
      expect((await ends).at(-1)).toEqual({ status: 'rejected', reason: 'enough' });
      expect(await end).toBe('enough');
    }
  });
});
