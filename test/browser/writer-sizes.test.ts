/** Streams that go on in another size: what is inside the encoder comes out first, whatever engine it is. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/testing/index.ts';
import { alive, CountedEncoder, forgetful } from '../support/writer/encoders.ts';
import type { Made } from '../support/writer/making.ts';
import { HEIGHT, packetsOf, picture, timesOf, WIDTH, writing } from '../support/writer/making.ts';
import { afterTrial } from '../support/writer-encoders.ts';

/** Pictures of one size in a row. */
const RUN = 3;

beforeEach(() => {
  alive.count = 0;
});

// Each of these tests ends its writer.
afterEach(() => {
  expect(alive.count, 'encoders alive').toBe(0);
});

/** Every second run is twice as large. */
function putSized({ writer }: Made, number: number): Promise<void> {
  const scale = Math.floor(number / RUN) % 2 === 0 ? 1 : 2;
  const frame = picture(number, WIDTH * scale, HEIGHT * scale);
  const written = writer.writeSample(0, frame);
  frame.close();
  return written;
}

const begin = (video: typeof VideoEncoder): Promise<Made> =>
  writing({ encoders: { video } }, { sizeChange: 'reencode', keyFrameInterval: Infinity });

describe.each([
  ['the platform’s encoder', CountedEncoder],
  ['one that forgets what is inside when it is configured anew', forgetful()],
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
        const write = putSized(begun, number);
        writes.push(write);
        if (waits) await write;
      }
      // What waits for the encoder to be empty waits at the end, too.
      await Promise.all([begun.writer.finalize(), ...writes]);
      const { times, keys } = await packetsOf(begun);
      expect(times).toEqual(timesOf(4 * RUN));
      expect(keys).toEqual([0, RUN, 2 * RUN, 3 * RUN]);
      expect(begun.writer.getStatistics(0)).toMatchObject({ written: 4 * RUN, dropped: 0, waitingCount: 0 });
    },
  );

  test('what waits for the encoder to be empty is dropped by flush(), and the next goes on', async () => {
    const begun = await begin(encoder);
    const writes = Array.from({ length: 2 * RUN }, (_picture, number) => putSized(begun, number));
    const ends = Promise.allSettled(writes);
    begun.writer.flush(0);
    await ends;
    await putSized(begun, 2 * RUN);
    await putSized(begun, 3 * RUN);
    await begun.writer.finalize();
    const { times } = await packetsOf(begun);
    expect(times.slice(-2)).toEqual(
      timesOf(3 * RUN + 1).filter((_time, number) => number === 2 * RUN || number === 3 * RUN),
    );
  });
});

describe('an encoder that never gets empty', () => {
  const stuck = class extends CountedEncoder {
    override encode(): void {}
    override flush(): Promise<void> {
      return new Promise(() => {});
    }
  };

  test('is not listened to: a timer would keep a writer that was forgotten', async () => {
    const clock = new ManualClock();
    const encoders = { video: afterTrial(CountedEncoder, stuck) };
    const begun = await writing({ encoders, clock }, { sizeChange: 'reencode' });
    const ends = Promise.allSettled(Array.from({ length: RUN + 1 }, (_, number) => putSized(begun, number)));
    expect(begun.writer.getStatistics(0).waitingCount).toBe(1);
    for (let interval = 0; interval < 3; interval++) clock.advance(100);
    expect([clock.pendingCount, begun.writer.getStatistics(0).lag]).toEqual([0, 0]);
    await begun.writer.abort('enough');
    await ends;
  });

  test('keeps nobody whom abort() does not let go, before finalize() or after it', async () => {
    for (const finalizes of [false, true]) {
      const begun = await begin(afterTrial(CountedEncoder, stuck));
      const writes = Array.from({ length: RUN + 1 }, (_, number) => putSized(begun, number));
      const ends = Promise.allSettled(writes);
      const end = finalizes ? begun.writer.finalize().catch((reason: unknown) => reason) : 'enough';
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(begun.writer.getStatistics(0)).toMatchObject({ submitted: RUN, waitingCount: 1 });
      await begun.writer.abort('enough');
      expect((await ends).at(-1)).toEqual({ status: 'rejected', reason: 'enough' });
      expect(await end).toBe('enough');
    }
  });
});
