/** Memory that is not to be had, at the first asking and at later ones; contexts that are lost; frames that the app takes away. */
import { describe, expect, test } from 'vitest';
import type { BufferStorage, FrameHandle, Storage } from '../../src/index.ts';
import {
  canvasStorage,
  connectPool,
  memoryStorage,
  receiveFrames,
  shareFrames,
  VideoFramePool,
} from '../../src/index.ts';
import { colourFrame, pixelAt } from '../support/frames.ts';
import { writing } from '../support/writer/making.ts';
import { NO_ROOM, scarce, scarceClones } from '../support/scarce.ts';

const CAPACITY = 3;
const COLOUR = [200, 100, 50] as const;
const frameAt = (timestamp: number): VideoFrame => colourFrame(COLOUR, { timestamp });

const STORAGES = {
  canvases: {
    make: (): BufferStorage => canvasStorage({ width: 64, height: 48 }),
    allocates: 'OffscreenCanvas',
  },
  memory: {
    make: (): BufferStorage => memoryStorage({ format: 'RGBA', codedWidth: 64, codedHeight: 48 }),
    allocates: 'ArrayBuffer',
  },
} as const;

type Pool = VideoFramePool<BufferStorage>;
type Handle = FrameHandle<BufferStorage>;

const decoded = new VideoFramePool({ capacity: 2 });

const ASKING: Record<string, (pool: Pool) => Promise<Handle | null>> = {
  'tryAcquire()': async (pool) => pool.tryAcquire(),
  'acquire()': (pool) => pool.acquire(),
  'capture()': (pool) => pool.capture(frameAt(0)),
  async 'copyTo()'(pool) {
    const handle = decoded.adopt(frameAt(0));
    try {
      return await handle.copyTo(pool);
    } finally {
      handle.release();
    }
  },
};

describe.each(Object.entries(STORAGES))('an engine without room for %s', (_, { make, allocates }) => {
  describe.each([1, 2, 3])('at allocation %i', (nth) => {
    test.each(Object.entries(ASKING))('fails %s, and leaves the pool whole', async (_name, ask) => {
      const pool = new VideoFramePool({ capacity: CAPACITY, storage: make() });
      // The first copy finds out how this engine copies, by buffers of its own.
      (await pool.capture(frameAt(0))).release();
      pool.trim();
      const held: Handle[] = [];
      scarce(allocates, nth);
      for (let before = 1; before < nth; before++) held.push((await ask(pool)) as Handle);
      await expect(ask(pool)).rejects.toMatchObject({ name: 'QuotaExceededError', cause: NO_ROOM });
      expect([pool.lentCount, pool.freeCount, pool.waitingCount]).toEqual([nth - 1, CAPACITY - nth + 1, 0]);
      // There is room again.
      held.push((await ask(pool)) as Handle);
      expect(pool.lentCount).toBe(nth);
      for (const handle of held) handle.release();
      pool.assertNoLeaks();
      decoded.assertNoLeaks();
      pool.close();
    });

    test('fails configure(), which changes nothing', () => {
      const pool = new VideoFramePool({ capacity: CAPACITY, storage: make() });
      scarce(allocates, nth);
      const refused = (): unknown => pool.configure({ storage: make(), initial: 3 });
      expect(refused).toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
      expect([pool.idleCount, pool.bytes, pool.freeCount]).toEqual([0, 0, CAPACITY]);
      pool.configure({ storage: make(), initial: 3 });
      expect(pool.idleCount).toBe(3);
      pool.close();
    });
  });
});

const REFERENCES: Record<string, (handle: FrameHandle) => unknown> = {
  'handle.frame': (handle) => handle.frame,
  'toVideoFrame()': (handle) => handle.toVideoFrame(),
};

describe.each(Object.entries(REFERENCES))('an engine that cannot clone a frame, for %s', (_, read) => {
  test.each([1, 2])('at frame %i, throws, and the share is as before', (nth) => {
    const pool = new VideoFramePool({ capacity: 2 });
    const handles = [pool.adopt(frameAt(1)), pool.adopt(frameAt(2))];
    if (read === REFERENCES['handle.frame']) scarceClones(nth);
    else scarce('VideoFrame', nth);
    const made: VideoFrame[] = [];
    for (const handle of handles.slice(0, nth - 1)) made.push(read(handle) as VideoFrame);
    const last = handles[nth - 1] as FrameHandle;
    expect(() => read(last)).toThrow(NO_ROOM);
    expect([last.released, pool.lentCount]).toEqual([false, 2]);
    made.push(read(last) as VideoFrame);
    expect(made.map(({ timestamp }) => timestamp)).toEqual([1, 2].slice(0, nth));
    for (const frame of made) frame.close();
    for (const handle of handles) handle.release();
    pool.assertNoLeaks();
  });
});

describe('an engine that cannot take a picture of a buffer', () => {
  test.each(Object.entries(STORAGES))(
    'of %s throws from toVideoFrame(), and once only',
    async (_, { make }) => {
      const pool = new VideoFramePool({ capacity: 1, storage: make() });
      const handle = await pool.capture(frameAt(7));
      scarce('VideoFrame');
      expect(() => handle.toVideoFrame()).toThrow(NO_ROOM);
      const frame = handle.toVideoFrame();
      expect(frame.timestamp).toBe(7);
      frame.close();
      handle.release();
      pool.assertNoLeaks();
      pool.close();
    },
  );

  test.each([1, 3])('at write %i refuses that write, and the writer goes on', async (nth) => {
    const { writer } = await writing();
    let refused: unknown = null;
    const frames = Array.from({ length: 4 }, (_, number) =>
      colourFrame(COLOUR, { height: 36, timestamp: number * 40_000 }),
    );
    scarce('VideoFrame', nth);
    for (const frame of frames) {
      await writer.writeSample(0, frame).catch((error: unknown) => (refused = error));
      frame.close();
    }
    expect(refused).toBe(NO_ROOM);
    await writer.finalize();
    expect([writer.state, writer.getStatistics(0).written]).toEqual(['finalized', 3]);
  });

  test('of another size at the writer’s is the end of it, with that error', async () => {
    const { writer, told } = await writing();
    const frame = frameAt(0);
    // The first is the snapshot, the second is drawn from it.
    scarce('VideoFrame', 2);
    const written = writer.writeSample(0, frame).catch((error: unknown) => error);
    frame.close();
    await expect(writer.finalize()).rejects.toBe(NO_ROOM);
    expect([undefined, NO_ROOM]).toContain(await written);
    expect([writer.state, writer.getStatistics(0).lentCount]).toEqual(['failed', 0]);
    expect(told.at(-1)).toEqual(['onFinalize', 'failed']);
  });

  test.each(['at once', 'after it has waited'])(
    'fails the send of a canvas %s, and the next one goes',
    async (when) => {
      const pool = new VideoFramePool<Storage>({
        capacity: 2,
        storage: canvasStorage({ width: 64, height: 48 }),
      });
      const { port1, port2 } = new MessageChannel();
      const link = connectPool(pool, port1);
      const frames = receiveFrames(port2, { ahead: 4 });
      const [first, second] = [await pool.capture(frameAt(1)), await pool.capture(frameAt(2))];
      if (when === 'at once') {
        // Who asks is connected, and has room.
        const asked = frames.next();
        await link.opened;
        await expect.poll(() => link.state).toBe('open');
        const warm = await pool.tryAcquire();
        expect(warm).toBe(null);
        scarce('VideoFrame');
        await expect(link.send(first)).rejects.toBe(NO_ROOM);
        await link.send(second);
        (await asked).value?.handle.release();
      } else {
        const sent = [link.send(first), link.send(second)];
        scarce('VideoFrame');
        const asked = frames.next();
        expect(await Promise.allSettled(sent)).toMatchObject([
          { status: 'rejected', reason: NO_ROOM },
          { status: 'fulfilled' },
        ]);
        (await asked).value?.handle.release();
      }
      await expect.poll(() => pool.lentCount).toBe(0);
      link.close();
      await link.closed;
      pool.close();
    },
  );
});

describe('a canvas that loses its context', () => {
  /** Tells what a browser would, whose GPU process ended. */
  const lose = (handle: FrameHandle<ReturnType<typeof canvasStorage>>): void => {
    Object.defineProperty(handle.context, 'isContextLost', { value: () => true });
    handle.canvas.dispatchEvent(new Event('contextlost'));
  };
  const poolOfOne = (): VideoFramePool<ReturnType<typeof canvasStorage>> =>
    new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 64, height: 48 }) });

  test('while it is lent gives no picture, and is not lent again', async () => {
    const pool = poolOfOne();
    const handle = await pool.acquire();
    const waiting = pool.acquire();
    const { canvas } = handle;
    lose(handle);
    expect(() => handle.toVideoFrame()).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    handle.release();
    const next = await waiting;
    expect([next.canvas === canvas, pool.stats().discarded]).toEqual([false, 1]);
    next.release();
    pool.close();
  });

  test('while it is idle is not lent again', async () => {
    const pool = poolOfOne();
    const handle = await pool.acquire();
    const { canvas, context } = handle;
    handle.release();
    Object.defineProperty(context, 'isContextLost', { value: () => true });
    const next = await pool.acquire();
    expect([next.canvas === canvas, pool.stats().pruned]).toEqual([false, 1]);
    next.release();
    pool.close();
  });

  test('as a sample of a writer is refused, and the writer goes on with another', async () => {
    const { writer } = await writing({ capacity: 1 });
    const sample = await writer.allocateSample(0);
    lose(sample);
    const written = writer.writeSample(0, sample, { timestamp: 0 });
    await expect(written).rejects.toMatchObject({ name: 'InvalidStateError' });
    sample.release();
    const next = await writer.allocateSample(0);
    await writer.writeSample(0, next, { timestamp: 0 });
    await writer.finalize();
    expect(writer.getStatistics(0).written).toBe(1);
  });

  test('before it is sent to another thread fails the send, and its slot is home', async () => {
    const pool = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 64, height: 48 }) });
    const { port1, port2 } = new MessageChannel();
    const link = connectPool(pool, port1);
    const handle = await pool.capture(frameAt(1));
    lose(handle);
    const sent = link.send(handle).catch((error: unknown) => error);
    const frames = receiveFrames(port2);
    const asked = frames.next();
    expect(await sent).toMatchObject({ name: 'InvalidStateError' });
    expect(pool.lentCount).toBe(0);
    await link.send(await pool.capture(frameAt(2)));
    const { value } = await asked;
    expect(value?.handle.timestamp).toBe(2);
    value?.handle.release();
    link.close();
    await link.closed;
    pool.close();
  });
});

const THEFTS: Record<string, (frame: VideoFrame) => void> = {
  closed: (frame) => frame.close(),
  transferred(frame) {
    const { port1 } = new MessageChannel();
    port1.postMessage(frame, [frame]);
    port1.close();
  },
};

/** What of a frame comes to whoever uses the handle after that: its time. */
const READERS: Record<string, (handle: FrameHandle) => Promise<number>> = {
  'reads it again': async (handle) => handle.frame.timestamp * Math.sign(handle.frame.codedWidth),
  async 'has another share'(handle) {
    const share = handle.retain();
    const { codedWidth, timestamp } = share.frame;
    share.release();
    return codedWidth === 64 ? timestamp : -1;
  },
  async 'copies it'(handle) {
    const pool = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 64, height: 48 }) });
    const copy = await handle.copyTo(pool);
    const [red] = pixelAt(copy.context, 5, 5);
    const { timestamp } = copy;
    copy.release();
    pool.close();
    return Math.abs((red ?? 0) - COLOUR[0]) < 8 ? timestamp : -1;
  },
  async 'takes a frame of it'(handle) {
    const frame = handle.toVideoFrame();
    const { timestamp } = frame;
    frame.close();
    return timestamp;
  },
  async 'writes it'(handle) {
    const { writer } = await writing();
    await writer.writeSample(0, handle);
    await writer.finalize();
    return writer.getStatistics(0).written === 1 ? handle.timestamp : -1;
  },
  async 'sends it'(handle) {
    const pool = handlePool;
    const { port1, port2 } = new MessageChannel();
    const link = connectPool(pool, port1);
    const frames = receiveFrames(port2);
    const asked = frames.next();
    await link.send(handle.retain());
    const { value } = await asked;
    const time = value?.handle.frame.codedWidth === 64 ? value.handle.timestamp : -1;
    value?.handle.release();
    link.close();
    await link.closed;
    return time;
  },
  async 'has it from another branch'(handle) {
    const source = new ReadableStream<FrameHandle>({
      start(controller) {
        controller.enqueue(handle.retain());
        controller.close();
      },
    });
    const [one, other] = shareFrames(source, ['one', 'other']).map((branch) => branch.getReader());
    const first = (await one?.read())?.value;
    first?.frame.close();
    const second = (await other?.read())?.value;
    const time = second?.frame.codedWidth === 64 ? second.timestamp : -1;
    first?.release();
    second?.release();
    return time;
  },
};

let handlePool = new VideoFramePool({ capacity: 1 });

describe.each(Object.entries(THEFTS))('a frame that one holder has %s behind the pool’s back', (_, take) => {
  test.each(Object.entries(READERS))('is whole for who %s', async (_how, read) => {
    handlePool = new VideoFramePool({ capacity: 2 });
    const handle = handlePool.adopt(frameAt(40_000));
    take(handle.frame);
    expect(await read(handle)).toBe(40_000);
    expect(handlePool.lentCount).toBe(1);
    handle.release();
    handlePool.assertNoLeaks();
  });
});
