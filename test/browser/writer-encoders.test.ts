/** Encoders as engines have them, and as this one has not: such as reorder, throw, or are taken away. */
import type { OutputFormat } from 'mediabunny';
import { MkvOutputFormat, Mp4OutputFormat } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import { checkEncodersAfterEachTest } from '../support/writer/check-encoders.ts';
import { driven, expectEnd } from '../support/writer/driving.ts';
import {
  afterTrial,
  COUNTED,
  CountedEncoder,
  faulty,
  ReorderingEncoder,
} from '../support/writer/encoders.ts';
import type { Made } from '../support/writer/making.ts';
import { FRAME_US, packetsOf, put, putAll, putMany, timesOf, writing } from '../support/writer/making.ts';

checkEncodersAfterEachTest();

describe.each(['vp8', 'vp9', 'av1', 'avc'] as const)('%s, by the encoder of this engine', (codec) => {
  test('is written with every picture at its time, and a marker comes behind them, without a key frame for it [D: PlaceMarker]', async () => {
    const config = { codec, keyFrameInterval: Infinity } as const;
    const begun = await writing({ encoders: COUNTED }, config, new MkvOutputFormat());
    await putMany(begun.writer, 20);
    let accepted = 0;
    void begun.writer.placeMarker(0).then(() => (accepted = begun.writer.getStatistics(0).written));
    await putMany(begun.writer, 20, 20);
    await begun.writer.finalize();
    expect(accepted).toBeGreaterThanOrEqual(20);
    expect(await packetsOf(begun)).toEqual({ times: timesOf(40), keys: [0] });
    const { submitted, encoded, dropped, queueSize } = begun.writer.getStatistics(0);
    expect([submitted, encoded, dropped, queueSize]).toEqual([40, 40, 0, 0]);
  });
});

describe('an encoder that reorders', () => {
  const begin = (format: OutputFormat): Promise<Made> =>
    writing({ encoders: { video: ReorderingEncoder } }, { keyFrameInterval: Infinity }, format);

  test.each<[string, () => OutputFormat]>([
    ['MP4', () => new Mp4OutputFormat()],
    ['Matroska', () => new MkvOutputFormat()],
  ])('has all its packets in %s, in the order in which they came out', async (_, format) => {
    const begun = await begin(format());
    await putMany(begun.writer, 24);
    const { times } = await packetsOf(begun);
    const pairs = Array.from({ length: 11 }, (_each, pair) => [pair * 2 + 2, pair * 2 + 1]).flat();
    expect(times).toEqual([0, ...pairs, 23].map((number) => number * FRAME_US));
    const { encoded, dropped, queueSize } = begun.writer.getStatistics(0);
    expect([encoded, dropped, queueSize]).toEqual([24, 0, 0]);
  });

  test('is waited for by a marker until the earlier picture is there, though a later one is [D: PlaceMarker]', async () => {
    const { writer } = await begin(new MkvOutputFormat());
    await putMany(writer, 2);
    const seen: number[] = [];
    void writer.placeMarker(0).then(() => seen.push(writer.getStatistics(0).written));
    await putMany(writer, 6, 2);
    await expect.poll(() => seen.length).toBe(1);
    // 0, then 2, then 1.
    expect(seen[0]).toBeGreaterThanOrEqual(3);
    await writer.abort();
  });
});

describe('an encoder that breaks [D: OnStreamError]', () => {
  test.each([0, 1, 5, 23])('at sound %d is the end of everything, by its error', async (at) => {
    const error = new DOMException('no more sound', 'EncodingError');
    const encoders = faulty('audio', { at: 'sample', samples: at, error });
    const run = await driven({ encoders, pictures: 24, waits: false });
    expectEnd(run, { state: 'failed', error }, error);
    expect([run.streamErrors, run.ends.at(-1)?.status]).toEqual([[[1, error]], 'rejected']);
    await expect(put(run.writer, 99)).rejects.toMatchObject({ name: 'InvalidStateError', cause: error });
  });

  test.each([0, 1, 5, 23])(
    'by a throw at picture %d is the end of everything, by what it threw',
    async (at) => {
      const error = new Error('not this one');
      const encoders = faulty('video', { at: 'encode', samples: at, error });
      const run = await driven({ encoders, pictures: 24, waits: false });
      expectEnd(run, { state: 'failed', error }, error);
      expect([run.streamErrors, run.ends.at(-1)?.status]).toEqual([[[0, error]], 'rejected']);
    },
  );

  test('while it is emptied at the end fails the end [edge 13]', async () => {
    const broken = new DOMException('too late', 'EncodingError');
    const encoders = faulty('video', { at: 'end of flush', error: broken });
    const { writer, told } = await writing({ encoders });
    await putMany(writer, 3);
    const marker = writer.placeMarker(0);
    const [ended, marked] = await Promise.allSettled([writer.finalize(), marker]);
    expect(ended).toEqual({ status: 'rejected', reason: broken });
    // All three may have come out before the end was asked for.
    expect(marked.status === 'fulfilled' || marked.reason === broken).toBe(true);
    expect([writer.state, told.at(-1)]).toEqual(['failed', ['onFinalize', 'failed']]);
  });
});

describe('an encoder that the browser takes away [fault: codec reclaimed]', () => {
  const taken = new DOMException('Codec reclaimed due to inactivity.', 'QuotaExceededError');

  test('while it is idle is followed by another one, which begins with a key frame', async () => {
    const video = afterTrial(CountedEncoder);
    const begun = await writing({ encoders: { video } }, { keyFrameInterval: Infinity });
    await putMany(begun.writer, 5);
    await expect.poll(() => begun.writer.getStatistics(0).encoded).toBe(5);
    video.made[0]?.fail(taken);
    expect(begun.writer.state).toBe('writing');
    await putMany(begun.writer, 5, 5);
    await begun.writer.finalize();
    expect(video.made.length).toBe(2);
    expect(await packetsOf(begun)).toEqual({ times: timesOf(10), keys: [0, 5] });
    expect(begun.told).toEqual([['onFinalize', 'finalized']]);
  });

  test('while pictures are inside is an error, for they are lost', async () => {
    const video = afterTrial(CountedEncoder);
    const { writer, told } = await writing({ encoders: { video } });
    const writes = putAll(writer, 4);
    video.made[0]?.fail(taken);
    await expect(writer.finalize()).rejects.toBe(taken);
    await Promise.allSettled(writes);
    expect(told).toEqual([
      ['onStreamError', 0, taken.message],
      ['onFinalize', 'failed'],
    ]);
  });
});

test('an encoder that fails at every picture in turn leaves nobody waiting', async () => {
  for (let at = 0; at < 12; at++) {
    const encoders = faulty('video', { at: 'sample', samples: at });
    const { writer } = await writing({ capacity: 1, encoders });
    const given: Promise<unknown>[] = [];
    for (let number = 0; number < 14; number++) {
      const lent = writer.allocateSample(0);
      given.push(lent);
      const sample = await lent.catch(() => null);
      if (sample === null) break;
      given.push(writer.writeSample(0, sample, { timestamp: number * FRAME_US }));
      sample.release();
    }
    given.push(writer.finalize());
    const ends = await Promise.allSettled(given);
    expect(ends.at(-1), `failing at ${at}`).toMatchObject({
      status: 'rejected',
      reason: { name: 'EncodingError' },
    });
    expect([writer.getStatistics(0).lentCount, writer.state]).toEqual([0, 'failed']);
  }
});
