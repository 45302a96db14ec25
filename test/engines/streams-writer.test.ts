/** Pipes into a file: the writable end of a writer's stream releases its samples, however it ends. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { canvasStorage, pooledFrames, shareFrames, VideoFramePool } from '../../src/index.ts';
import type { FrameWriter, FrameWriterOptions, SampleInfo, WriterSample } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { livePictures } from '../support/accounting.ts';
import { clipBlob } from '../support/packets.ts';
import { fate, rawFrames, tasks } from '../support/streams.ts';
import { afterTrial, alive, BROKEN, COUNTED, faulty, silent } from '../support/writer/encoders.ts';
import type { Made } from '../support/writer/making.ts';
import {
  FRAME_US,
  HEIGHT,
  made,
  packetsOf,
  picture,
  SOUND,
  sound,
  timesOf,
  VIDEO,
  WIDTH,
  writing,
} from '../support/writer/making.ts';

const REASON = new Error('the reason');
const WRITES = 10;

/** A writable end in use. */
class Scene {
  readonly pool = new VideoFramePool({ capacity: 2 * WRITES });
  readonly writes: Promise<unknown>[] = [];
  readonly sink: WritableStreamDefaultWriter<WriterSample>;
  readonly writer: FrameWriter;
  #number = 0;

  constructor(writer: FrameWriter) {
    this.writer = writer;
    this.sink = writer.writable(0).getWriter();
    this.sink.closed.catch(() => {});
    this.sink.ready.catch(() => {});
  }

  static async open(encoders: FrameWriterOptions['encoders']): Promise<Scene> {
    alive.count = 0;
    const { writer } = await writing({ encoders, capacity: 2 });
    return new Scene(writer);
  }

  handle(): FrameHandle {
    return this.pool.adopt(picture(this.#number++), { holder: 'scene' });
  }

  /** Writes, and awaits nothing. */
  write(chunk: unknown): void {
    this.writes.push(fate(this.sink.write(chunk as WriterSample)));
  }

  writeTwice(chunk: FrameHandle | VideoFrame): void {
    this.write(chunk);
    this.write(chunk);
  }

  /** Handles and frames by turns. */
  writeAll(): void {
    for (let write = 0; write < WRITES; write++) {
      this.write(write % 2 === 0 ? this.handle() : picture(this.#number++));
    }
  }
}

interface Moment {
  readonly when: string;
  set(scene: Scene): unknown;
  readonly isSilent?: true;
}

const moments: readonly Moment[] = [
  { when: 'before anything was written', set: () => {} },
  { when: 'with ten samples written at once', set: (scene) => scene.writeAll() },
  {
    when: 'while a write waits for room',
    isSilent: true,
    async set(scene) {
      scene.writeAll();
      scene.writeAll();
      await tasks();
    },
  },
];

interface Way {
  readonly way: string;
  end(scene: Scene): unknown;
  /** Null if nothing fails. */
  readonly error: unknown;
}

const named = (name: string): unknown => expect.objectContaining({ name });

/** These take effect in the call. */
const endsAtOnce: readonly Way[] = [
  { way: 'abort()', end: ({ sink }) => void fate(sink.abort(REASON)), error: REASON },
  { way: 'the writer’s abort()', end: ({ writer }) => void writer.abort(REASON), error: REASON },
];

const finalize: Way = {
  way: 'the writer’s finalize()',
  end: ({ writer }) => void fate(writer.finalize()),
  error: named('InvalidStateError'),
};

/** These are of this stream alone: the writer goes on. */
const writes: readonly Way[] = [
  { way: 'a chunk that is no sample', end: (scene) => scene.write('no'), error: named('TypeError') },
  {
    way: 'a handle that was released',
    end(scene) {
      const handle = scene.handle();
      handle.release();
      scene.write(handle);
    },
    error: named('InvalidStateError'),
  },
  {
    way: 'a handle that is written twice',
    end: (scene) => scene.writeTwice(scene.handle()),
    error: named('InvalidStateError'),
  },
  {
    way: 'a frame that is written twice',
    end: (scene) => scene.writeTwice(picture(99)),
    error: named('InvalidStateError'),
  },
  {
    way: 'a frame that a pool lent',
    end(scene) {
      const handle = scene.handle();
      scene.write(handle.frame);
      scene.writes.at(-1)?.then(() => {
        expect(handle.frame.codedWidth).toBeGreaterThan(0);
        handle.release();
      });
    },
    error: named('TypeError'),
  },
  {
    way: 'a time that goes back',
    end(scene) {
      scene.write(picture(200));
      scene.write(picture(200));
    },
    error: named('RangeError'),
  },
  { way: 'sound', end: (scene) => scene.write(sound(0)), error: named('TypeError') },
  { way: 'close()', end: ({ sink }) => void fate(sink.close()), error: null },
];

/** Writes and the like are met when their turn comes, which an encoder that says nothing never lets come. */
const cases = moments.flatMap((moment) =>
  (moment.isSilent === true ? endsAtOnce : [...endsAtOnce, finalize, ...writes]).map((way) => ({
    ...moment,
    ...way,
  })),
);

describe('[C10] writer.writable() lets go of what it was given', () => {
  test.each(cases)('by $way, $when', async ({ isSilent, set, way, end, error }) => {
    const scene = await Scene.open(isSilent === true ? { video: afterTrial(silent(true)) } : COUNTED);
    const { pool, sink, writer, writes: given } = scene;
    await set(scene);
    end(scene);
    if (endsAtOnce.some((each) => each.way === way)) {
      expect(writer.state).toBe('aborted');
      expect(pool.lentCount).toBe(0);
      expect(livePictures()).toBe(0);
    }
    if (error === null) {
      expect(await Promise.all(given)).toEqual(given.map(() => 'resolved'));
      expect(await fate(sink.closed)).toBe('resolved');
    } else {
      expect(await fate(sink.closed)).toEqual(error);
      for (const outcome of await Promise.all(given)) {
        if (outcome !== 'resolved') expect(outcome).toEqual(error);
      }
    }
    await tasks();
    if (writes.some((each) => each.way === way)) {
      expect(writer.state).toBe('writing');
      await writer.abort();
    }
    await expect.poll(() => alive.count).toBe(0);
    expect(pool.lentCount).toBe(0);
    pool.assertNoLeaks();
    expect(livePictures()).toBe(0);
  });

  test('when the encoder fails, with its error, also while nothing is written', async () => {
    for (const isIdle of [false, true]) {
      const scene = await Scene.open(faulty('video', { at: 'sample', samples: 2 }));
      for (let write = 0; write < 3; write++) scene.write(scene.handle());
      if (isIdle) await Promise.all(scene.writes);
      else scene.writeAll();
      expect(await fate(scene.sink.closed)).toBe(BROKEN);
      await Promise.all(scene.writes);
      expect(scene.writer.state).toBe('failed');
      scene.pool.assertNoLeaks();
      expect(livePictures()).toBe(0);
    }
  });

  test('when what is to tell the times throws', async () => {
    const { writer } = await writing();
    const pool = new VideoFramePool({ capacity: 1 });
    const info = (): never => {
      throw REASON;
    };
    const sink = writer.writable(0, { info }).getWriter();
    expect(await fate(sink.write(pool.adopt(picture(0))))).toBe(REASON);
    pool.assertNoLeaks();
    await writer.abort();
  });
});

/** The file has pictures at these times. */
const expectTimes = async (all: Made, times: readonly number[]): Promise<void> =>
  expect((await packetsOf(all)).times).toEqual(times);

describe('writer.writable()', () => {
  test('writes a whole clip of handles, at the pace of the encoder', async () => {
    const { file, frames } = clip('h264_bframes.mp4');
    const pool = new VideoFramePool({ capacity: 3 });
    await using reader = await openVideo(await clipBlob(file));
    const all = await writing({}, { width: reader.displayWidth, height: reader.displayHeight });
    await reader.readable({ pool }).pipeTo(all.writer.writable(0));
    expect(all.writer.state).toBe('writing');
    pool.assertNoLeaks();
    expect((await packetsOf(all)).times.length).toBe(frames);
  });

  test('writes what two branches and a pair carry, next to another consumer', async () => {
    const { file } = clip('vp8.webm');
    const pool = new VideoFramePool({ capacity: 3 });
    const all = await writing({}, { width: 320, height: 180 });
    const frames = (await rawFrames(file)).pipeThrough(pooledFrames(pool));
    const [shown, written] = shareFrames(frames, ['screen', 'file']);
    const timestamps: number[] = [];
    const screen = new WritableStream<FrameHandle>({
      write(handle) {
        timestamps.push(handle.timestamp);
        handle.release();
      },
    });
    await Promise.all([shown.pipeTo(screen), written.pipeTo(all.writer.writable(0))]);
    pool.assertNoLeaks();
    expect(timestamps).toEqual(timestampsOf(clip('vp8.webm')));
    expect((await packetsOf(all)).times.length).toBe(timestamps.length);
  });

  test('takes frames, canvases and sound, and gives them back when the snapshot is taken', async () => {
    const all = await writing({ hasSound: true });
    const canvases = new VideoFramePool({
      capacity: 1,
      storage: canvasStorage({ width: WIDTH, height: HEIGHT }),
    });
    const pictures = all.writer.writable(0).getWriter();
    const sounds = all.writer.writable(1).getWriter();
    const frame = picture(0);
    await pictures.write(frame);
    expect(frame.codedWidth).toBe(0);
    const copy = await canvases.capture(picture(1));
    await pictures.write(copy);
    expect(copy.released).toBe(true);
    const data = sound(0);
    await sounds.write(data);
    expect(data.format).toBe(null);
    await Promise.all([pictures.close(), sounds.close()]);
    await expectTimes(all, timesOf(2));
    canvases.assertNoLeaks();
    canvases.close();
  });

  test('closes sound that waits when it is aborted', async () => {
    const { writer } = made();
    await writer.addAudioStream(SOUND);
    await writer.beginWriting();
    const sink = writer.writable(0).getWriter();
    const data = Array.from({ length: 5 }, (_, number) => sound(number));
    const writes = data.map((one) => fate(sink.write(one)));
    sink.closed.catch(() => {});
    void fate(sink.abort(REASON));
    expect(data.map(({ format }) => format)).toEqual(data.map(() => null));
    await Promise.all(writes);
    expect(writer.state).toBe('aborted');
  });

  test('writes samples of the writer with the times that `info` tells', async () => {
    const all = await writing({ capacity: 2 });
    let next = 0;
    const info = (): SampleInfo => ({ timestamp: next++ * FRAME_US, duration: FRAME_US });
    const sink = all.writer.writable(0, { info }).getWriter();
    for (let sample = 0; sample < 5; sample++) await sink.write(await all.writer.allocateSample(0));
    await sink.close();
    await expectTimes(all, timesOf(5));
  });

  test('close() leaves the writer writing, for another stream and another writable', async () => {
    const all = await writing();
    for (const number of [0, 1]) {
      const sink = all.writer.writable(0).getWriter();
      await sink.write(picture(number));
      await sink.close();
    }
    await expectTimes(all, timesOf(2));
  });

  test('aborting the pipe aborts the writer, with the reason, and the file is told as aborted', async () => {
    const { writer, told } = await writing({}, { width: 320, height: 180 });
    const pool = new VideoFramePool({ capacity: 3 });
    await using reader = await openVideo(await clipBlob('vp8.webm'));
    const controller = new AbortController();
    const info = (sample: WriterSample): object => {
      if ((sample.timestamp ?? 0) > 200_000) controller.abort(REASON);
      return {};
    };
    const piped = reader
      .readable({ pool })
      .pipeTo(writer.writable(0, { info }), { signal: controller.signal });
    expect(await fate(piped)).toBe(REASON);
    expect(writer.state).toBe('aborted');
    expect(await fate(writer.finalize())).toBe(REASON);
    await tasks();
    expect(told).toEqual([['onFinalize', 'aborted']]);
    pool.assertNoLeaks();
  });

  test.each([
    { source: 'fails', options: {}, state: 'aborted', outcome: REASON },
    { source: 'fails', options: { preventAbort: true }, state: 'writing', outcome: REASON },
    { source: 'ends', options: { preventClose: true }, state: 'writing', outcome: 'resolved' },
    { source: 'ends', options: {}, state: 'writing', outcome: 'resolved' },
  ])('a pipe whose source $source, with $options, leaves the writer $state', async (given) => {
    const { writer } = await writing();
    const pool = new VideoFramePool({ capacity: 3 });
    let number = 0;
    const source = new ReadableStream<FrameHandle>(
      {
        pull(controller) {
          if (number < 4) controller.enqueue(pool.adopt(picture(number++)));
          else if (given.source === 'fails') controller.error(REASON);
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const sink = writer.writable(0);
    expect(await fate(source.pipeTo(sink, given.options))).toBe(given.outcome);
    expect(writer.state).toBe(given.state);
    pool.assertNoLeaks();
    if (Object.keys(given.options).length > 0) {
      await sink.getWriter().write(pool.adopt(picture(number)));
      await writer.finalize();
    } else await writer.abort();
    pool.assertNoLeaks();
  });

  test('a writer that fails cancels what is piped into it, or leaves it to be read with preventCancel', async () => {
    for (const preventCancel of [false, true]) {
      // Its queue fills up, so that the pipe is still open.
      const { writer } = await writing({ encoders: { video: afterTrial(silent(true)) } });
      const pool = new VideoFramePool({ capacity: 3 });
      await using reader = await openVideo(await clipBlob('vp8.webm'));
      const frames = reader.readable({ pool });
      const piped = fate(frames.pipeTo(writer.writable(0), { preventCancel }));
      await tasks();
      await writer.abort(REASON);
      expect(await piped).toBe(REASON);
      const next = await frames.getReader().read();
      expect(next.done).toBe(!preventCancel);
      next.value?.release();
      await reader.close();
      pool.assertNoLeaks();
    }
  });

  test('is refused for a stream that there is not, before writing, after the end, and for what is no function', async () => {
    const { writer } = made();
    expect(() => writer.writable(0)).toThrow(named('InvalidStateError'));
    await writer.addVideoStream(VIDEO);
    await writer.beginWriting();
    expect(() => writer.writable(1)).toThrow(RangeError);
    expect(() => writer.writable(0, { info: 1 as unknown as () => object })).toThrow(TypeError);
    await writer.abort();
    expect(() => writer.writable(0)).toThrow(named('InvalidStateError'));
  });
});
