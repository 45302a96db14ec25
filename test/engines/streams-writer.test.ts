/** Pipes into a file: the writable end of a writer's stream releases its samples, however it ends. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { canvasStorage, pooledFrames, shareFrames, VideoFramePool } from '../../src/index.ts';
import type { FrameWriter, FrameWriterOptions, SampleInfo, WriterSample } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { livePictures } from '../support/accounting.ts';
import { copyAndClose } from '../support/copying.ts';
import { clipBlob } from '../support/packets.ts';
import { eachOf, outcomeOf, rawFrames, takeAll, tasks } from '../support/streams.ts';
import { afterTrial, alive, BROKEN, COUNTED, faulty, silent } from '../support/writer/encoders.ts';
import {
  FRAME_US,
  HEIGHT,
  made,
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
    return new Scene((await writing({ encoders, capacity: 2 })).writer);
  }

  handle(): FrameHandle {
    return this.pool.adopt(picture(this.#number++), { holder: 'scene' });
  }

  /** Writes one chunk after the other without waiting. */
  write(...chunks: unknown[]): void {
    for (const chunk of chunks) this.writes.push(outcomeOf(this.sink.write(chunk as WriterSample)));
  }

  writeTwice(chunk: FrameHandle | VideoFrame): void {
    this.write(chunk, chunk);
  }

  /** Handles and frames, alternating. */
  writeAll(): void {
    for (let write = 0; write < WRITES; write++) {
      this.write(write % 2 === 0 ? this.handle() : picture(this.#number++));
    }
  }
}

type Operation = (scene: Scene) => unknown;

const moments: Record<string, Operation> = {
  'before anything was written': () => {},
  'with ten samples written at once': (scene) => scene.writeAll(),
  'while a write waits for room': async (scene) => {
    scene.writeAll();
    scene.writeAll();
    await tasks();
  },
};

interface Way {
  readonly way: string;
  readonly end: Operation;
  /** Null without a failure. */
  readonly error: unknown;
  /** State of the writer after its stream has ended. It is aborted in the call itself. */
  readonly leaves?: 'aborted' | 'writing';
}

const named = (name: string): unknown => expect.objectContaining({ name });

const aborts: readonly Way[] = [
  { way: 'abort()', end: ({ sink }) => void outcomeOf(sink.abort(REASON)), error: REASON, leaves: 'aborted' },
  {
    way: 'the writer’s abort()',
    end: ({ writer }) => void writer.abort(REASON),
    error: REASON,
    leaves: 'aborted',
  },
];

/** Chunks that end this stream alone. */
const wrongWrites: Record<string, [error: string, write: Operation]> = {
  'a chunk that is no sample': ['TypeError', (scene) => scene.write('no')],
  'a handle that was released': [
    'InvalidStateError',
    (scene) => {
      const handle = scene.handle();
      handle.release();
      scene.write(handle);
    },
  ],
  'a handle that is written twice': ['InvalidStateError', (scene) => scene.writeTwice(scene.handle())],
  'a frame that is written twice': ['InvalidStateError', (scene) => scene.writeTwice(picture(99))],
  'a frame that a pool lent': [
    'TypeError',
    (scene) => {
      const handle = scene.handle();
      scene.write(handle.frame);
      scene.writes.at(-1)?.then(() => {
        expect(handle.frame.codedWidth).toBeGreaterThan(0);
        handle.release();
      });
    },
  ],
  'a time that decreases': ['RangeError', (scene) => scene.write(picture(200), picture(200))],
  sound: ['TypeError', (scene) => scene.write(sound(0))],
};

const ways: readonly Way[] = [
  ...aborts,
  {
    way: 'the writer’s finalize()',
    end: ({ writer }) => void outcomeOf(writer.finalize()),
    error: named('InvalidStateError'),
  },
  ...Object.entries(wrongWrites).map(([way, [error, end]]): Way => ({
    way,
    end,
    error: named(error),
    leaves: 'writing',
  })),
  { way: 'close()', end: ({ sink }) => void outcomeOf(sink.close()), error: null, leaves: 'writing' },
];

/** Writes and the like fail in their turn, which never comes with a silent encoder. */
const cases = Object.entries(moments).flatMap(([when, set]) => {
  const isSilent = when === 'while a write waits for room';
  return (isSilent ? aborts : ways).map((way) => ({ when, set, isSilent, ...way }));
});

describe('[C10] writer.writable() releases what it was given', () => {
  test.each(cases)('by $way, $when', async ({ isSilent, set, end, error, leaves }) => {
    const scene = await Scene.open(isSilent ? { video: afterTrial(silent(true)) } : COUNTED);
    const { pool, sink, writer, writes: given } = scene;
    const expectNothingHeld = (): void => expect([pool.lentCount, livePictures()]).toEqual([0, 0]);
    await set(scene);
    end(scene);
    if (leaves === 'aborted') {
      expect(writer.state).toBe('aborted');
      expectNothingHeld();
    }
    expect(await outcomeOf(sink.closed)).toEqual(error ?? 'resolved');
    for (const outcome of await Promise.all(given)) {
      if (error === null || outcome !== 'resolved') expect(outcome).toEqual(error ?? 'resolved');
    }
    await tasks();
    if (leaves === 'writing') {
      expect(writer.state).toBe('writing');
      await writer.abort();
    }
    await expect.poll(() => alive.count).toBe(0);
    pool.assertNoLeaks();
    expectNothingHeld();
  });

  test('when the encoder fails, with its error, even without a pending write', async () => {
    for (const isIdle of [false, true]) {
      const scene = await Scene.open(faulty('video', { at: 'sample', samples: 2 }));
      scene.write(scene.handle(), scene.handle(), scene.handle());
      if (isIdle) await Promise.all(scene.writes);
      else scene.writeAll();
      expect(await outcomeOf(scene.sink.closed)).toBe(BROKEN);
      await Promise.all(scene.writes);
      expect(scene.writer.state).toBe('failed');
      scene.pool.assertNoLeaks();
      expect(livePictures()).toBe(0);
    }
  });

  test('when the callback that returns the times throws', async () => {
    const { writer } = await writing();
    const pool = new VideoFramePool({ capacity: 1 });
    const info = (): never => {
      throw REASON;
    };
    const sink = writer.writable(0, { info }).getWriter();
    expect(await outcomeOf(sink.write(pool.adopt(picture(0))))).toBe(REASON);
    pool.assertNoLeaks();
    await writer.abort();
  });
});

describe('writer.writable()', () => {
  test('writes a whole clip of handles, at the pace of the encoder', async () => {
    const { file, frames } = clip('h264_bframes.mp4');
    const pool = new VideoFramePool({ capacity: 3 });
    await using reader = await openVideo(await clipBlob(file));
    const all = await writing({}, { width: reader.displayWidth, height: reader.displayHeight });
    await reader.readable({ pool }).pipeTo(all.writer.writable(0));
    expect(all.writer.state).toBe('writing');
    pool.assertNoLeaks();
    expect((await all.packets()).times.length).toBe(frames);
  });

  test('writes what two branches and a pair carry, next to another consumer', async () => {
    const { file } = clip('vp8.webm');
    const pool = new VideoFramePool({ capacity: 3 });
    const all = await writing({}, { width: 320, height: 180 });
    const frames = (await rawFrames(file)).pipeThrough(pooledFrames(pool));
    const [shown, written] = shareFrames(frames, ['screen', 'file']);
    const screen = takeAll(eachOf(shown));
    await Promise.all([screen, written.pipeTo(all.writer.writable(0))]);
    pool.assertNoLeaks();
    const timestamps = await screen;
    expect(timestamps).toEqual(timestampsOf(clip('vp8.webm')));
    expect((await all.packets()).times.length).toBe(timestamps.length);
  });

  test('takes frames, canvases and sound, and releases them when the snapshot is taken', async () => {
    const all = await writing({ hasSound: true });
    const storage = canvasStorage({ width: WIDTH, height: HEIGHT });
    const canvases = new VideoFramePool({ capacity: 1, storage });
    const pictures = all.writer.writable(0).getWriter();
    const sounds = all.writer.writable(1).getWriter();
    const frame = picture(0);
    await pictures.write(frame);
    expect(frame.codedWidth).toBe(0);
    const copy = await copyAndClose(canvases, picture(1));
    await pictures.write(copy);
    expect(copy.released).toBe(true);
    const data = sound(0);
    await sounds.write(data);
    expect(data.format).toBe(null);
    await Promise.all([pictures.close(), sounds.close()]);
    expect((await all.packets()).times).toEqual(timesOf(2));
    canvases.assertNoLeaks();
    canvases.close();
  });

  test('closes waiting sound when it is aborted', async () => {
    const { writer } = made();
    await writer.addAudioStream(SOUND);
    await writer.beginWriting();
    const sink = writer.writable(0).getWriter();
    const data = Array.from({ length: 5 }, (_, number) => sound(number));
    const writes = data.map((one) => outcomeOf(sink.write(one)));
    sink.closed.catch(() => {});
    void outcomeOf(sink.abort(REASON));
    expect(data.map(({ format }) => format)).toEqual(data.map(() => null));
    await Promise.all(writes);
    expect(writer.state).toBe('aborted');
  });

  test('writes samples of the writer with the times that `info` returns', async () => {
    const all = await writing({ capacity: 2 });
    let next = 0;
    const info = (): SampleInfo => ({ timestamp: next++ * FRAME_US, duration: FRAME_US });
    const sink = all.writer.writable(0, { info }).getWriter();
    for (let sample = 0; sample < 5; sample++) await sink.write(await all.writer.allocateSample(0));
    await sink.close();
    expect((await all.packets()).times).toEqual(timesOf(5));
  });

  test('close() leaves the writer writing, for another stream and another writable', async () => {
    const all = await writing();
    for (const number of [0, 1]) {
      const sink = all.writer.writable(0).getWriter();
      await sink.write(picture(number));
      await sink.close();
    }
    expect((await all.packets()).times).toEqual(timesOf(2));
  });

  test('aborting the pipe aborts the writer with the reason, as its file reports', async () => {
    const { writer, callbackLog } = await writing({}, { width: 320, height: 180 });
    const pool = new VideoFramePool({ capacity: 3 });
    await using reader = await openVideo(await clipBlob('vp8.webm'));
    const controller = new AbortController();
    const info = (sample: WriterSample): object => {
      if ((sample.timestamp ?? 0) > 200_000) controller.abort(REASON);
      return {};
    };
    const { signal } = controller;
    const piped = reader.readable({ pool }).pipeTo(writer.writable(0, { info }), { signal });
    expect(await outcomeOf(piped)).toBe(REASON);
    expect(writer.state).toBe('aborted');
    expect(await outcomeOf(writer.finalize())).toBe(REASON);
    await tasks();
    expect(callbackLog).toEqual([['onFinalize', 'aborted']]);
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
    expect(await outcomeOf(source.pipeTo(sink, given.options))).toBe(given.outcome);
    expect(writer.state).toBe(given.state);
    pool.assertNoLeaks();
    if (Object.keys(given.options).length > 0) {
      await sink.getWriter().write(pool.adopt(picture(number)));
      await writer.finalize();
    } else await writer.abort();
    pool.assertNoLeaks();
  });

  test('a writer that fails cancels its source, or leaves it readable with preventCancel', async () => {
    for (const preventCancel of [false, true]) {
      // Its queue fills up, so that the pipe is still open.
      const { writer } = await writing({ encoders: { video: afterTrial(silent(true)) } });
      const pool = new VideoFramePool({ capacity: 3 });
      await using reader = await openVideo(await clipBlob('vp8.webm'));
      const frames = reader.readable({ pool });
      const piped = outcomeOf(frames.pipeTo(writer.writable(0), { preventCancel }));
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

  test('rejects an unknown stream, wrong options, and calls before or after writing', async () => {
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
