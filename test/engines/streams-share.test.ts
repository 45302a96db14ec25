/** One stream for several readers: each has a share, and whatever ends one of them leaves nothing behind. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { canvasStorage, pooledFrames, shareFrames, VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { livePictures } from '../support/accounting.ts';
import { colourFrame } from '../support/frames.ts';
import { clipBlob } from '../support/packets.ts';
import { eachOf, fate, tasks } from '../support/streams.ts';

const CLIP = 'h264_bframes.mp4';
const REASON = new Error('the reason');
const NAMES = ['screen', 'thumbnails', 'file'] as const;

/** A stream that a test feeds by hand. */
class Fed {
  readonly pool = new VideoFramePool({ capacity: 8 });
  readonly cancels: unknown[] = [];
  readonly stream: ReadableStream<FrameHandle>;
  pulls = 0;
  #controller: ReadableStreamDefaultController<FrameHandle> | null = null;
  #made = 0;
  #isFeeding: boolean;

  constructor(isFeeding = true) {
    this.#isFeeding = isFeeding;
    this.stream = new ReadableStream<FrameHandle>(
      {
        start: (controller) => void (this.#controller = controller),
        pull: () => {
          this.pulls++;
          if (this.#isFeeding) this.feed();
        },
        cancel: (reason) => void this.cancels.push(reason),
      },
      { highWaterMark: 0 },
    );
  }

  feed(): void {
    this.#controller?.enqueue(
      this.pool.adopt(colourFrame([1, 2, 3], { timestamp: this.#made++ }), { holder: 'fed' }),
    );
  }

  fail(): void {
    this.#controller?.error(REASON);
  }

  close(): void {
    this.#controller?.close();
  }

  enqueue(chunk: unknown): void {
    this.#controller?.enqueue(chunk as FrameHandle);
  }
}

const readersOf = (
  branches: readonly ReadableStream<FrameHandle>[],
): ReadableStreamDefaultReader<FrameHandle>[] =>
  branches.map((branch) => {
    const reader = branch.getReader();
    reader.closed.catch(() => {});
    return reader;
  });

async function take(reader: ReadableStreamDefaultReader<FrameHandle> | undefined): Promise<number> {
  const { value } = (await reader?.read()) ?? {};
  if (value === undefined) throw new Error('the branch has ended');
  value.release();
  return value.timestamp;
}

function expectAllHome(pool: VideoFramePool): void {
  expect(pool.waitingCount).toBe(0);
  pool.assertNoLeaks();
  expect(livePictures()).toBe(0);
}

describe('shareFrames()', () => {
  test.each([0, 1, 3])(
    'gives each branch all frames of a clip, as shares under its name, ahead %i',
    async (ahead) => {
      const pool = new VideoFramePool({ capacity: 4 });
      await using reader = await openVideo(await clipBlob(CLIP));
      const branches = shareFrames(reader.readable({ pool }), NAMES, { ahead });
      expect(branches.length).toBe(3);
      const seen = await Promise.all(
        branches.map(async (branch, index) => {
          const timestamps: number[] = [];
          for await (const handle of eachOf(branch)) {
            expect(handle.holder).toBe(NAMES[index]);
            expect(pool.lentCount).toBeLessThanOrEqual(4);
            timestamps.push(handle.timestamp);
            // Each at a pace of its own.
            await tasks(index);
            handle.release();
          }
          return timestamps;
        }),
      );
      expect(seen).toEqual(NAMES.map(() => timestampsOf(clip(CLIP))));
      expectAllHome(pool);
    },
  );

  test('shows all branches the same frame, in one slot', async () => {
    const fed = new Fed();
    const [first, second] = readersOf(shareFrames(fed.stream, ['a', 'b']));
    const one = (await first?.read())?.value;
    const other = (await second?.read())?.value;
    expect(fed.pool.lentCount).toBe(1);
    expect(one?.frame).toBe(other?.frame);
    one?.release();
    expect(fed.pool.lentCount).toBe(1);
    expect(other?.frame.codedWidth).toBe(64);
    other?.release();
    expect(fed.pool.lentCount).toBe(0);
    await Promise.all([first?.cancel(), second?.cancel()]);
    expectAllHome(fed.pool);
  });

  test.each([0, 1, 2, 4])(
    'the slowest sets the pace: %i frames wait in its branch, and no more are read',
    async (ahead) => {
      const fed = new Fed();
      const [fast, slow] = readersOf(shareFrames(fed.stream, ['fast', 'slow'], { ahead }));
      expect(fed.pulls).toBe(0);
      let taken = 0;
      const all = (async () => {
        for (;;) {
          await take(fast);
          taken++;
        }
      })();
      const outcome = fate(all);
      await tasks();
      expect(taken).toBe(ahead);
      expect(fed.pulls).toBe(ahead);
      expect(fed.pool.lentCount).toBe(ahead);
      expect(await take(slow)).toBe(0);
      await tasks();
      expect(taken).toBe(ahead + 1);
      expect(fed.pool.lentCount).toBe(ahead);
      await slow?.cancel();
      // Whom nobody holds up any more reads on: that is stopped here.
      fed.fail();
      expect(await outcome).toBe(REASON);
      expectAllHome(fed.pool);
    },
  );

  test.each([0, 1, 5])(
    'gives the last frames of a source that had them queued, with %i in its queue',
    async (queued) => {
      const pool = new VideoFramePool({ capacity: 8 });
      const stream = new ReadableStream<FrameHandle>({
        start(controller) {
          for (let frame = 0; frame < queued; frame++) {
            controller.enqueue(pool.adopt(colourFrame([1, 2, 3], { timestamp: frame })));
          }
          controller.close();
        },
      });
      const counts = shareFrames(stream, ['a', 'b']).map(async (branch) => {
        let count = 0;
        for await (const handle of eachOf(branch)) {
          expect(handle.timestamp).toBe(count++);
          handle.release();
        }
        return count;
      });
      expect(await Promise.all(counts)).toEqual([queued, queued]);
      expectAllHome(pool);
    },
  );

  test('no branch has more than its due, though another one asks for many at once', async () => {
    const fed = new Fed(false);
    const [fast, slow] = readersOf(shareFrames(fed.stream, ['fast', 'slow'], { ahead: 2 }));
    const reads = Array.from({ length: 6 }, () => fate(take(fast)));
    for (let fedCount = 0; fedCount < 5; fedCount++) {
      await tasks(2);
      if (fed.pulls > fedCount) fed.feed();
    }
    expect(fed.pulls).toBe(2);
    expect(fed.pool.lentCount).toBe(2);
    fed.fail();
    expect((await Promise.all(reads)).filter((outcome) => outcome === 'resolved').length).toBe(2);
    expect(await fate(take(slow))).toBe(REASON);
    expectAllHome(fed.pool);
  });

  test('whoever waited for a slow branch goes on when that is cancelled', async () => {
    const fed = new Fed();
    const [fast, slow] = readersOf(shareFrames(fed.stream, ['fast', 'slow']));
    expect(await take(fast)).toBe(0);
    const next = take(fast);
    await tasks();
    expect(fed.pulls).toBe(1);
    void slow?.cancel();
    expect(await next).toBe(1);
    await fast?.cancel();
    expectAllHome(fed.pool);
  });

  test('nothing is read for nobody', async () => {
    const fed = new Fed();
    const branches = shareFrames(fed.stream, ['a', 'b'], { ahead: 5 });
    await tasks();
    expect(fed.pulls).toBe(0);
    await Promise.all(branches.map((branch) => branch.cancel()));
    expect(fed.cancels.length).toBe(1);
  });

  test('carries canvases as well', async () => {
    const canvases = new VideoFramePool({ capacity: 2, storage: canvasStorage({ width: 8, height: 8 }) });
    const stream = new ReadableStream<Awaited<ReturnType<typeof canvases.acquire>>>(
      {
        async pull(controller) {
          controller.enqueue(await canvases.acquire());
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const [branch] = shareFrames(stream, ['only']);
    for await (const handle of eachOf(branch)) {
      expect(handle.canvas.width).toBe(8);
      handle.release();
    }
    canvases.assertNoLeaks();
    canvases.close();
  });

  test('is refused for what is no stream, no list of names or a stream that is locked, and locks nothing then', () => {
    const fed = new Fed();
    expect(() => shareFrames(undefined as unknown as ReadableStream<FrameHandle>, ['a'])).toThrow(TypeError);
    expect(() => shareFrames(fed.stream, [])).toThrow(TypeError);
    expect(() => shareFrames(fed.stream, 'a' as unknown as string[])).toThrow(TypeError);
    expect(() => shareFrames(fed.stream, [undefined as unknown as string])).toThrow(TypeError);
    expect(() => shareFrames(fed.stream, ['a'], { ahead: 1.5 })).toThrow(RangeError);
    expect(fed.stream.locked).toBe(false);
    fed.stream.getReader();
    expect(() => shareFrames(fed.stream, ['a'])).toThrow(TypeError);
  });
});

/** Every state that branches are in when something ends. Frames wait in two branches, and the third one has read them. */
const moments: {
  when: string;
  set(readers: ReadableStreamDefaultReader<FrameHandle>[]): Promise<unknown>;
}[] = [
  { when: 'before anything was read', set: () => Promise.resolve() },
  { when: 'with a frame unread in two branches', set: ([first]) => take(first) },
  {
    when: 'while a branch waits for the slowest',
    async set([first, second]) {
      await take(first);
      await take(second);
      void fate(take(first));
      await tasks(1);
    },
  },
];

describe('[C10] [edge 16] what branches hold goes home', () => {
  test.each(moments)('when the source fails, at once: $when', async ({ set }) => {
    const fed = new Fed();
    const readers = readersOf(shareFrames(fed.stream, NAMES));
    await set(readers);
    fed.fail();
    for (const { closed } of readers) expect(await fate(closed)).toBe(REASON);
    expectAllHome(fed.pool);
  });

  test('when the source ends, after what is unread was read', async () => {
    const fed = new Fed();
    const [first, second] = readersOf(shareFrames(fed.stream, ['a', 'b']));
    await take(first);
    fed.close();
    expect(await first?.read()).toEqual({ done: true, value: undefined });
    expect(fed.pool.lentCount).toBe(1);
    expect(await take(second)).toBe(0);
    expect(await second?.read()).toEqual({ done: true, value: undefined });
    expectAllHome(fed.pool);
  });

  test.each(moments)('when one branch is cancelled, and the others go on: $when', async ({ set }) => {
    const fed = new Fed();
    const readers = readersOf(shareFrames(fed.stream, NAMES));
    await set(readers);
    await readers[2]?.cancel(REASON);
    expect(fed.pool.holders().filter(({ holder }) => holder === 'file')).toEqual([]);
    expect(fed.cancels).toEqual([]);
    for (let read = 0; read < 5; read++) await Promise.all([take(readers[0]), take(readers[1])]);
    await readers[0]?.cancel(1);
    await readers[1]?.cancel(2);
    expect(fed.cancels).toEqual([[1, 2, REASON]]);
    expectAllHome(fed.pool);
  });

  test.each(moments)('when all branches are cancelled in one task: $when', async ({ set }) => {
    const fed = new Fed();
    const readers = readersOf(shareFrames(fed.stream, NAMES));
    await set(readers);
    await Promise.all(readers.map((reader, index) => reader.cancel(index)));
    expect(fed.cancels).toEqual([[0, 1, 2]]);
    expectAllHome(fed.pool);
  });

  test('when the last branch is cancelled while a read of the source is pending, or a frame of it on its way', async () => {
    for (const isOnItsWay of [false, true]) {
      const fed = new Fed(false);
      const [only] = readersOf(shareFrames(fed.stream, ['only']));
      const read = fate((only as ReadableStreamDefaultReader).read());
      await tasks(1);
      expect(fed.pulls).toBe(1);
      if (isOnItsWay) fed.feed();
      await only?.cancel(REASON);
      expect(await read).toBe('resolved');
      expectAllHome(fed.pool);
    }
  });

  test('when a branch is cancelled by whoever gets a frame, also the branch of another', async () => {
    const fed = new Fed();
    const [first, second] = readersOf(shareFrames(fed.stream, ['a', 'b']));
    const read = first?.read().then(({ value }) => {
      value?.release();
      void second?.cancel();
    });
    await read;
    expectAllHome(fed.pool);
    await first?.cancel();
  });

  test.each([
    ['no handle', () => 'no', 'TypeError'],
    ['a raw frame, which is closed', () => colourFrame([1, 2, 3]), 'TypeError'],
    [
      'a handle that was released',
      () => {
        const handle = new VideoFramePool({ capacity: 1 }).adopt(colourFrame([1, 2, 3]));
        handle.release();
        return handle;
      },
      'InvalidStateError',
    ],
  ])('when the source gives %s, which fails every branch and cancels it', async (_, make, name) => {
    const fed = new Fed();
    const readers = readersOf(shareFrames(fed.stream, ['a', 'b']));
    await take(readers[0]);
    fed.enqueue(make());
    await take(readers[1]);
    await fate(take(readers[0]));
    for (const { closed } of readers) expect(await fate(closed)).toMatchObject({ name });
    expect(fed.cancels).toMatchObject([{ name }]);
    expectAllHome(fed.pool);
  });

  test('when a pipe at the end of one branch fails, and the other branch has all frames', async () => {
    const pool = new VideoFramePool({ capacity: 4 });
    await using reader = await openVideo(await clipBlob(CLIP));
    const [broken, whole] = shareFrames(reader.readable({ pool }), ['broken', 'whole']);
    let written = 0;
    const sink = new WritableStream<FrameHandle>({
      write(handle) {
        handle.release();
        if (++written === 3) throw REASON;
      },
    });
    const piped = fate(broken.pipeTo(sink));
    const timestamps: number[] = [];
    for await (const handle of eachOf(whole)) {
      timestamps.push(handle.timestamp);
      handle.release();
    }
    expect(await piped).toBe(REASON);
    expect(timestamps).toEqual(timestampsOf(clip(CLIP)));
    expectAllHome(pool);
  });

  test('when all branches of a pair are left, which stops what is written to the pair', async () => {
    const pool = new VideoFramePool({ capacity: 2 });
    const { readable, writable } = pooledFrames(pool);
    const branches = shareFrames(readable, ['a', 'b']);
    const writer = writable.getWriter();
    const writes = Array.from({ length: 10 }, () => fate(writer.write(colourFrame([1, 2, 3]))));
    const [first] = readersOf(branches.slice(0, 1));
    await take(first);
    await Promise.all([first?.cancel(REASON), branches[1].cancel(REASON)]);
    expect((await Promise.all(writes)).at(-1)).toEqual([REASON, REASON]);
    expectAllHome(pool);
  });
});
