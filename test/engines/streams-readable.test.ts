/** Iterators and readers as streams: a cancel ends them, even with a frame in transit. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { decodeFrames, readableFrames } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { livePictures } from '../support/accounting.ts';
import { poolOf } from '../support/decoding.ts';
import { colourFrame } from '../support/frames.ts';
import { clipBlob, streamOf, trackOf } from '../support/packets.ts';
import { eachOf, outcomeOf, giveUpRead, releaseUntil, takeAll, tasks } from '../support/streams.ts';

const CLIP = 'h264_bframes.mp4';
const REASON = new Error('the reason');

async function decoded(pool: VideoFramePool, signal: AbortSignal): Promise<AsyncIterable<FrameHandle>> {
  const { config, chunks } = await trackOf(CLIP);
  return decodeFrames(pool, streamOf(chunks), config, { signal });
}

/** Generators that run: they have started, and their end has not come. */
let runningGenerators = 0;

/** An async generator, whose return() waits for a pending next(). */
async function* generated(pool: VideoFramePool, signal: AbortSignal): AsyncGenerator<FrameHandle> {
  runningGenerators++;
  try {
    yield* await decoded(pool, signal);
  } finally {
    runningGenerators--;
  }
}

/** Streams of handles whose source a signal ends. */
const sources: Readonly<
  Record<string, (pool: VideoFramePool, signal: AbortSignal) => Promise<ReadableStream<FrameHandle>>>
> = {
  'readableFrames(decodeFrames())': async (pool, signal) => readableFrames(await decoded(pool, signal)),
  'readableFrames() of a generator': async (pool, signal) => readableFrames(generated(pool, signal)),
  async 'reader.readable()'(pool, signal) {
    const reader = await openVideo(await clipBlob(CLIP));
    return reader.readable({ pool, signal });
  },
};
const places = Object.entries(sources).map(([place, open]) => ({ place, open }));

/** A sink that counts, and releases. */
const sinkOf = (write: (read: number) => void): WritableStream<FrameHandle> => {
  let read = 0;
  return new WritableStream<FrameHandle>({
    write(handle) {
      handle.release();
      write(++read);
    },
  });
};

const failing = (): WritableStream<FrameHandle> =>
  sinkOf((read) => {
    if (read === 4) throw REASON;
  });

/** Ends a stream, and resolves to the outcome. */
type End = (stream: ReadableStream<FrameHandle>, controller: AbortController) => Promise<unknown>;

const endingOf = (way: string, outcome: unknown, end: End) => ({ way, outcome, end });

/** Takes some frames by a reader, and continues with it. */
const reading = (
  way: string,
  outcome: unknown,
  count: number,
  then: (reader: ReadableStreamDefaultReader<FrameHandle>, controller: AbortController) => Promise<unknown>,
) =>
  endingOf(way, outcome, async (stream, controller) => {
    const reader = stream.getReader();
    for (let read = 0; read < count; read++) (await reader.read()).value?.release();
    return then(reader, controller);
  });

const ways = [
  endingOf('cancel() before a read', 'resolved', (stream) => outcomeOf(stream.cancel(REASON))),
  reading('cancel() after three reads', 'resolved', 3, (reader) => outcomeOf(reader.cancel(REASON))),
  reading('cancel() while a read is pending', 'resolved', 0, async (reader) => {
    const pending = reader.read();
    const cancelled = outcomeOf(reader.cancel(REASON));
    expect((await pending).done).toBe(true);
    return cancelled;
  }),
  reading('the signal, between reads', REASON, 1, (reader, controller) => {
    controller.abort(REASON);
    return outcomeOf(reader.read());
  }),
  reading('the signal, while a read is pending', REASON, 1, async (reader, controller) => {
    const pending = outcomeOf(reader.read().then(({ value }) => value?.release()));
    controller.abort(REASON);
    await pending;
    return outcomeOf(reader.read());
  }),
  endingOf('a pipe whose sink fails', REASON, (stream) => outcomeOf(stream.pipeTo(failing()))),
  endingOf('a pipe whose signal fires', REASON, (stream, controller) => {
    const own = new AbortController();
    expect(controller.signal.aborted).toBe(false);
    const sink = sinkOf((read) => {
      if (read === 4) own.abort(REASON);
    });
    return outcomeOf(stream.pipeTo(sink, { signal: own.signal }));
  }),
  endingOf('a for await that is left', 1, (stream) => releaseUntil(eachOf(stream), () => true)),
  endingOf('two pipes, the first of which gave up with preventCancel', clip(CLIP).frames, async (stream) => {
    expect(await outcomeOf(stream.pipeTo(failing(), { preventCancel: true }))).toBe(REASON);
    let rest = 0;
    await stream.pipeTo(sinkOf(() => void rest++));
    return rest + 4;
  }),
];

const cases = places.flatMap((place) => ways.map((way) => ({ ...place, ...way })));

describe('[C10] [edge 16] a stream of an iteration ends cleanly', () => {
  test.each(cases)('$place, by $way', async ({ open, outcome, end }) => {
    const pool = poolOf({ capacity: 4 });
    const controller = new AbortController();
    const stream = await open(pool, controller.signal);
    expect(await end(stream, controller)).toEqual(outcome);
    // A generator that is cancelled during a next() ends after it, and its frame comes after the cancel.
    await expect.poll(() => [runningGenerators, livePictures()]).toEqual([0, 0]);
  });

  test.each(places)('$place gives all frames in order, and closes', async ({ open }) => {
    const pool = poolOf({ capacity: 4 });
    const stream = await open(pool, new AbortController().signal);
    expect(await takeAll(eachOf(stream))).toEqual(timestampsOf(clip(CLIP)));
  });

  test('reader.readable() fails when the reader is closed, and rejects afterwards', async () => {
    const pool = poolOf({ capacity: 4 });
    const reader = await openVideo(await clipBlob(CLIP));
    const frames = reader.readable({ pool }).getReader();
    (await frames.read()).value?.release();
    await reader.close();
    expect(await outcomeOf(frames.read())).toMatchObject({ name: 'AbortError' });
    expect(() => reader.readable({ pool })).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  });

  test('reader.readable() gives the good frames of a decoder that fails, then its error', async () => {
    const pool = poolOf({ capacity: 3 });
    const decoder = LimitedVideoDecoder.with({ surfaces: 8, failAfter: 5 });
    await using reader = await openVideo(await clipBlob(CLIP), { decoder });
    let read = 0;
    const all = takeAll(eachOf(reader.readable({ pool })), () => read++);
    expect(await outcomeOf(all)).toMatchObject({ name: 'EncodingError' });
    expect(read).toBeGreaterThan(0);
  });
});

/** An iterator that a test answers by hand. */
class ByHand<T> implements AsyncIterableIterator<T> {
  readonly calls: string[] = [];
  answer: (result: IteratorResult<T>) => void = () => {};
  refuse: (error: unknown) => void = () => {};

  [Symbol.asyncIterator](): this {
    return this;
  }
  next(): Promise<IteratorResult<T>> {
    this.calls.push('next');
    return new Promise((resolve, reject) => {
      this.answer = resolve;
      this.refuse = reject;
    });
  }
  return(): Promise<IteratorResult<T>> {
    this.calls.push('return');
    return new Promise(() => {});
  }
}

describe('readableFrames()', () => {
  test('calls next() not before a read, and once for several reads', async () => {
    const frames = new ByHand<FrameHandle>();
    const pool = poolOf({ capacity: 3 });
    const reader = readableFrames(frames).getReader();
    await tasks();
    expect(frames.calls).toEqual([]);
    const reads = [reader.read(), reader.read()];
    await tasks();
    expect(frames.calls).toEqual(['next']);
    frames.answer({ done: false, value: pool.adopt(colourFrame([1, 2, 3])) });
    (await reads[0])?.value?.release();
    await tasks();
    expect(frames.calls).toEqual(['next', 'next']);
    frames.answer({ done: true, value: undefined });
    expect((await reads[1])?.done).toBe(true);
    expect(await outcomeOf(reader.closed)).toBe('resolved');
  });

  test('[edge 16] a cancel does not wait for a pending next(), and releases its late result', async () => {
    for (const late of ['a handle', 'something that came with one', 'an error', 'the end']) {
      const frames = new ByHand<FrameHandle | { handle: FrameHandle }>();
      const pool = poolOf({ capacity: 1 });
      const reader = readableFrames(frames).getReader();
      const read = reader.read();
      await tasks(1);
      expect(await outcomeOf(reader.cancel(REASON))).toBe('resolved');
      expect((await read).done).toBe(true);
      expect(frames.calls).toEqual(['next', 'return']);
      const handle = pool.adopt(colourFrame([1, 2, 3]));
      if (late === 'a handle') frames.answer({ done: false, value: handle });
      else if (late === 'something that came with one') frames.answer({ done: false, value: { handle } });
      else {
        if (late === 'an error') frames.refuse(REASON);
        else frames.answer({ done: true, value: undefined });
        handle.release();
      }
      await tasks(1);
    }
  });

  test('the frame of a cancelled read is kept for the next reader, or cancelled', async () => {
    for (const end of ['read', 'cancel']) {
      const frames = new ByHand<FrameHandle>();
      const pool = poolOf({ capacity: 1 });
      const stream = readableFrames(frames);
      await giveUpRead(stream.getReader());
      frames.answer({ done: false, value: pool.adopt(colourFrame([1, 2, 3])) });
      await tasks(1);
      expect(pool.lentCount).toBe(1);
      expect(stream.locked).toBe(false);
      if (end === 'read') (await stream.getReader().read()).value?.release();
      else void stream.cancel();
    }
  });

  test('passes on what the iterator throws, in next() and in return() [fault: callback that throws]', async () => {
    const throws = (): never => {
      throw REASON;
    };
    const failing = (calls: { next?: () => never; return: () => never }): AsyncIterable<FrameHandle> =>
      Object.assign(new ByHand<FrameHandle>(), calls);
    const failsAtNext = failing({ next: throws, return: throws });
    expect(await outcomeOf(readableFrames(failsAtNext).getReader().read())).toBe(REASON);
    expect(await outcomeOf(readableFrames(failing({ return: throws })).cancel())).toBe(REASON);
  });

  test('rejects an argument that is no async iterable', () => {
    for (const none of [[], null]) {
      expect(() => readableFrames(none as unknown as AsyncIterable<FrameHandle>)).toThrow(TypeError);
    }
  });
});
