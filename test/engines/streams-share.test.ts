/** One stream for several readers: each has a share, and an end of one of them leaves nothing behind. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle, ShareFramesOptions } from '../../src/index.ts';
import { canvasStorage, shareFrames, VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { livePictures } from '../support/accounting.ts';
import { pairOf, poolOf } from '../support/decoding.ts';
import { colourFrame } from '../support/frames.ts';
import { clipBlob } from '../support/packets.ts';
import { eachOf, outcomeOf, takeAll, tasks } from '../support/streams.ts';

const CLIP = 'h264_bframes.mp4';
const REASON = new Error('the reason');
const NAMES = ['screen', 'thumbnails', 'file'] as const;

/** A stream that a test feeds by hand, or that feeds itself when it is pulled. */
class Fed {
  readonly pool = poolOf({ capacity: 8 });
  readonly cancels: unknown[] = [];
  readonly stream: ReadableStream<FrameHandle>;
  pulls = 0;
  controller: ReadableStreamDefaultController<unknown> | null = null;
  #made = 0;

  constructor(feedsItself = true) {
    this.stream = new ReadableStream(
      {
        start: (controller) => void (this.controller = controller),
        pull: () => {
          this.pulls++;
          if (feedsItself) this.feed();
        },
        cancel: (reason) => void this.cancels.push(reason),
      },
      { highWaterMark: 0 },
    );
  }

  feed(): void {
    const frame = colourFrame([1, 2, 3], { timestamp: this.#made++ });
    this.controller?.enqueue(this.pool.adopt(frame, { holder: 'fed' }));
  }

  fail(): void {
    this.controller?.error(REASON);
  }

  /** A reader for each branch of the stream. */
  share(names: readonly string[], options?: ShareFramesOptions): Reader[] {
    return readersOf(shareFrames(this.stream, names, options));
  }
}

type Reader = ReadableStreamDefaultReader<FrameHandle>;

const readersOf = (branches: readonly ReadableStream<FrameHandle>[]): Reader[] =>
  branches.map((branch) => {
    const reader = branch.getReader();
    reader.closed.catch(() => {});
    return reader;
  });

/** A stream that has ended, with these handles in its queue. */
const queued = <H>(handles: readonly H[]): ReadableStream<H> =>
  new ReadableStream({
    start(controller) {
      for (const handle of handles) controller.enqueue(handle);
      controller.close();
    },
  });

async function take(reader: Reader | undefined): Promise<number> {
  const { value } = (await reader?.read()) ?? {};
  if (value === undefined) throw new Error('the branch has ended');
  value.release();
  return value.timestamp;
}

describe('shareFrames()', () => {
  test.each([0, 1, 3])(
    'gives each branch all frames of a clip under its name, highWaterMark %i',
    async (highWaterMark) => {
      const pool = poolOf({ capacity: 4 });
      await using reader = await openVideo(await clipBlob(CLIP));
      const branches = shareFrames(reader.readable({ pool }), NAMES, { highWaterMark });
      expect(branches.length).toBe(3);
      const seen = await Promise.all(
        branches.map((branch, index) =>
          takeAll(eachOf(branch), (handle) => {
            expect(handle.holder).toBe(NAMES[index]);
            // Only the decoder's delay exceeds the cap: an engine may put all of it out at once.
            const { overcommitted } = pool.stats();
            expect(pool.lentCount - overcommitted).toBeLessThanOrEqual(4);
            expect(overcommitted).toBeLessThanOrEqual(2);
            // Each at its own pace.
            return tasks(index);
          }),
        ),
      );
      expect(seen).toEqual(NAMES.map(() => timestampsOf(clip(CLIP))));
    },
  );

  test('shows all branches the same frame, in one slot', async () => {
    const fed = new Fed();
    const [first, second] = fed.share(['a', 'b']);
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
  });

  test.each([0, 1, 2, 4])(
    'the slowest sets the pace: %i frames wait in its branch, and no more are read',
    async (highWaterMark) => {
      const fed = new Fed();
      const [fast, slowest] = shareFrames(fed.stream, ['fast', 'slow'], { highWaterMark });
      const [slow] = readersOf([slowest]);
      expect(fed.pulls).toBe(0);
      let taken = 0;
      const outcome = outcomeOf(takeAll(eachOf(fast), () => taken++));
      await tasks();
      expect(taken).toBe(highWaterMark);
      expect(fed.pulls).toBe(highWaterMark);
      expect(fed.pool.lentCount).toBe(highWaterMark);
      expect(await take(slow)).toBe(0);
      await tasks();
      expect(taken).toBe(highWaterMark + 1);
      expect(fed.pool.lentCount).toBe(highWaterMark);
      await slow?.cancel();
      // The fast branch waits for no other branch now, so it reads until the source fails.
      fed.fail();
      expect(await outcome).toBe(REASON);
    },
  );

  test.each([0, 1, 5])(
    'gives the last frames of a source that had them queued, with %i in its queue',
    async (count) => {
      const pool = poolOf({ capacity: 8 });
      const all = Array.from({ length: count }, (_, frame) => frame);
      const handles = all.map((timestamp) => pool.adopt(colourFrame([1, 2, 3], { timestamp })));
      const branches = shareFrames(queued(handles), ['a', 'b']);
      const taken = branches.map((branch) => takeAll(eachOf(branch)));
      expect(await Promise.all(taken)).toEqual([all, all]);
    },
  );

  test('no branch exceeds its highWaterMark, though another one requests many at once', async () => {
    const fed = new Fed(false);
    const [fast, slow] = fed.share(['fast', 'slow'], { highWaterMark: 2 });
    const reads = Array.from({ length: 6 }, () => outcomeOf(take(fast)));
    for (let fedCount = 0; fedCount < 5; fedCount++) {
      await tasks(2);
      if (fed.pulls > fedCount) fed.feed();
    }
    expect(fed.pulls).toBe(2);
    expect(fed.pool.lentCount).toBe(2);
    fed.fail();
    expect((await Promise.all(reads)).filter((outcome) => outcome === 'resolved').length).toBe(2);
    expect(await outcomeOf(take(slow))).toBe(REASON);
  });

  test('a waiter for a slow branch continues when that branch is cancelled', async () => {
    const fed = new Fed();
    const [fast, slow] = fed.share(['fast', 'slow']);
    expect(await take(fast)).toBe(0);
    const next = take(fast);
    await tasks();
    expect(fed.pulls).toBe(1);
    void slow?.cancel();
    expect(await next).toBe(1);
    await fast?.cancel();
  });

  test('nothing is read without a pending read', async () => {
    const fed = new Fed();
    const branches = shareFrames(fed.stream, ['a', 'b'], { highWaterMark: 5 });
    await tasks();
    expect(fed.pulls).toBe(0);
    await Promise.all(branches.map((branch) => branch.cancel()));
    expect(fed.cancels.length).toBe(1);
  });

  test('carries canvases as well', async () => {
    using canvases = new VideoFramePool({ capacity: 2, storage: canvasStorage({ width: 8, height: 8 }) });
    const [branch] = shareFrames(queued([await canvases.acquire()]), ['only']);
    for await (const share of eachOf(branch)) {
      expect(share.canvas.width).toBe(8);
      share.release();
    }
    canvases.assertNoLeaks();
  });

  test('rejects a wrong stream, wrong names or a locked stream, and locks nothing then', () => {
    const fed = new Fed();
    const share =
      (stream: unknown, names: unknown = ['a'], options = {}) =>
      (): unknown =>
        shareFrames(stream as typeof fed.stream, names as string[], options);
    expect(share(undefined)).toThrow(TypeError);
    for (const names of [[], 'a', [undefined]]) expect(share(fed.stream, names)).toThrow(TypeError);
    expect(share(fed.stream, ['a'], { highWaterMark: 1.5 })).toThrow(RangeError);
    expect(fed.stream.locked).toBe(false);
    fed.stream.getReader();
    expect(share(fed.stream)).toThrow(TypeError);
  });
});

/** Every state of the branches at an end. Frames wait in two branches, and the third one has read them. */
const states: Readonly<Record<string, (readers: Reader[]) => unknown>> = {
  'before anything was read': () => {},
  'with a frame unread in two branches': ([first]) => take(first),
  async 'while a branch waits for the slowest'([first, second]) {
    await take(first);
    await take(second);
    void outcomeOf(take(first));
    await tasks(1);
  },
};
const moments = Object.entries(states).map(([when, set]) => ({ when, set }));

/** Three branches of a stream in one of these states. */
async function shared(set: (readers: Reader[]) => unknown): Promise<{ fed: Fed; readers: Reader[] }> {
  const fed = new Fed();
  const readers = fed.share(NAMES);
  await set(readers);
  return { fed, readers };
}

describe('[C10] [edge 16] frames of branches are released', () => {
  test.each(moments)('when the source fails, at once: $when', async ({ set }) => {
    const { fed, readers } = await shared(set);
    fed.fail();
    for (const { closed } of readers) expect(await outcomeOf(closed)).toBe(REASON);
  });

  test('when the source ends, after the unread frames were read', async () => {
    const fed = new Fed();
    const [first, second] = fed.share(['a', 'b']);
    await take(first);
    fed.controller?.close();
    expect(await first?.read()).toEqual({ done: true, value: undefined });
    expect(fed.pool.lentCount).toBe(1);
    expect(await take(second)).toBe(0);
    expect(await second?.read()).toEqual({ done: true, value: undefined });
  });

  test.each(moments)('when one branch is cancelled, and the others continue: $when', async ({ set }) => {
    const { fed, readers } = await shared(set);
    await readers[2]?.cancel(REASON);
    expect(fed.pool.holders().filter(({ holder }) => holder === 'file')).toEqual([]);
    expect(fed.cancels).toEqual([]);
    for (let read = 0; read < 5; read++) await Promise.all([take(readers[0]), take(readers[1])]);
    await readers[0]?.cancel(1);
    await readers[1]?.cancel(2);
    expect(fed.cancels).toEqual([[1, 2, REASON]]);
  });

  test.each(moments)('when all branches are cancelled in one task: $when', async ({ set }) => {
    const { fed, readers } = await shared(set);
    await Promise.all(readers.map((reader, index) => reader.cancel(index)));
    expect(fed.cancels).toEqual([[0, 1, 2]]);
  });

  test('when the last branch is cancelled while a read of the source is pending', async () => {
    for (const isOnItsWay of [false, true]) {
      const fed = new Fed(false);
      const [only] = fed.share(['only']);
      const read = outcomeOf((only as ReadableStreamDefaultReader).read());
      await tasks(1);
      expect(fed.pulls).toBe(1);
      if (isOnItsWay) fed.feed();
      await only?.cancel(REASON);
      expect(await read).toBe('resolved');
    }
  });

  test('when a branch is cancelled by the reader of its or another branch', async () => {
    const fed = new Fed();
    const [first, second] = fed.share(['a', 'b']);
    (await first?.read())?.value?.release();
    void second?.cancel();
    expect([fed.pool.lentCount, livePictures()]).toEqual([0, 0]);
    await first?.cancel();
  });

  test.each([
    ['no handle', () => 'no', 'TypeError'],
    ['a raw frame, which is closed', () => colourFrame([1, 2, 3]), 'TypeError'],
    [
      'a handle that was released',
      () => {
        const handle = poolOf({ capacity: 1 }).adopt(colourFrame([1, 2, 3]));
        handle.release();
        return handle;
      },
      'InvalidStateError',
    ],
  ])('when the source gives %s, which fails every branch and cancels it', async (_, make, name) => {
    const fed = new Fed();
    const readers = fed.share(['a', 'b']);
    await take(readers[0]);
    fed.controller?.enqueue(make());
    await take(readers[1]);
    await outcomeOf(take(readers[0]));
    for (const { closed } of readers) expect(await outcomeOf(closed)).toMatchObject({ name });
    expect(fed.cancels).toMatchObject([{ name }]);
  });

  test('when a pipe at the end of one branch fails, and the other branch has all frames', async () => {
    const pool = poolOf({ capacity: 4 });
    await using reader = await openVideo(await clipBlob(CLIP));
    const [broken, whole] = shareFrames(reader.readable({ pool }), ['broken', 'whole']);
    let written = 0;
    const sink = new WritableStream<FrameHandle>({
      write(handle) {
        handle.release();
        if (++written === 3) throw REASON;
      },
    });
    const piped = outcomeOf(broken.pipeTo(sink));
    expect(await takeAll(eachOf(whole))).toEqual(timestampsOf(clip(CLIP)));
    expect(await piped).toBe(REASON);
  });

  test('when all branches of a pair are cancelled, which stops the writes to the pair', async () => {
    const { readable, writable } = pairOf({ capacity: 2 });
    const branches = shareFrames(readable, ['a', 'b']);
    const writer = writable.getWriter();
    const writes = Array.from({ length: 10 }, () => outcomeOf(writer.write(colourFrame([1, 2, 3]))));
    const [first] = readersOf(branches.slice(0, 1));
    await take(first);
    await Promise.all([first?.cancel(REASON), branches[1].cancel(REASON)]);
    expect((await Promise.all(writes)).at(-1)).toEqual([REASON, REASON]);
  });
});
