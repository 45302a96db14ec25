/** Driver of a writer through all of its calls to any kind of end, and assertions on that end. */
import type { OutputFormat } from 'mediabunny';
import { afterEach, expect } from 'vitest';
import { canvasStorage, VideoFramePool } from '../../../src/index.ts';
import type {
  FrameWriter,
  FrameWriterOptions,
  WriterCallbacks,
  WriterStatus,
} from '../../../src/media/index.ts';
import { copyAndClose } from '../copying.ts';
import { alive, COUNTED } from './encoders.ts';
import { FRAME_US, HEIGHT, made, picture, SOUND, sound, VIDEO, WIDTH } from './making.ts';

/** Options of a driven writer. */
export interface Drive extends Partial<FrameWriterOptions> {
  readonly format?: OutputFormat;
  readonly pictures: number;
  /** False: writes are not awaited, so that many of them wait in the writer when it ends. */
  readonly waits?: boolean;
  /** Called before each call, with the call's number. */
  at?(call: number, writer: FrameWriter): unknown;
}

/** Uses a writer as an app does: its own samples, handles of a pool, sound, markers, segments. */
export async function driven({ format, pictures, waits = true, at, ...options }: Drive) {
  const statuses: WriterStatus[] = [];
  const streamErrors: unknown[] = [];
  const callbacks: WriterCallbacks = {
    onFinalize: (status) => statuses.push(status),
    onStreamError: (...given) => streamErrors.push(given),
  };
  const { writer } = made({ callbacks, capacity: 2, encoders: COUNTED, ...options }, format);
  const storage = canvasStorage({ width: WIDTH, height: HEIGHT });
  const pool = new VideoFramePool({ capacity: 2, storage });
  const given: Promise<unknown>[] = [];
  let calls = 0;
  const call = async <T>(make: () => Promise<T>, isAwaited = true): Promise<T | null> => {
    at?.(calls, writer);
    calls++;
    const promise = make();
    given.push(promise);
    promise.catch(() => {});
    return isAwaited ? promise.catch(() => null) : null;
  };
  await call(() => writer.addVideoStream({ ...VIDEO, bitrate: 4_000_000 }));
  await call(() => writer.addAudioStream(SOUND));
  await call(() => writer.beginWriting());
  for (let number = 0; number < pictures; number++) {
    const timestamp = number * FRAME_US;
    if (number % 2 === 0) {
      const sample = await call(() => writer.allocateSample(0));
      if (sample !== null)
        await call(() => writer.writeSample(0, sample, { timestamp }), waits && number % 4 === 0);
      sample?.release();
    } else {
      const handle = await copyAndClose(pool, picture(number));
      await call(() => writer.writeSample(0, handle), waits && number % 3 === 0);
      handle.release();
    }
    const data = sound(number);
    await call(() => writer.writeSample(1, data), waits);
    expect(data.numberOfFrames, 'sound that stays its caller’s').toBe(4800);
    data.close();
    if (number % 4 === 1) await call(() => writer.placeMarker(number % 8 === 1 ? 0 : 1, number), false);
    if (number === 20 && writer.state === 'writing') writer.notifyEndOfSegment(0);
  }
  await call(() => writer.finalize());
  const ends = await Promise.allSettled(given);
  await new Promise((resolve) => setTimeout(resolve, 0));
  pool.assertNoLeaks();
  pool.close();
  return { writer, statuses, streamErrors, ends, calls };
}

/**
 * The outcome of a writer: arguments of its callbacks, the outcome of every promise that it returned, and the number of calls.
 */
export type Run = Awaited<ReturnType<typeof driven>>;

/**
 * Asserts that the end is reported once, that nothing is left open, and that all rejections have one reason, or that there are
 * none.
 */
export function expectEnd(run: Run, status: WriterStatus, reason?: unknown, what?: string): void {
  const { writer, statuses, ends } = run;
  expect(statuses, what).toEqual([status]);
  expect([writer.state, alive.count], what).toEqual([status.state, 0]);
  const reasons = ends.flatMap((end) => (end.status === 'rejected' ? [firstCause(end.reason)] : []));
  expect([...new Set(reasons)], what).toEqual(reason === undefined ? [] : [reason]);
}

/** Asserts after each test of a file that no encoder of a writer is left open. */
export function checkEncodersAfterEachTest(): void {
  afterEach(() => {
    const { count } = alive;
    // Reset, so that a failure of this test does not fail the next one.
    alive.count = 0;
    expect(count, 'encoders alive').toBe(0);
  });
}

/** The original reason of a rejection. Calls after the writer's end reject with an error whose cause is the reason of the end. */
export function firstCause(reason: unknown): unknown {
  const { name, cause } = reason as Error;
  return name === 'InvalidStateError' && cause !== undefined ? cause : reason;
}
