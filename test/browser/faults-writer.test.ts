/** An encoder of pictures or of sound that fails at each moment of its life, and callbacks that throw; next to a writer that goes on. */
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import type { WriterCallbacks } from '../../src/media/index.ts';
import type { Fault, Kind } from '../support/faulty-encoders.ts';
import { BROKEN, faultyEncoders } from '../support/faulty-encoders.ts';
import { CountedSoundEncoder } from '../support/writer-encoders.ts';
import { firstCause } from '../support/writer/claim.ts';
import { alive, CountedEncoder } from '../support/writer/encoders.ts';
import type { Made } from '../support/writer/making.ts';
import { made, picture, put, putMany, sound, writing } from '../support/writer/making.ts';

const PICTURES = 10;
const SOUND = { codec: 'opus', numberOfChannels: 1, sampleRate: 48_000 } as const;
const VIDEO = { codec: 'vp8', width: 64, height: 36 } as const;
const sounds = { video: CountedEncoder, audio: CountedSoundEncoder };

beforeEach(() => {
  alive.count = 0;
});

/** Another writer at the same time, which no fault of the first may touch. */
async function beside(): Promise<() => Promise<void>> {
  const other = await writing({ encoders: { video: CountedEncoder } });
  await putMany(other.writer, 3);
  return async () => {
    await putMany(other.writer, 3, 3);
    await other.writer.finalize();
    expect([other.writer.state, other.writer.getStatistics(0).written]).toEqual(['finalized', 6]);
    expect(alive.count, 'encoders alive').toBe(0);
  };
}

/** Uses a writer as apps do: samples of its own, handles, sound and markers. What every promise was rejected with. */
async function drive({ writer }: Made): Promise<unknown[]> {
  const pool = new VideoFramePool({ capacity: 2, storage: canvasStorage({ width: 64, height: 36 }) });
  const given: Promise<unknown>[] = [];
  const keep = <T>(promise: Promise<T>): Promise<T | null> => {
    given.push(promise);
    return promise.catch(() => null);
  };
  await keep(writer.beginWriting());
  for (let number = 0; number < PICTURES; number++) {
    const timestamp = number * 40_000;
    const sample =
      number % 2 === 0 ? await keep(writer.allocateSample(0)) : await pool.capture(picture(number));
    if (sample !== null) {
      await keep(writer.writeSample(0, sample, { timestamp }));
      sample.release();
    }
    const data = sound(number);
    await keep(writer.writeSample(1, data));
    data.close();
    if (number % 4 === 0) void keep(writer.placeMarker(number % 8 === 0 ? 0 : 1));
  }
  await keep(writer.finalize());
  const ends = await Promise.allSettled(given);
  pool.assertNoLeaks();
  pool.close();
  return ends.flatMap((end) => (end.status === 'rejected' ? [firstCause(end.reason)] : []));
}

async function withStreams(encoders: ReturnType<typeof faultyEncoders>): Promise<Made> {
  const begun = made({ encoders, capacity: 2 });
  await begun.writer.addVideoStream(VIDEO);
  await begun.writer.addAudioStream(SOUND);
  return begun;
}

const KINDS: readonly Kind[] = ['video', 'audio'];

const FAULTS: Record<string, Omit<Fault, 'after'>> = {
  'when it is made': { at: 'making' },
  'when it is configured': { at: 'configure' },
  'by a throw at the first sample': { at: 'encode' },
  'by a throw in the middle': { at: 'encode', samples: 5 },
  'at the first sample': { at: 'sample' },
  'in the middle': { at: 'sample', samples: 5 },
  'when it is flushed': { at: 'flush' },
};

describe.each(KINDS)('an encoder of %s that fails', (kind) => {
  test.each(Object.entries(FAULTS))('%s is the end of its writer, by its error', async (_, fault) => {
    const others = await beside();
    const begun = await withStreams(faultyEncoders(kind, { ...fault, after: 1 }));
    const errors = await drive(begun);
    expect(new Set(errors)).toEqual(new Set([BROKEN]));
    expect([begun.writer.state, begun.told.at(-1)]).toEqual(['failed', ['onFinalize', 'failed']]);
    expect([0, 1].map((stream) => begun.writer.getStatistics(stream).lentCount)).toEqual([0, 0]);
    await others();
  });

  test('after it was closed is not heard any more', async () => {
    const others = await beside();
    const begun = await withStreams(faultyEncoders(kind, { at: 'after close', after: 1 }));
    expect(await drive(begun)).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(begun.told.filter(([name]) => name !== 'onMarker')).toEqual([['onFinalize', 'finalized']]);
    await others();
  });

  test.each([['when it is asked what it can', { at: 'support' }], ...Object.entries(FAULTS)] as [
    string,
    Omit<Fault, 'after'>,
  ][])('%s while the codec is tried, is refused, and the stream can be added again', async (_, fault) => {
    const others = await beside();
    const begun = made({ encoders: faultyEncoders(kind, { ...fault, samples: 0, after: 0 }) });
    const { writer } = begun;
    const add = (): Promise<number> =>
      kind === 'video' ? writer.addVideoStream(VIDEO) : writer.addAudioStream(SOUND);
    await expect(add()).rejects.toMatchObject({ name: 'NotSupportedError', cause: BROKEN });
    expect(writer.state).toBe('configuring');
    expect(await add()).toBe(0);
    await writer.abort();
    await others();
  });
});

const CALLBACKS = ['onFinalize', 'onMarker', 'onStreamError', 'onFormatChange'] as const;

test.each(CALLBACKS)('a throw of %s is reported, and the writer comes to its end', async (name) => {
  const thrown = new Error(`in ${name}`);
  const reported: unknown[] = [];
  const onError = (event: ErrorEvent): void => {
    event.preventDefault();
    event.stopImmediatePropagation();
    reported.push(event.error);
  };
  addEventListener('error', onError, { capture: true });
  onTestFinished(() => removeEventListener('error', onError, { capture: true }));
  const callbacks: WriterCallbacks = {
    [name]: () => {
      throw thrown;
    },
  };
  const isFailing = name === 'onStreamError';
  const encoders = isFailing ? faultyEncoders('video', { at: 'sample', after: 1 }) : sounds;
  const { writer } = await writing({ callbacks, encoders }, { sizeChange: 'reencode' });
  await put(writer, 0).catch(() => {});
  const larger = picture(1, 96, 54);
  await writer.writeSample(0, larger).catch(() => {});
  larger.close();
  const marked = writer.placeMarker(0).catch((error: unknown) => firstCause(error));
  const ended = await writer.finalize().catch((error: unknown) => error);
  expect(ended).toBe(isFailing ? BROKEN : undefined);
  expect(await marked).toBe(isFailing ? BROKEN : undefined);
  await expect.poll(() => reported).toEqual([thrown]);
  expect([writer.state, alive.count]).toEqual([isFailing ? 'failed' : 'finalized', 0]);
});
