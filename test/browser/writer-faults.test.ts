/** Whatever fails, and whenever: everything settles, everything goes home, encoders are closed, and it is told once. */
import type { OutputFormat, StreamTargetChunk } from 'mediabunny';
import { Mp4OutputFormat, StreamTarget, WebMOutputFormat } from 'mediabunny';
import { beforeEach, describe, expect, test } from 'vitest';
import type { VideoFramePool } from '../../src/index.ts';
import { canvasStorage, VideoFramePool as Pool } from '../../src/index.ts';
import type { WriterStatus } from '../../src/media/index.ts';
import { FrameWriter } from '../../src/media/index.ts';
import { firstCause } from '../support/writer/claim.ts';
import { alive, BROKEN, CountedEncoder, failing } from '../support/writer/encoders.ts';
import { HEIGHT, picture, sound, WIDTH } from '../support/writer/making.ts';

const PICTURES = 40;

beforeEach(() => {
  alive.count = 0;
});

/** What became of a writer that was driven to its end. */
interface Run {
  readonly writer: FrameWriter;
  readonly statuses: WriterStatus[];
  /** Of every promise that the writer gave. */
  readonly ends: PromiseSettledResult<unknown>[];
  readonly pool: VideoFramePool<ReturnType<typeof canvasStorage>>;
  readonly calls: number;
}

/**
 * Uses a writer as an app does: samples of its own, handles of a pool, sound, markers, gaps. `at` is told before each call,
 * with its number.
 */
async function driven(
  target: StreamTarget,
  format: OutputFormat,
  at: (call: number, writer: FrameWriter) => unknown = () => {},
  video: typeof VideoEncoder = CountedEncoder,
): Promise<Run> {
  const statuses: WriterStatus[] = [];
  const callbacks = { onFinalize: (status: WriterStatus): void => void statuses.push(status) };
  const writer = new FrameWriter({ format, target, callbacks, capacity: 2, encoders: { video } });
  const pool = new Pool({ capacity: 2, storage: canvasStorage({ width: WIDTH, height: HEIGHT }) });
  const given: Promise<unknown>[] = [];
  let calls = 0;
  const call = async <T>(make: () => Promise<T>, isAwaited = true): Promise<T | null> => {
    at(calls++, writer);
    const promise = make();
    given.push(promise);
    promise.catch(() => {});
    return isAwaited ? promise.catch(() => null) : null;
  };
  await call(() => writer.addVideoStream({ codec: 'vp8', width: WIDTH, height: HEIGHT, bitrate: 4_000_000 }));
  await call(() => writer.addAudioStream({ codec: 'opus', numberOfChannels: 1, sampleRate: 48_000 }));
  await call(() => writer.beginWriting());
  for (let number = 0; number < PICTURES; number++) {
    const timestamp = number * 40_000;
    if (number % 2 === 0) {
      const sample = await call(() => writer.allocateSample(0));
      await call(
        () => (sample === null ? Promise.resolve() : writer.writeSample(0, sample, { timestamp })),
        number % 4 === 0,
      );
      sample?.release();
    } else {
      const handle = await pool.capture(picture(number));
      await call(() => writer.writeSample(0, handle), number % 3 === 0);
      handle.release();
    }
    const data = sound(number);
    await call(() => writer.writeSample(1, data));
    data.close();
    if (number % 10 === 5) await call(() => writer.placeMarker(number % 2, number), false);
    if (number === 20 && writer.state === 'writing') writer.notifyEndOfSegment(0);
  }
  await call(() => writer.finalize());
  const ends = await Promise.allSettled(given);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return { writer, statuses, ends, pool, calls };
}

/** What holds after every end. */
function expectAllHome({ writer, statuses, pool }: Run): void {
  expect(statuses.length).toBe(1);
  expect(statuses[0]?.state).toBe(writer.state);
  expect(alive.count).toBe(0);
  expect(pool.lentCount).toBe(0);
  pool.close();
}

const reasonsOf = ({ ends }: Run): Set<unknown> =>
  new Set(ends.flatMap((end) => (end.status === 'rejected' ? [firstCause(end.reason)] : [])));

const FULL = new DOMException('the disk is full', 'QuotaExceededError');

/** A target that fails once so many bytes have passed; `Infinity` for one that counts only. */
function targetOf(room: number, atClose = false): { target: StreamTarget; bytes(): number } {
  let bytes = 0;
  const stream = new WritableStream<StreamTargetChunk>({
    write({ data }) {
      bytes += data.byteLength;
      if (bytes > room) throw FULL;
    },
    close() {
      if (atClose) throw FULL;
    },
  });
  return { target: new StreamTarget(stream), bytes: () => bytes };
}

const FORMATS: [string, () => OutputFormat][] = [
  ['MP4', () => new Mp4OutputFormat({ fastStart: false })],
  ['fragmented MP4', () => new Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration: 0.2 })],
  ['WebM', () => new WebMOutputFormat()],
];

describe.each(FORMATS)('a target that is full in the middle of %s', (_, format) => {
  test('is the reason of everything that was waiting, and of finalize(), wherever it happens [C: EndWriting]', async () => {
    const whole = targetOf(Infinity);
    const good = await driven(whole.target, format());
    expectAllHome(good);
    expect([good.writer.state, reasonsOf(good).size]).toEqual(['finalized', 0]);
    const size = whole.bytes();
    expect(size).toBeGreaterThan(3000);
    const rooms = [
      0,
      1,
      30,
      100,
      ...[0.1, 0.3, 0.5, 0.7, 0.9].map((part) => Math.floor(size * part)),
      size - 1,
    ];
    for (const room of rooms) {
      const run = await driven(targetOf(room).target, format());
      expectAllHome(run);
      expect([run.writer.state, run.statuses[0]], `${room} of ${size} bytes`).toEqual([
        'failed',
        { state: 'failed', error: FULL },
      ]);
      expect([...reasonsOf(run)], `${room} of ${size} bytes`).toEqual([FULL]);
      // The last promise is that of finalize().
      expect(run.ends.at(-1)?.status).toBe('rejected');
    }
  });

  test('or that cannot be closed, fails the end', async () => {
    const run = await driven(targetOf(Infinity, true).target, format());
    expectAllHome(run);
    expect([run.writer.state, [...reasonsOf(run)]]).toEqual(['failed', [FULL]]);
  });
});

test.each([0, 1, 7, 20, PICTURES - 1])(
  'an encoder that breaks at picture %d ends everything with its error',
  async (at) => {
    // Each stream's probe is an encoder of its own.
    const run = await driven(
      targetOf(Infinity).target,
      new WebMOutputFormat(),
      () => {},
      afterProbe(failing(at)),
    );
    expectAllHome(run);
    expect([run.writer.state, [...reasonsOf(run)]]).toEqual(['failed', [BROKEN]]);
  },
);

/** The first encoder is the probe's, and works. */
function afterProbe(broken: typeof VideoEncoder): typeof VideoEncoder {
  let made = 0;
  return new Proxy(broken, {
    construct: (type, given: [VideoEncoderInit]) =>
      made++ === 0 ? new CountedEncoder(...given) : new type(...given),
  });
}

test('abort() at whatever moment ends everything with its reason', async () => {
  const { calls } = await driven(targetOf(Infinity).target, new WebMOutputFormat());
  expect(calls).toBeGreaterThan(100);
  const moments = Array.from({ length: calls }, (_, call) => call).filter(
    (call) => call < 12 || call % 6 === 0,
  );
  for (const moment of moments) {
    const reason = new Error(`at call ${moment}`);
    const ended: Promise<void>[] = [];
    const run = await driven(targetOf(Infinity).target, new WebMOutputFormat(), (call, writer) => {
      const abort = (): void => void ended.push(writer.abort(reason));
      // In the middle of what the call before has set off, or a task later.
      if (call === moment && moment % 2 === 0) queueMicrotask(abort);
      else if (call === moment) setTimeout(abort, 0);
    });
    await Promise.all(ended);
    expectAllHome(run);
    expect([run.writer.state, run.statuses[0]], reason.message).toEqual([
      'aborted',
      { state: 'aborted', reason },
    ]);
    expect([...reasonsOf(run)], reason.message).toEqual([reason]);
  }
});

test('a target that never answers keeps abort() for a second, and nothing else', async () => {
  const stuck = new WritableStream<StreamTargetChunk>({ write: () => new Promise(() => {}) });
  const target = new StreamTarget(stuck);
  const format = new Mp4OutputFormat({ fastStart: 'fragmented' });
  const writer = new FrameWriter({ format, target, encoders: { video: CountedEncoder } });
  await writer.addVideoStream({ codec: 'vp8', width: WIDTH, height: HEIGHT });
  await writer.beginWriting();
  const frame = picture(0);
  await writer.writeSample(0, frame);
  frame.close();
  const finalized = writer.finalize().catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(writer.state).toBe('finalizing');
  const end = writer.abort('stuck');
  expect([alive.count, writer.state]).toEqual([0, 'aborted']);
  await end;
  expect(await finalized).toBe('stuck');
});
