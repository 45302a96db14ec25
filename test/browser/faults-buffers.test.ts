/**
 * Tests of failed allocations, at the first and at later ones; of lost contexts; and of frames that the app transfers
 * away.
 */
import { describe, expect, test } from 'vitest';
import type {
  BufferStorage,
  CanvasStorage,
  FrameHandle,
  PoolLink,
  ReceiveFramesOptions,
  Storage,
  VideoFramePool,
} from '../../src/index.ts';
import { canvasStorage, connectPool, memoryStorage, receiveFrames, shareFrames } from '../../src/index.ts';
import { canvasPool, checkedPool } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { colourFrame, pixelAt } from '../support/frames.ts';
import { writing } from '../support/writer/making.ts';
import { NO_ROOM, scarce, scarceClones } from '../support/scarce.ts';

const CAPACITY = 3;
const COLOUR = [200, 100, 50] as const;
const frameAt = (timestamp: number): VideoFrame => colourFrame(COLOUR, { timestamp });

const PICTURE = { format: 'RGBA', codedWidth: 64, codedHeight: 48 } as const;

type Pool = VideoFramePool<BufferStorage>;
type Handle = FrameHandle<BufferStorage>;

const STORAGES: [string, { make: () => BufferStorage; allocates: 'OffscreenCanvas' | 'ArrayBuffer' }][] = [
  ['canvases', { make: () => canvasStorage({ width: 64, height: 48 }), allocates: 'OffscreenCanvas' }],
  ['memory', { make: () => memoryStorage(PICTURE), allocates: 'ArrayBuffer' }],
];

const REQUESTS: Record<string, (pool: Pool) => Promise<Handle | null>> = {
  'tryAcquire()': async (pool) => pool.tryAcquire(),
  'acquire()': (pool) => pool.acquire(),
  'copyFrom()': (pool) => copyAndClose(pool, frameAt(0)),
  async 'copyTo()'(pool) {
    using handle = checkedPool().adopt(frameAt(0));
    return await handle.copyTo(pool);
  },
};

/** A pool's link, and the frames at its other end. Its disposal waits until all sent frames have returned. */
function linked<S extends Storage>(
  pool: VideoFramePool<S>,
  options?: ReceiveFramesOptions,
): AsyncDisposable & { link: PoolLink; frames: ReturnType<typeof receiveFrames<S>> } {
  const { port1, port2 } = new MessageChannel();
  const link = connectPool(pool, port1);
  return {
    link,
    frames: receiveFrames<S>(port2, options),
    async [Symbol.asyncDispose]() {
      link.close();
      await link.closed;
    },
  };
}

describe.each(STORAGES)('an engine without memory for %s [fault: no memory]', (_, { make, allocates }) => {
  describe.each([1, 2, 3])('at allocation %i', (nth) => {
    test.each(Object.entries(REQUESTS))('rejects %s, and leaves the pool whole', async (_name, ask) => {
      const pool = checkedPool({ capacity: CAPACITY, storage: make() });
      // The first copy tests the engine, with buffers of its own.
      (await copyAndClose(pool, frameAt(0))).release();
      pool.trim();
      const held: Handle[] = [];
      scarce(allocates, nth);
      for (let before = 1; before < nth; before++) held.push((await ask(pool)) as Handle);
      await expect(ask(pool)).rejects.toMatchObject({ name: 'QuotaExceededError', cause: NO_ROOM });
      expect([pool.lentCount, pool.freeCount, pool.waitingCount]).toEqual([nth - 1, CAPACITY - nth + 1, 0]);
      // The engine has memory again.
      held.push((await ask(pool)) as Handle);
      expect(pool.lentCount).toBe(nth);
      for (const handle of held) handle.release();
    });

    test('rejects configure(), which changes nothing', () => {
      const pool = checkedPool({ capacity: CAPACITY, storage: make() });
      scarce(allocates, nth);
      const refused = (): unknown => pool.configure({ storage: make(), initial: 3 });
      expect(refused).toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
      expect([pool.idleCount, pool.bytes, pool.freeCount]).toEqual([0, 0, CAPACITY]);
      pool.configure({ storage: make(), initial: 3 });
      expect(pool.idleCount).toBe(3);
    });
  });
});

const REFERENCES: Record<string, (handle: FrameHandle) => VideoFrame> = {
  'handle.frame': (handle) => handle.frame,
  'toVideoFrame()': (handle) => handle.toVideoFrame(),
};

describe.each(Object.entries(REFERENCES))(
  'an engine that cannot clone a frame, for %s [fault: no memory]',
  (_, read) => {
    test.each([1, 2])('at frame %i, throws, and the share is unchanged', (nth) => {
      const pool = checkedPool();
      const handles = [pool.adopt(frameAt(1)), pool.adopt(frameAt(2))];
      if (read === REFERENCES['handle.frame']) scarceClones(nth);
      else scarce('VideoFrame', nth);
      const made = handles.slice(0, nth - 1).map(read);
      const last = handles[nth - 1] as FrameHandle;
      expect(() => read(last)).toThrow(NO_ROOM);
      expect([last.released, pool.lentCount]).toEqual([false, 2]);
      made.push(read(last));
      expect(made.map(({ timestamp }) => timestamp)).toEqual([1, 2].slice(0, nth));
      for (const frame of made) frame.close();
      for (const handle of handles) handle.release();
    });
  },
);

describe('an engine that cannot create a frame of a buffer [fault: no memory]', () => {
  test.each(STORAGES)('of %s throws from toVideoFrame(), and only once', async (_, { make }) => {
    using handle = await copyAndClose(checkedPool({ storage: make() }), frameAt(7));
    scarce('VideoFrame');
    expect(() => handle.toVideoFrame()).toThrow(NO_ROOM);
    const frame = handle.toVideoFrame();
    expect(frame.timestamp).toBe(7);
    frame.close();
  });

  test.each([1, 3])('at write %i rejects that write, and the writer continues', async (nth) => {
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

  test('of another size at the writer’s ends the writer with that error', async () => {
    const { writer, callbackLog } = await writing();
    const frame = frameAt(0);
    // The first is the snapshot, the second is drawn from it.
    scarce('VideoFrame', 2);
    const written = writer.writeSample(0, frame).catch((error: unknown) => error);
    frame.close();
    await expect(writer.finalize()).rejects.toBe(NO_ROOM);
    expect([undefined, NO_ROOM]).toContain(await written);
    expect([writer.state, writer.getStatistics(0).lentCount]).toEqual(['failed', 0]);
    expect(callbackLog.at(-1)).toEqual(['onFinalize', 'failed']);
  });

  test.each(['at once', 'after it has waited'])(
    'rejects the send of a canvas %s, and the next one succeeds',
    async (when) => {
      const pool = canvasPool(64, 48, 2);
      await using connection = linked(pool, { highWaterMark: 4 });
      const { link, frames } = connection;
      const handles = [await copyAndClose(pool, frameAt(1)), await copyAndClose(pool, frameAt(2))];
      const send = (): Promise<unknown> => Promise.allSettled(handles.map((handle) => link.send(handle)));
      let sent: Promise<unknown>;
      let asked: ReturnType<typeof frames.next>;
      if (when === 'at once') {
        // The receiver has called next(), so the link is open and has credit.
        asked = frames.next();
        await link.opened;
        await expect.poll(() => link.state).toBe('open');
        expect(pool.tryAcquire()).toBe(null);
        scarce('VideoFrame');
        sent = send();
      } else {
        sent = send();
        scarce('VideoFrame');
        asked = frames.next();
      }
      expect(await sent).toMatchObject([{ status: 'rejected', reason: NO_ROOM }, { status: 'fulfilled' }]);
      (await asked).value?.handle.release();
      await expect.poll(() => pool.lentCount).toBe(0);
    },
  );
});

describe('a canvas that loses its context [fault: lost context]', () => {
  /** Fires the event of a browser whose GPU process has ended. */
  const lose = (handle: FrameHandle<CanvasStorage>): void => {
    Object.defineProperty(handle.context, 'isContextLost', { value: () => true });
    handle.canvas.dispatchEvent(new Event('contextlost'));
  };

  test('while it is lent gives no picture, and is not lent again', async () => {
    const pool = canvasPool();
    const handle = await pool.acquire();
    const waiting = pool.acquire();
    const { canvas } = handle;
    lose(handle);
    expect(() => handle.toVideoFrame()).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    handle.release();
    using next = await waiting;
    expect([next.canvas === canvas, pool.stats().discarded]).toEqual([false, 1]);
  });

  test('while it is idle is not lent again', async () => {
    const pool = canvasPool();
    const handle = await pool.acquire();
    const { canvas, context } = handle;
    handle.release();
    Object.defineProperty(context, 'isContextLost', { value: () => true });
    using next = await pool.acquire();
    expect([next.canvas === canvas, pool.stats().pruned]).toEqual([false, 1]);
  });

  test('as a sample of a writer is refused, and the writer continues with another', async () => {
    const { writer } = await writing({ capacity: 1 });
    const sample = await writer.allocateSample(0);
    lose(sample);
    const written = writer.writeSample(0, sample, { timestamp: 0 });
    await expect(written).rejects.toMatchObject({ name: 'InvalidStateError' });
    sample.release();
    await writer.writeSample(0, await writer.allocateSample(0), { timestamp: 0 });
    await writer.finalize();
    expect(writer.getStatistics(0).written).toBe(1);
  });

  test('before it is sent to another thread rejects the send, and its slot returns', async () => {
    const pool = canvasPool();
    await using connection = linked(pool);
    const handle = await copyAndClose(pool, frameAt(1));
    lose(handle);
    const sent = connection.link.send(handle).catch((error: unknown) => error);
    const asked = connection.frames.next();
    expect(await sent).toMatchObject({ name: 'InvalidStateError' });
    expect(pool.lentCount).toBe(0);
    await connection.link.send(await copyAndClose(pool, frameAt(2)));
    using there = (await asked).value?.handle;
    expect(there?.timestamp).toBe(2);
  });
});

const TAKEOVERS: Record<string, (frame: VideoFrame) => void> = {
  closed: (frame) => frame.close(),
  transferred(frame) {
    const { port1 } = new MessageChannel();
    port1.postMessage(frame, [frame]);
    port1.close();
  },
};

/** The time of the frame, as each later use of the handle reports it; -1 if the picture is damaged. */
const READERS: Record<string, (handle: FrameHandle, pool: VideoFramePool) => Promise<number>> = {
  'reads it again': async (handle) => handle.frame.timestamp * Math.sign(handle.frame.codedWidth),
  async 'has another share'(handle) {
    using share = handle.retain();
    const { codedWidth, timestamp } = share.frame;
    return codedWidth === 64 ? timestamp : -1;
  },
  async 'copies it'(handle) {
    using copy = await handle.copyTo(canvasPool());
    const [red = 0] = pixelAt(copy.context, 5, 5);
    return Math.abs(red - COLOUR[0]) < 8 ? copy.timestamp : -1;
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
  async 'sends it'(handle, pool) {
    await using connection = linked(pool);
    const asked = connection.frames.next();
    await connection.link.send(handle.retain());
    using there = (await asked).value?.handle;
    return there?.frame.codedWidth === 64 ? there.timestamp : -1;
  },
  async 'has it from another branch'(handle) {
    const source = new ReadableStream<FrameHandle>({
      start(controller) {
        controller.enqueue(handle.retain());
        controller.close();
      },
    });
    const [one, other] = shareFrames(source, ['one', 'other']).map((branch) => branch.getReader());
    using first = (await one?.read())?.value;
    first?.frame.close();
    using second = (await other?.read())?.value;
    return second?.frame.codedWidth === 64 ? second.timestamp : -1;
  },
};

describe.each(Object.entries(TAKEOVERS))(
  'a frame that one holder has %s without the pool [fault: frame taken away]',
  (_, take) => {
    test.each(Object.entries(READERS))('is whole for a holder that %s', async (_how, read) => {
      const pool = checkedPool();
      using handle = pool.adopt(frameAt(40_000));
      take(handle.frame);
      expect(await read(handle, pool)).toBe(40_000);
      expect(pool.lentCount).toBe(1);
    });
  },
);
