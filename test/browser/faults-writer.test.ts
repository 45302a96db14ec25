/**
 * An encoder of pictures or of sound that fails at each moment of its life, and callbacks that throw; next to a
 * writer that continues.
 */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { WriterCallbacks } from '../../src/media/index.ts';
import type { Run } from '../support/writer/driving.ts';
import { checkEncodersAfterEachTest, driven, expectEnd, firstCause } from '../support/writer/driving.ts';
import type { Fault } from '../support/writer/encoders.ts';
import { alive, BROKEN, COUNTED, faulty } from '../support/writer/encoders.ts';
import { made, picture, put, putMany, SOUND, VIDEO, write, writing } from '../support/writer/making.ts';

checkEncodersAfterEachTest();

/** Another writer at the same time, which no fault of the first may affect. */
async function beside(): Promise<() => Promise<void>> {
  const { writer } = await writing({ encoders: COUNTED });
  await putMany(writer, 3);
  return async () => {
    await putMany(writer, 3, 3);
    await writer.finalize();
    expect([writer.state, writer.getStatistics(0).written]).toEqual(['finalized', 6]);
    expect(alive.count, 'encoders alive').toBe(0);
  };
}

const FAULTS = {
  'when it is created': { at: 'making' },
  'when it is configured': { at: 'configure' },
  'by a throw at the first sample': { at: 'encode' },
  'by a throw in the middle': { at: 'encode', samples: 5 },
  'at the first sample': { at: 'sample' },
  'in the middle': { at: 'sample', samples: 5 },
  'when it is flushed': { at: 'flush' },
} as const;

describe.each(['video', 'audio'] as const)('an encoder of %s that fails [fault: encoder error]', (kind) => {
  /** Drives a writer whose encoder has a fault. */
  const drivenWith = async (fault: Fault): Promise<Run> => {
    const others = await beside();
    const run = await driven({ encoders: faulty(kind, fault), pictures: 10 });
    // Time for an error that arrives after the end.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await others();
    return run;
  };

  test.each(Object.entries(FAULTS))('%s ends its writer with its error', async (_, fault) => {
    const run = await drivenWith(fault);
    expectEnd(run, { state: 'failed', error: BROKEN }, BROKEN);
    expect([0, 1].map((stream) => run.writer.getStatistics(stream).lentCount)).toEqual([0, 0]);
  });

  test('after it was closed is ignored', async () => {
    const run = await drivenWith({ at: 'after close' });
    expectEnd(run, { state: 'finalized' });
    expect(run.streamErrors).toEqual([]);
  });

  test.each(Object.entries({ 'when it is asked what it can': { at: 'support' } as const, ...FAULTS }))(
    '%s while the codec is probed, is rejected, and the stream can be added again',
    async (_, { at }) => {
      const others = await beside();
      const { writer } = made({ encoders: faulty(kind, { at, after: 0 }) });
      const add = (): Promise<number> =>
        kind === 'video' ? writer.addVideoStream(VIDEO) : writer.addAudioStream(SOUND);
      await expect(add()).rejects.toMatchObject({ name: 'NotSupportedError', cause: BROKEN });
      expect(writer.state).toBe('configuring');
      expect(await add()).toBe(0);
      await writer.abort();
      await others();
    },
  );
});

const CALLBACKS = ['onFinalize', 'onMarker', 'onStreamError', 'onFormatChange'] as const;

test.each(CALLBACKS)(
  'a throw of %s is reported, and the writer finishes [fault: callback that throws]',
  async (name) => {
    const thrown = new Error(`in ${name}`);
    // In place of the platform's function, which prints.
    const reported = vi.spyOn(globalThis, 'reportError').mockImplementation(() => {});
    onTestFinished(() => reported.mockRestore());
    const callbacks: WriterCallbacks = {
      [name]: () => {
        throw thrown;
      },
    };
    const isFailing = name === 'onStreamError';
    const encoders = isFailing ? faulty('video', { at: 'sample' }) : COUNTED;
    const { writer } = await writing({ callbacks, encoders }, { sizeChange: 'reconfigure' });
    await put(writer, 0).catch(() => {});
    await write(writer, picture(1, 96, 54)).catch(() => {});
    const marked = writer.placeMarker(0).catch(firstCause);
    const ends = await Promise.all([writer.finalize().catch((error: unknown) => error), marked]);
    expect(ends).toEqual(isFailing ? [BROKEN, BROKEN] : [undefined, undefined]);
    await expect.poll(() => reported.mock.calls).toEqual([[thrown]]);
    expect([writer.state, alive.count]).toEqual([isFailing ? 'failed' : 'finalized', 0]);
  },
);
