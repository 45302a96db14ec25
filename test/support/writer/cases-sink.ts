/** Table D of the contract, and the edge cases of writers. Each case runs in a window and in a worker. */
import { ManualClock } from '../../../src/testing/index.ts';
import { outcomeOf } from '../streams.ts';
import { failureOf, holds, isPending, refuses, same, until } from './claim.ts';
import { alive, BROKEN, COUNTED, DroppingEncoder, faulty, keeping } from './encoders.ts';
import {
  FRAME_US,
  HEIGHT,
  made,
  picture,
  put,
  putAll,
  putMany,
  SOUND,
  sound,
  timesOf,
  VIDEO,
  WIDTH,
  write,
  writing,
} from './making.ts';

export const SINK_CASES: Record<string, () => Promise<void>> = {
  async '[D: callback] callbacks are set at creation, and never called inside a call'() {
    await refuses('TypeError', () => made({ callbacks: { onMarker: 1 as never } }));
    const { writer, callbackLog } = await writing();
    const marker = writer.placeMarker(0, { a: 1 });
    same(callbackLog, []);
    await marker;
    same(callbackLog, [['onMarker', 0, { a: 1 }]]);
    const end = writer.abort();
    same(callbackLog.length, 1);
    await end;
    same(callbackLog.at(-1), ['onFinalize', 'aborted']);
  },

  async '[D: callback] a callback that throws does not affect the others'() {
    const calls: unknown[] = [];
    const reported: unknown[] = [];
    const callbacks = {
      onMarker(_: number, context: unknown): void {
        calls.push(context);
        throw new Error('on purpose');
      },
      onFinalize: () => void calls.push('end'),
    };
    // Replaces the platform's function, which prints.
    const { reportError } = globalThis;
    globalThis.reportError = ({ message }: Error) => void reported.push(message);
    const { writer } = await writing({ callbacks });
    await writer.placeMarker(0, 1);
    await writer.placeMarker(0, 2);
    await put(writer, 0);
    await writer.finalize();
    await until(() => calls.length === 3, 'all callbacks are called');
    globalThis.reportError = reportError;
    same(calls, [1, 2, 'end']);
    same(reported, ['on purpose', 'on purpose']);
  },

  async '[D: AddStream] streams are numbered in the order of the calls'() {
    const { writer } = made();
    const numbers = await Promise.all([
      writer.addVideoStream({ codec: 'av1', width: WIDTH, height: HEIGHT }),
      writer.addAudioStream(SOUND),
      writer.addVideoStream(VIDEO),
    ]);
    same(numbers, [0, 1, 2]);
    same((writer.getConfiguration(2) as VideoEncoderConfig).codec, 'vp8');
    await writer.abort();
  },

  async '[D: BeginWriting] is rejected without streams, and when repeated'() {
    const { writer } = made();
    await refuses('InvalidStateError', () => writer.beginWriting());
    await writer.addVideoStream(VIDEO);
    const [first, second] = await Promise.allSettled([writer.beginWriting(), writer.beginWriting()]);
    same([first.status, second.status, writer.state], ['fulfilled', 'rejected', 'writing']);
    await writer.abort();
  },

  async '[D: WriteSample] a write settles when there is room for the next, unless throttling is off'() {
    const { writer } = await writing();
    const writes = putAll(writer, 12);
    const { waitingCount, queueSize } = writer.getStatistics(0);
    same([waitingCount, queueSize], [6, 6]);
    await Promise.all(writes);
    await writer.abort();
    const { writer: free } = await writing({ throttle: false });
    const all = Promise.all(putAll(free, 40));
    same([free.getStatistics(0).waitingCount, free.getStatistics(0).queueSize], [0, 40]);
    await all;
    await free.abort();
  },

  async '[D: SendStreamTick] time advances without a sample, and never goes back'() {
    const { writer, packets } = await writing();
    await put(writer, 0);
    await refuses('RangeError', () => writer.sendStreamTick(0, 0));
    writer.sendStreamTick(0, 400_000);
    await refuses('RangeError', () => put(writer, 5));
    await put(writer, 10);
    same((await packets()).times, [0, 400_000]);
  },

  async '[D: PlaceMarker] resolves when all earlier samples are in the file, without a flush'() {
    const { writer, callbackLog, packets } = await writing({}, { keyFrameInterval: Infinity });
    const context = { number: 0 };
    let inFile = -1;
    for (let number = 0; number < 10; number++) {
      await put(writer, number);
      if (number === 4)
        void writer.placeMarker(0, context).then(() => (inFile = writer.getStatistics(0).written));
    }
    await writer.placeMarker(0, 'last');
    holds(inFile >= 5, 'five are in the file');
    same(writer.getStatistics(0).written, 10);
    same(callbackLog, [
      ['onMarker', 0, context],
      ['onMarker', 0, 'last'],
    ]);
    same((await packets()).keys, [0]);
  },

  async '[D: PlaceMarker] [edge 13] markers resolve in order over all streams, at the latest at the end'() {
    const { writer, callbackLog } = await writing({ hasSound: true, encoders: { video: keeping(40) } });
    await put(writer, 0);
    const first = writer.placeMarker(0, 'pictures');
    await write(writer, sound(0), { stream: 1 });
    const second = writer.placeMarker(1, 'sound');
    holds(await isPending(second), 'it waits');
    await writer.finalize();
    same(await Promise.all([first, second]), ['pictures', 'sound']);
    await until(() => callbackLog.length === 3, 'every callback was called');
    same(callbackLog, [
      ['onMarker', 0, 'pictures'],
      ['onMarker', 1, 'sound'],
      ['onFinalize', 'finalized'],
    ]);
  },

  async '[edge 13] markers that are pending at abort() reject with its reason'() {
    const { writer, callbackLog } = await writing({ encoders: { video: keeping(40) } });
    await put(writer, 0);
    const markers = [writer.placeMarker(0, 1), writer.placeMarker(0, 2)];
    const reason = new Error('enough');
    await writer.abort(reason);
    for (const marker of markers) same((await failureOf(() => marker)) === reason, true);
    same(callbackLog, [['onFinalize', 'aborted']]);
    same(alive.count, 0, 'encoders alive');
  },

  async '[D: NotifyEndOfSegment] the next picture is a key frame'() {
    const { writer, packets } = await writing({}, { keyFrameInterval: Infinity });
    await putMany(writer, 5);
    writer.notifyEndOfSegment(0);
    await putMany(writer, 5, 5);
    same(await packets(), { times: timesOf(10), keys: [0, 5] });
  },

  async '[D: Finalize] [edge 13] ends once, and reports once'() {
    const { writer, callbackLog } = await writing();
    await putMany(writer, 3);
    const end = writer.finalize();
    same(writer.state, 'finalizing');
    await refuses('InvalidStateError', () => writer.finalize());
    await end;
    same(writer.state, 'finalized');
    await refuses('InvalidStateError', () => put(writer, 4));
    await refuses('InvalidStateError', () => writer.finalize());
    await writer.abort();
    same(callbackLog, [['onFinalize', 'finalized']]);
  },

  async '[D: Finalize] rejects with the reason of an earlier abort(), and a later abort() ends it'() {
    const { writer, callbackLog } = await writing();
    await writer.abort('because');
    same(await outcomeOf(writer.finalize()), 'because');
    same(callbackLog, [['onFinalize', 'aborted']]);
    const { writer: late } = await writing({ encoders: COUNTED });
    const writes = Promise.allSettled(putAll(late, 10));
    const end = outcomeOf(late.finalize());
    await late.abort('changed my mind');
    same([await end, late.state], ['changed my mind', 'aborted']);
    await writes;
    same(alive.count, 0, 'encoders alive');
  },

  async '[D: OnStreamError] an encoder failure is reported, and ends every wait'() {
    const encoders = faulty('video', { at: 'sample', samples: 2 });
    const { writer, callbackLog } = await writing({ capacity: 1, encoders });
    const sample = await writer.allocateSample(0);
    const waiting = writer.allocateSample(0);
    const writes = putAll(writer, 12);
    const ends = await Promise.allSettled([waiting, ...writes, writer.placeMarker(0), writer.finalize()]);
    const reasons = ends.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
    holds(reasons.length >= 3, 'the rest was rejected');
    // The wait for a sample ended at finalize(). All other waits end with the cause.
    const others = reasons.flatMap((reason) => (reason === BROKEN ? [] : [reason.name]));
    same(others, ['InvalidStateError']);
    same(callbackLog, [
      ['onStreamError', 0, BROKEN.message],
      ['onFinalize', 'failed'],
    ]);
    sample.release();
    same([writer.getStatistics(0).lentCount, alive.count], [0, 0]);
  },

  async '[D: OnTransformChange] a change of size is reported if the stream allows it'() {
    const { writer, callbackLog, packets } = await writing({}, { sizeChange: 'reconfigure' });
    await put(writer, 0);
    await write(writer, picture(1, WIDTH * 2, HEIGHT * 2));
    await put(writer, 2);
    await writer.finalize();
    const changes = callbackLog.flatMap(([name, ...change]) => (name === 'onFormatChange' ? [change] : []));
    same(changes, [
      [0, WIDTH * 2, HEIGHT * 2],
      [0, WIDTH, HEIGHT],
    ]);
    same((await packets()).keys, [0, 1, 2]);
  },

  async '[edge 12] no call waits for ever while the writer’s own queue has the only buffer'() {
    const { writer, packets } = await writing({ capacity: 1, encoders: { video: keeping(40) } });
    for (let number = 0; number < 60; number++) {
      const sample = await writer.allocateSample(0);
      sample.context.fillRect(number, 0, 1, 1);
      void writer.writeSample(0, sample, { timestamp: number * FRAME_US });
      same(writer.getStatistics(0).lentCount <= 1, true);
    }
    same((await packets()).times, timesOf(60));
  },

  async '[edge 17] an encoder that keeps 40 pictures gets them, and the queue stays bounded'() {
    const clock = new ManualClock();
    const { writer, packets } = await writing({ clock, encoders: { video: keeping(40) } });
    const isStuck = (): boolean => {
      const { submitted, queueSize, encoderDelay } = writer.getStatistics(0);
      return submitted <= 40 && queueSize >= 6 + encoderDelay;
    };
    for (let number = 0; number < 120; number++) {
      const written = put(writer, number);
      for (let interval = 0; interval < 9 && isStuck(); interval++) clock.advance(100);
      await written;
      const { queueSize, encoderDelay } = writer.getStatistics(0);
      same(queueSize <= 6 + encoderDelay, true, 'bounded');
    }
    const { encoderDelay } = writer.getStatistics(0);
    holds(encoderDelay >= 34 && encoderDelay <= 64, `the encoderDelay is learned, not ${encoderDelay}`);
    same((await packets()).times, timesOf(120));
  },

  async '[edge 17] pictures that an encoder drops delay no other'() {
    const { writer } = await writing({ encoders: { video: DroppingEncoder } });
    await putMany(writer, 60);
    const marker = writer.placeMarker(0, 'end');
    await writer.finalize();
    await marker;
    const { submitted, encoded, dropped, written, queueSize } = writer.getStatistics(0);
    same([submitted, encoded + dropped, encoded === written, queueSize], [60, 60, true, 0]);
    holds(dropped === 20, `twenty were dropped, not ${dropped}`);
  },
};
