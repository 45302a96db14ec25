/** Encoders with the behaviour of other engines: they reorder, throw, or are reclaimed. */
import type { OutputFormat } from 'mediabunny';
import { MkvOutputFormat, Mp4OutputFormat } from 'mediabunny';
import { describe, expect, test } from 'vitest';
import type { FrameWriter } from '../../src/media/index.ts';
import { checkEncodersAfterEachTest, driven, expectEnd } from '../support/writer/driving.ts';
import type { Fault } from '../support/writer/encoders.ts';
import {
  afterTrial,
  BROKEN,
  COUNTED,
  CountedEncoder,
  faulty,
  ReorderingEncoder,
} from '../support/writer/encoders.ts';
import type { Made } from '../support/writer/making.ts';
import { FRAME_US, put, putAll, putMany, timesOf, writing } from '../support/writer/making.ts';

checkEncodersAfterEachTest();

describe.each(['vp8', 'vp9', 'av1', 'avc'] as const)('%s, by the encoder of this engine', (codec) => {
  test('is written with all pictures at their times, and a marker needs no key frame [D: PlaceMarker]', async () => {
    const config = { codec, keyFrameInterval: Infinity } as const;
    const { writer, packets } = await writing({ encoders: COUNTED }, config, new MkvOutputFormat());
    await putMany(writer, 20);
    let accepted = 0;
    void writer.placeMarker(0).then(() => (accepted = writer.getStatistics(0).written));
    await putMany(writer, 20, 20);
    await writer.finalize();
    expect(accepted).toBeGreaterThanOrEqual(20);
    expect(await packets()).toEqual({ times: timesOf(40), keys: [0] });
    const counts = { submitted: 40, encoded: 40, dropped: 0, queueSize: 0 };
    expect(writer.getStatistics(0)).toMatchObject(counts);
  });
});

describe('an encoder that reorders', () => {
  const begin = (format: OutputFormat): Promise<Made> =>
    writing({ encoders: { video: ReorderingEncoder } }, { keyFrameInterval: Infinity }, format);

  test.each([
    ['MP4', Mp4OutputFormat],
    ['Matroska', MkvOutputFormat],
  ])('has all its packets in %s, in the order in which they came out', async (_, Format) => {
    const { writer, packets } = await begin(new Format());
    await putMany(writer, 24);
    const { times } = await packets();
    const pairs = Array.from({ length: 11 }, (_each, pair) => [pair * 2 + 2, pair * 2 + 1]).flat();
    expect(times).toEqual([0, ...pairs, 23].map((number) => number * FRAME_US));
    expect(writer.getStatistics(0)).toMatchObject({ encoded: 24, dropped: 0, queueSize: 0 });
  });

  test('delays a marker until the earlier picture is out, after a later one [D: PlaceMarker]', async () => {
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

describe('an encoder that fails [D: OnStreamError]', () => {
  const POINTS = [0, 1, 5, 23];
  /** Ends a writer by a fault. */
  const broken = async (kind: 'video' | 'audio', fault: Fault & { error: Error }): Promise<FrameWriter> => {
    const { error } = fault;
    const run = await driven({ encoders: faulty(kind, fault), pictures: 24, waits: false });
    expectEnd(run, { state: 'failed', error }, error);
    expect(run.streamErrors).toEqual([[kind === 'video' ? 0 : 1, error]]);
    expect(run.ends.at(-1)?.status).toBe('rejected');
    return run.writer;
  };

  test.each(POINTS)('at sound %d ends everything with its error', async (samples) => {
    const error = new DOMException('no more sound', 'EncodingError');
    const writer = await broken('audio', { at: 'sample', samples, error });
    await expect(put(writer, 99)).rejects.toMatchObject({ name: 'InvalidStateError', cause: error });
  });

  test.each(POINTS)('by a throw at picture %d ends everything with the thrown error', async (samples) => {
    await broken('video', { at: 'encode', samples, error: new Error('not this one') });
  });

  test('during its last flush fails finalize() [edge 13]', async () => {
    const error = new DOMException('too late', 'EncodingError');
    const encoders = faulty('video', { at: 'end of flush', error });
    const { writer, callbackLog } = await writing({ encoders });
    await putMany(writer, 3);
    const marker = writer.placeMarker(0);
    const [ended, marked] = await Promise.allSettled([writer.finalize(), marker]);
    expect(ended).toEqual({ status: 'rejected', reason: error });
    // All three may have come out before the end was requested.
    expect(marked.status === 'fulfilled' || marked.reason === error).toBe(true);
    expect([writer.state, callbackLog.at(-1)]).toEqual(['failed', ['onFinalize', 'failed']]);
  });
});

describe('an encoder that the browser reclaims [fault: codec reclaimed]', () => {
  const taken = new DOMException('Codec reclaimed due to inactivity.', 'QuotaExceededError');

  test('while it is idle is replaced by another one, which begins with a key frame', async () => {
    const video = afterTrial(CountedEncoder);
    const config = { keyFrameInterval: Infinity };
    const { writer, callbackLog, packets } = await writing({ encoders: { video } }, config);
    await putMany(writer, 5);
    await expect.poll(() => writer.getStatistics(0).encoded).toBe(5);
    video.made[0]?.fail(taken);
    expect(writer.state).toBe('writing');
    await putMany(writer, 5, 5);
    await writer.finalize();
    expect(video.made.length).toBe(2);
    expect(await packets()).toEqual({ times: timesOf(10), keys: [0, 5] });
    expect(callbackLog).toEqual([['onFinalize', 'finalized']]);
  });

  test('while pictures are inside is an error, because they are lost', async () => {
    const video = afterTrial(CountedEncoder);
    const { writer, callbackLog } = await writing({ encoders: { video } });
    const writes = putAll(writer, 4);
    video.made[0]?.fail(taken);
    await expect(writer.finalize()).rejects.toBe(taken);
    await Promise.allSettled(writes);
    expect(callbackLog).toEqual([
      ['onStreamError', 0, taken.message],
      ['onFinalize', 'failed'],
    ]);
  });
});

test('an encoder that fails at every picture in turn leaves no call pending', async () => {
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
    expect(ends.at(-1), `failing at ${at}`).toEqual({ status: 'rejected', reason: BROKEN });
    expect([writer.getStatistics(0).lentCount, writer.state]).toEqual([0, 'failed']);
  }
});
