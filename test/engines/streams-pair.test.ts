/**
 * Every end of a pooledFrames() pair, at every moment: each frame is closed, each promise settles, nothing stays
 * lent.
 */
import { describe, expect, test } from 'vitest';
import type { FrameHandle, FramePermit } from '../../src/index.ts';
import { canvasStorage, pooledFrames, VideoFramePool } from '../../src/index.ts';
import { livePictures } from '../support/accounting.ts';
import { pairOf, poolOf } from '../support/decoding.ts';
import { colourFrame } from '../support/frames.ts';
import { eachOf, outcomeOf, giveUpRead, takeAll, tasks } from '../support/streams.ts';

const GREY = [90, 90, 90] as const;
const REASON = new Error('the reason');
const WRITES = 10;

/** A pair in use. */
class Scene {
  readonly pool = poolOf({ capacity: 3, name: 'scene' });
  readonly controller = new AbortController();
  readonly writer: WritableStreamDefaultWriter<VideoFrame>;
  readonly reader: ReadableStreamDefaultReader<FrameHandle>;
  readonly writes: Promise<unknown>[] = [];
  readonly held: FrameHandle[] = [];
  readonly others: FramePermit[] = [];
  /** A read that was begun and not awaited. */
  pending: Promise<unknown> | null = null;

  constructor() {
    const pair = pooledFrames(this.pool, { signal: this.controller.signal, holder: 'scene' });
    this.writer = pair.writable.getWriter();
    this.reader = pair.readable.getReader();
    // Checked later.
    this.writer.closed.catch(() => {});
    this.writer.ready.catch(() => {});
    this.reader.closed.catch(() => {});
  }

  /** Writes, and awaits nothing. */
  write(chunk: unknown = colourFrame(GREY, { timestamp: this.writes.length })): void {
    this.writes.push(outcomeOf(this.writer.write(chunk as VideoFrame)));
  }

  writeAll(): void {
    for (let write = 0; write < WRITES; write++) this.write();
  }

  /** Lets other holders take every slot, and the first of these writes wait for a permit. */
  async starve(write = () => this.write()): Promise<void> {
    for (let permit = this.pool.tryReserve(); permit !== null; permit = this.pool.tryReserve()) {
      this.others.push(permit);
    }
    write();
    this.ask();
    await expect.poll(() => this.pool.waitingCount).toBe(1);
  }

  releaseOthers(): void {
    for (const permit of this.others) permit.release();
  }

  async read(count: number): Promise<void> {
    for (let read = 0; read < count; read++) {
      const { value } = await this.reader.read();
      if (value !== undefined) this.held.push(value);
    }
  }

  /** Begins a read, and does not wait for it. */
  ask(): void {
    this.pending = outcomeOf(this.read(1));
  }

  /** Reads to the end, good or not. */
  async drain(look: (handle: FrameHandle) => void = () => {}): Promise<unknown> {
    for (;;) {
      try {
        const { done, value } = await this.reader.read();
        if (done) return 'done';
        look(value);
        value.release();
      } catch (error) {
        return error;
      }
    }
  }
}

/** Writes all frames without waiting. */
const written =
  (then: (scene: Scene) => unknown) =>
  async (scene: Scene): Promise<void> => {
    scene.writeAll();
    await then(scene);
  };

const CLOSED = 'after close(), with frames unread';

/** Steps that bring a pair to the moment at which it ends. */
const moments: Readonly<Record<string, (scene: Scene) => unknown>> = {
  'before anything was written': () => {},
  'with ten frames written at once': (scene) => scene.writeAll(),
  'with ten frames written and some of them ready': written(({ pool }) =>
    expect.poll(() => pool.lentCount).toBe(1),
  ),
  'with ten frames written and two of them read': written((scene) => scene.read(2)),
  'while a read waits for a frame'(scene) {
    scene.ask();
    return tasks(1);
  },
  'while a write waits for a permit': (scene) => scene.starve(() => scene.writeAll()),
  [CLOSED]: written(({ writer }) => {
    void outcomeOf(writer.close());
    return tasks(1);
  }),
};

/** An end, with the error of both sides; null for a good end. */
type Way = readonly [way: string, error: unknown, end: (scene: Scene) => void];

const ends: readonly Way[] = [
  ['abort()', REASON, ({ writer }) => void writer.abort(REASON)],
  ['cancel()', REASON, ({ reader }) => void reader.cancel(REASON)],
  ['the signal', REASON, ({ controller }) => controller.abort(REASON)],
];

const named = (name: string): unknown => expect.objectContaining({ name });
const eitherOf = (...names: string[]): unknown =>
  expect.objectContaining({ name: expect.stringMatching(new RegExp(`^(${names.join('|')})$`, 'u')) });

/** An end by the writer. */
const write = (way: string, error: unknown, end: (scene: Scene) => void): Way => [way, error, end];

/** Writes that are rejected or meet the end of the pool, and close(). */
const writes: readonly Way[] = [
  ...(['decommit', 'close'] as const).map((call) =>
    write(
      `the pool’s ${call}(), met by the next write`,
      eitherOf('AbortError', 'InvalidStateError'),
      (scene) => {
        void scene.pool[call]();
        scene.write();
      },
    ),
  ),
  write('a chunk that is no frame', named('TypeError'), (scene) => scene.write('no')),
  write('a frame that is closed', named('InvalidStateError'), (scene) => {
    const frame = colourFrame(GREY);
    frame.close();
    scene.write(frame);
  }),
  // It belongs to the pool, or is already closed.
  write('a frame that is written twice', eitherOf('TypeError', 'InvalidStateError'), (scene) => {
    const frame = colourFrame(GREY);
    scene.write(frame);
    scene.write(frame);
  }),
  write('a frame that a pool lent', named('TypeError'), (scene) => {
    const handle = poolOf({ capacity: 1 }).adopt(colourFrame(GREY));
    scene.write(handle.frame);
    scene.writes.at(-1)?.then(() => {
      expect(handle.frame.codedWidth).toBe(64);
      handle.release();
    });
  }),
  write('a frame that its former owner closes during the wait', named('InvalidStateError'), (scene) => {
    const frame = colourFrame(GREY);
    scene.writeAll();
    scene.write(frame);
    frame.close();
  }),
  write('close()', null, ({ writer }) => void outcomeOf(writer.close())),
];

const cases = Object.entries(moments).flatMap(([when, set]) =>
  // The platform rejects writes after close().
  (when === CLOSED ? ends : [...ends, ...writes]).map(([way, error, end]) => ({
    way,
    when,
    set,
    error,
    end,
  })),
);

describe('[C10] [edge 16] a pooledFrames() pair releases every frame', () => {
  test.each(cases)('by $way, $when', async ({ way, set, error, end }) => {
    const scene = new Scene();
    const { pool, writer, reader } = scene;
    await set(scene);
    const { length: held } = scene.held;
    end(scene);
    if (error === REASON) {
      expect(livePictures(), 'frames that are open right after the call').toBe(held);
      expect(pool.lentCount).toBe(held);
      expect(pool.waitingCount).toBe(0);
    }
    scene.releaseOthers();
    // Readers of a cancelled stream get the end rather than the error.
    const readerError = way === 'cancel()' ? null : error;
    expect(await scene.drain()).toEqual(readerError ?? 'done');
    for (const handle of scene.held) handle.release();
    const refused = (await Promise.all(scene.writes)).filter((outcome) => outcome !== 'resolved');
    expect(refused).toEqual(error === null ? [] : refused.map(() => error));
    expect(await outcomeOf(writer.closed)).toEqual(error ?? 'resolved');
    expect(await outcomeOf(reader.closed)).toEqual(readerError ?? 'resolved');
    await scene.pending;
  });
});

describe('pooledFrames()', () => {
  test('gives handles in the order of the writes, held by name, and ends after the last', async () => {
    const scene = new Scene();
    scene.writeAll();
    void outcomeOf(scene.writer.close());
    const timestamps: number[] = [];
    const end = await scene.drain(({ timestamp, holder }) => {
      expect(scene.pool.lentCount).toBeLessThanOrEqual(2);
      timestamps.push(timestamp);
      expect(holder).toBe('scene');
    });
    expect(end).toBe('done');
    expect(timestamps).toEqual(Array.from({ length: WRITES }, (_, index) => index));
  });

  test('stays under the cap while its handles are kept, and waits in order', async () => {
    const scene = new Scene();
    scene.writeAll();
    await scene.read(3);
    const next = scene.reader.read();
    await expect.poll(() => scene.pool.waitingCount).toBe(1);
    expect(scene.pool.lentCount).toBe(3);
    const before = scene.pool.reserve();
    scene.held.shift()?.release();
    scene.held.push((await next).value as FrameHandle);
    expect(scene.pool.lentCount).toBe(3);
    scene.held.shift()?.release();
    (await before).release();
    scene.controller.abort();
    for (const handle of scene.held) handle.release();
  });

  test.each([0, 1, 2, 5])(
    'takes %i frames in before the first read, as far as there is room',
    async (highWaterMark) => {
      const { pool, readable, writable } = pairOf({ capacity: 3 }, { highWaterMark });
      const writer = writable.getWriter();
      for (let write = 0; write < WRITES; write++) void outcomeOf(writer.write(colourFrame(GREY)));
      await tasks();
      expect(pool.lentCount).toBe(Math.min(3, highWaterMark));
      // Without a read it blocks no other waiter.
      expect(pool.waitingCount).toBe(0);
      await readable.cancel();
    },
  );

  test('keeps the frame of a cancelled read for the next reader', async () => {
    const scene = new Scene();
    const { pool } = scene;
    expect(await giveUpRead(scene.reader)).toMatchObject({ name: 'TypeError' });
    scene.write();
    scene.write();
    await tasks();
    expect(pool.lentCount).toBe(1);
    void outcomeOf(scene.writer.close());
    expect(pool.holders().map(({ holder }) => holder)).toEqual(['scene']);
    scene.controller.abort(REASON);
    expect(pool.lentCount).toBe(0);
  });

  test('gives the next reader the frame of a cancelled read first', async () => {
    const { readable, writable } = pairOf({ capacity: 3 });
    await giveUpRead(readable.getReader());
    const writer = writable.getWriter();
    await writer.write(colourFrame(GREY, { timestamp: 1 }));
    expect(readable.locked).toBe(false);
    void outcomeOf(writer.write(colourFrame(GREY, { timestamp: 2 })));
    void outcomeOf(writer.close());
    expect(await takeAll(eachOf(readable))).toEqual([1, 2]);
  });

  test('releases the frame of a cancelled read when it fails, even under another lock', async () => {
    const controller = new AbortController();
    const { pool, readable, writable } = pairOf({ capacity: 3 }, { signal: controller.signal });
    await giveUpRead(readable.getReader());
    const second = readable.getReader();
    second.closed.catch(() => {});
    await writable.getWriter().write(colourFrame(GREY));
    expect(pool.lentCount).toBe(1);
    controller.abort(REASON);
    expect(pool.lentCount).toBe(0);
    expect(await outcomeOf(second.read())).toBe(REASON);
  });

  test.each(['abort', 'cancel', 'signal'])(
    'returns a permit that is granted in the task of its %s, with that reason',
    async (way) => {
      const scene = new Scene();
      await scene.starve();
      scene.releaseOthers();
      expect(scene.pool.decodingCount).toBe(1);
      if (way === 'abort') void outcomeOf(scene.writer.abort(REASON));
      else if (way === 'cancel') void scene.reader.cancel(REASON);
      else scene.controller.abort(REASON);
      expect(livePictures()).toBe(0);
      expect(await Promise.all(scene.writes)).toEqual([REASON]);
      expect(await outcomeOf(scene.writer.closed)).toBe(REASON);
      expect(scene.held).toEqual([]);
    },
  );

  test('fails with InvalidStateError if the frame was closed during its wait [fault: frame taken away]', async () => {
    const scene = new Scene();
    const frame = colourFrame(GREY);
    await scene.starve(() => scene.write(frame));
    frame.close();
    scene.releaseOthers();
    expect(await outcomeOf(scene.reader.closed)).toMatchObject({ name: 'InvalidStateError' });
  });

  const TWO_LARGE = { capacity: 8, maxBytes: 2 * 64 * 48 * 4 };
  const large = (): VideoFrame => colourFrame(GREY);
  const small = (): VideoFrame => colourFrame(GREY, { width: 16, height: 16 });

  test('waits for the bytes of the frame that was written, under maxBytes', async () => {
    const { pool, readable, writable } = pairOf(TWO_LARGE, { highWaterMark: 8 });
    const writer = writable.getWriter();
    for (const frame of [large(), small(), large(), large()]) void outcomeOf(writer.write(frame));
    void outcomeOf(writer.close());
    await tasks();
    expect(pool.lentCount).toBe(2);
    const read = await takeAll(eachOf(readable), () => {
      expect(pool.bytes).toBeLessThanOrEqual(TWO_LARGE.maxBytes);
    });
    expect(read.length).toBe(4);
  });

  test('rejects a frame larger than the limit of the pool', async () => {
    const { readable, writable } = pairOf(TWO_LARGE);
    const write = outcomeOf(writable.getWriter().write(colourFrame(GREY, { width: 640, height: 480 })));
    expect(await outcomeOf(readable.getReader().read())).toMatchObject({ name: 'QuotaExceededError' });
    expect(await write).toMatchObject({ name: 'QuotaExceededError' });
  });

  test('admits each frame by its own size, in the order of the writes [C4]', async () => {
    const pool = poolOf(TWO_LARGE);
    const held = [large(), small(), small()].map((frame) => pool.adopt(frame));
    const reads = [large(), small()].map((frame) => {
      const { readable, writable } = pooledFrames(pool);
      const read = readable.getReader().read();
      void outcomeOf(writable.getWriter().write(frame));
      return read;
    });
    await expect.poll(() => pool.waitingCount).toBe(2);
    held.pop()?.release();
    // A small one would fit, but the large one came first.
    expect(pool.waitingCount).toBe(2);
    for (const handle of held) handle.release();
    const bytes = [];
    for (const read of reads) {
      const { value } = await read;
      bytes.push(value?.frame.codedWidth);
      value?.release();
    }
    expect(bytes[0]).toBeGreaterThan(bytes[1] ?? Infinity);
  });

  test('rejects a pool of buffers, and options that are no object', () => {
    using buffers = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 8, height: 8 }) });
    const pair = (pool: unknown, options?: object) => (): unknown =>
      pooledFrames(pool as typeof valid, options);
    const valid = poolOf({ capacity: 1 });
    for (const wrong of [buffers, {}]) expect(pair(wrong)).toThrow(TypeError);
    for (const wrong of [{ highWaterMark: '1' }, { holder: 1 }, { signal: {} }]) {
      expect(pair(valid, wrong)).toThrow(TypeError);
    }
    expect(pair(valid, { highWaterMark: -1 })).toThrow(RangeError);
  });

  test('has ended on both sides if the signal had fired before', async () => {
    const { readable, writable } = pairOf({ capacity: 1 }, { signal: AbortSignal.abort(REASON) });
    expect(await outcomeOf(readable.getReader().read())).toBe(REASON);
    expect(await outcomeOf(writable.getWriter().write(colourFrame(GREY)))).toBe(REASON);
  });

  test('closes a frame that is written after close(), while earlier ones are in transit', async () => {
    const scene = new Scene();
    scene.writeAll();
    void outcomeOf(scene.writer.close());
    scene.write();
    expect(await scene.writes.at(-1)).toMatchObject({ name: 'TypeError' });
    expect(await scene.drain()).toBe('done');
    expect(livePictures()).toBe(0);
  });

  test('a TransformStream in its place would leave queued frames open', async () => {
    const frames = Array.from({ length: WRITES }, () => colourFrame(GREY));
    const { readable, writable } = new TransformStream<VideoFrame, VideoFrame>();
    const writer = writable.getWriter();
    for (const frame of frames) void outcomeOf(writer.write(frame));
    await tasks();
    await readable.cancel(REASON);
    expect(livePictures()).toBe(WRITES);
    for (const frame of frames) frame.close();
  });
});
