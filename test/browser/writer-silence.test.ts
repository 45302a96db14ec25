/** Encoders that put nothing out for a while, or forever: the test's clock decides when they get more input. */
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/testing/index.ts';
import { outcomeOf } from '../support/streams.ts';
import { checkEncodersAfterEachTest } from '../support/writer/driving.ts';
import { afterTrial, keeping, silent, SlowEncoder } from '../support/writer/encoders.ts';
import type { Made } from '../support/writer/making.ts';
import { putAll, timesOf, writing } from '../support/writer/making.ts';

/** The limit in the documentation of the statistics: samples inside before a write has to wait. */
const BOUND = 6;

/** The largest number of pictures that an encoder was seen to hold: Firefox, of H.264. */
const MOST_KEPT = 42;

const INTERVAL_MS = 100;

checkEncodersAfterEachTest();

describe('an encoder without output [edge 17]', () => {
  const begin = async (
    video: typeof VideoEncoder,
    count: number,
  ): Promise<Made & { clock: ManualClock; ended: Promise<unknown[]> }> => {
    const clock = new ManualClock();
    const begun = await writing({ clock, encoders: { video } });
    return { ...begun, clock, ended: Promise.all(putAll(begun.writer, count).map(outcomeOf)) };
  };

  test('gets more while it is idle, up to a limit, and then the timer stops', async () => {
    const { writer, clock, ended } = await begin(afterTrial(silent()), 400);
    expect(writer.getStatistics(0).submitted).toBe(BOUND);
    for (let interval = 0; interval < 60; interval++) {
      clock.advance(INTERVAL_MS);
      const { submitted, queueSize, waitingCount, encoderDelay } = writer.getStatistics(0);
      expect([submitted, waitingCount]).toEqual([BOUND + encoderDelay, 400 - BOUND - encoderDelay]);
      expect(queueSize).toBe(submitted);
    }
    expect(writer.getStatistics(0).encoderDelay).toBeGreaterThanOrEqual(MOST_KEPT);
    expect(writer.getStatistics(0).waitingCount).toBeGreaterThan(0);
    // A timer would keep a forgotten writer alive.
    expect(clock.pendingCount).toBe(0);
    await writer.abort('enough');
    // The first ones had room for another; all others waited.
    const ends = (await ended).map((_, number) => (number < BOUND - 1 ? 'resolved' : 'enough'));
    expect(await ended).toEqual(ends);
  });

  test('blocks finalize() until abort(): writes have room then, but the end has not come', async () => {
    const { writer, callbackLog, ended } = await begin(afterTrial(silent()), 20);
    const end = outcomeOf(writer.finalize());
    expect(new Set(await ended)).toEqual(new Set(['resolved']));
    expect([writer.state, writer.getStatistics(0).queueSize]).toEqual(['finalizing', 20]);
    await writer.abort('enough');
    expect([await end, callbackLog]).toEqual(['enough', [['onFinalize', 'aborted']]]);
  });

  test('gets no more input before the interval is over', async () => {
    const { writer, clock } = await begin(afterTrial(silent()), 20);
    clock.advance(INTERVAL_MS - 1);
    expect(writer.getStatistics(0).submitted).toBe(BOUND);
    await writer.abort();
  });

  test('gets a longer interval while it reports samples as not taken', async () => {
    const { writer, clock } = await begin(afterTrial(silent(true)), 400);
    clock.advance(9 * INTERVAL_MS);
    expect(writer.getStatistics(0).submitted).toBe(BOUND);
    for (let interval = 0; interval < 100; interval++) clock.advance(INTERVAL_MS);
    expect(writer.getStatistics(0).encoderDelay).toBeGreaterThanOrEqual(MOST_KEPT);
    await writer.abort();
  });

  test('but takes its input counts as slow, and gets no more', async () => {
    const video = afterTrial(SlowEncoder);
    const { writer, clock, ended } = await begin(video, 40);
    const [slow] = video.made;
    for (let interval = 0; interval < 60; interval++) {
      if (slow !== undefined) slow.encodeQueueSize--;
      clock.advance(INTERVAL_MS);
    }
    expect([writer.getStatistics(0).encoderDelay, writer.getStatistics(0).submitted]).toEqual([0, BOUND]);
    await writer.abort();
    await ended;
  });

  test('until it has 40 pictures gets them by intervals, and keeps the raised limit', async () => {
    const { writer, clock, ended, packets } = await begin(keeping(40), 80);
    for (let interval = 0; interval < 40 && writer.getStatistics(0).submitted <= 40; interval++)
      clock.advance(INTERVAL_MS);
    // One more than its delay is inside: the real encoder puts the first picture out without the clock.
    await expect.poll(() => writer.getStatistics(0).encoded).toBeGreaterThan(0);
    const { encoderDelay } = writer.getStatistics(0);
    expect(encoderDelay).toBeGreaterThanOrEqual(40 - BOUND);
    // The clock stands still from here on: the raised limit is enough.
    expect(new Set(await ended)).toEqual(new Set(['resolved']));
    expect(writer.getStatistics(0).encoderDelay).toBe(encoderDelay);
    expect((await packets()).times).toEqual(timesOf(80));
  });
});
