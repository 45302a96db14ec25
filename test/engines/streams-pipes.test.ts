/** Pipes through a pool, with the frames of a real decoder: every end closes the frames inside. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { pooledFrames } from '../../src/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { livePictures } from '../support/accounting.ts';
import { pairOf, poolOf } from '../support/decoding.ts';
import { does } from '../support/engine.ts';
import { colourFrame } from '../support/frames.ts';
import { eachOf, outcomeOf, rawFrames, releaseUntil, tasks } from '../support/streams.ts';

const CLIP = 'vp8.webm';
const REASON = new Error('the reason');

/** A slow consumer, which releases the handles that it gets. */
function consumer(pool: VideoFramePool, at: (read: number) => void = () => {}) {
  const timestamps: number[] = [];
  const ends: string[] = [];
  const sink = new WritableStream<FrameHandle>({
    async write(handle) {
      try {
        expect(pool.lentCount).toBeLessThanOrEqual(pool.capacity);
        timestamps.push(handle.timestamp);
        at(timestamps.length);
        await tasks(1);
      } finally {
        handle.release();
      }
    },
    close: () => void ends.push('close'),
    abort: () => void ends.push('abort'),
  });
  return { sink, timestamps, ends };
}

/** A pair, and a consumer of its handles. */
function consumedPair(capacity: number, at?: (read: number) => void) {
  const pair = pairOf({ capacity });
  return { ...pair, ...consumer(pair.pool, at) };
}

/** A source that fails, or continues, after some frames. */
function source(frames: number, then: 'fails' | 'goes on') {
  let made = 0;
  const cancels: unknown[] = [];
  const stream = new ReadableStream<VideoFrame>(
    {
      async pull(controller) {
        if (made < frames) controller.enqueue(colourFrame([1, 2, 3], { timestamp: made++ }));
        else if (then === 'fails') throw REASON;
        else await new Promise<void>(() => {});
      },
      cancel: (reason) => void cancels.push(reason),
    },
    { highWaterMark: 0 },
  );
  return { stream, cancels };
}

/** A source that a test feeds; feeding it returns false once it has ended. */
function sourceByHand() {
  let source: ReadableStreamDefaultController<VideoFrame> | null = null;
  const stream = new ReadableStream<VideoFrame>(
    { start: (controller) => void (source = controller) },
    { highWaterMark: 0 },
  );
  const give = (frame: VideoFrame): boolean => {
    try {
      source?.enqueue(frame);
      return true;
    } catch {
      return false;
    }
  };
  return { stream, give };
}

/** Waits until the frames that a pipe has read are closed: it writes or drops them in tasks of its own. */
const nothingLeft = (pool: VideoFramePool): Promise<unknown> =>
  expect.poll(() => pool.lentCount + livePictures()).toBe(0);

/** A read behind a pair with a signal, which the pipe has too if `hasOwn`. */
function readThrough(stream: ReadableStream<VideoFrame>, pool: VideoFramePool, hasOwn: boolean) {
  const controller = new AbortController();
  const { signal } = controller;
  const handles = stream.pipeThrough(pooledFrames(pool, { signal }), hasOwn ? { signal } : {});
  return { controller, outcome: outcomeOf(handles.getReader().read()) };
}

describe('[C10] a pipe through pooledFrames()', () => {
  test.each([1, 2, 5])('carries all frames of a clip in order at capacity %i', async (capacity) => {
    const { sink, timestamps, ends, ...pair } = consumedPair(capacity);
    await (await rawFrames(CLIP)).pipeThrough(pair).pipeTo(sink);
    expect(timestamps).toEqual(timestampsOf(clip(CLIP)));
    expect(ends).toEqual(['close']);
  });

  test.each([1, 2, 5])('ends cleanly when the consumer throws at frame %i', async (frame) => {
    const { sink, ...pair } = consumedPair(2, (read) => {
      if (read === frame) throw REASON;
    });
    expect(await outcomeOf((await rawFrames(CLIP)).pipeThrough(pair).pipeTo(sink))).toBe(REASON);
    await nothingLeft(pair.pool);
  });

  test.each([0, 1, 2, 5])('ends cleanly when the source fails after %i frames', async (frames) => {
    const { sink, timestamps, ...pair } = consumedPair(2);
    expect(await outcomeOf(source(frames, 'fails').stream.pipeThrough(pair).pipeTo(sink))).toBe(REASON);
    expect(timestamps.length).toBeLessThanOrEqual(frames);
    await nothingLeft(pair.pool);
  });

  test.each<[string, 'in' | 'out' | 'pair' | 'all']>([
    ['the first pipe’s signal', 'in'],
    ['the second pipe’s signal', 'out'],
    ['the pair’s signal', 'pair'],
    // Otherwise it can lose a frame, as the next test shows.
    ...(does('pipesReadOn') ? [] : [['one signal for all three', 'all'] as [string, 'all']]),
  ])('ends cleanly by %s', async (_, where) => {
    const pool = poolOf({ capacity: 2 });
    const controller = new AbortController();
    const { signal } = controller;
    const { sink, ends } = consumer(pool, (read) => {
      if (read === 4) controller.abort(REASON);
    });
    const given = (place: string): { signal?: AbortSignal } =>
      where === place || where === 'all' ? { signal } : {};
    const frames = await rawFrames(CLIP);
    const piped = frames
      .pipeThrough(pooledFrames(pool, given('pair')), given('in'))
      .pipeTo(sink, given('out'));
    expect(await outcomeOf(piped)).toBe(REASON);
    expect(ends).toEqual(['abort']);
    await nothingLeft(pool);
  });

  test.each([
    ['the pair', false, false],
    ['the pair and the pipe, which waits for its read in some engines', true, does('pipesReadOn')],
  ])('loses no frame that arrives after the end by a signal of %s', async (_, hasOwn, loses) => {
    const { give, stream } = sourceByHand();
    const { controller, outcome } = readThrough(stream, poolOf({ capacity: 2 }), hasOwn);
    await tasks();
    controller.abort(REASON);
    await tasks();
    const frame = colourFrame([1, 2, 3], { timestamp: 0 });
    const wasTaken = give(frame);
    await tasks();
    expect(wasTaken && frame.format !== null).toBe(loses);
    frame.close();
    expect(await outcome).toBe(REASON);
  });

  test.each([
    ['the pair', false],
    ['the pair and the pipe', true],
  ])('ends at once by a signal of %s while a write waits for a permit', async (_, hasOwn) => {
    const pool = poolOf({ capacity: 1 });
    const permit = pool.tryReserve();
    const { controller, outcome } = readThrough(await rawFrames(CLIP), pool, hasOwn);
    await expect.poll(() => pool.waitingCount).toBe(1);
    controller.abort(REASON);
    expect(pool.waitingCount).toBe(0);
    expect(await outcome).toBe(REASON);
    await expect.poll(() => livePictures()).toBe(0);
    permit?.release();
  });

  test('stops its source when the readable side is cancelled, with the reason', async () => {
    const { pool, readable, writable } = pairOf({ capacity: 2 });
    const { stream, cancels } = source(3, 'goes on');
    const piped = outcomeOf(stream.pipeTo(writable));
    await expect.poll(() => pool.lentCount).toBe(1);
    await readable.cancel(REASON);
    expect(await piped).toBe(REASON);
    expect(cancels).toEqual([REASON]);
  });

  test('preventClose leaves the pair open for another source', async () => {
    const { readable, writable, sink, timestamps } = consumedPair(2);
    const out = outcomeOf(readable.pipeTo(sink));
    await (await rawFrames(CLIP)).pipeTo(writable, { preventClose: true });
    await (await rawFrames(CLIP)).pipeTo(writable);
    expect(await out).toBe('resolved');
    const once = timestampsOf(clip(CLIP));
    expect(timestamps).toEqual([...once, ...once]);
  });

  test('preventAbort leaves the pair open after a source that failed', async () => {
    const { readable, writable, sink, timestamps } = consumedPair(2);
    const out = outcomeOf(readable.pipeTo(sink));
    expect(await outcomeOf(source(2, 'fails').stream.pipeTo(writable, { preventAbort: true }))).toBe(REASON);
    await (await rawFrames(CLIP)).pipeTo(writable);
    expect(await out).toBe('resolved');
    expect(timestamps.length).toBe(2 + clip(CLIP).frames);
  });

  test('preventCancel keeps the handles for another consumer when one has failed', async () => {
    const { pool, readable, writable, ...first } = consumedPair(3, (read) => {
      if (read === 3) throw REASON;
    });
    const into = outcomeOf((await rawFrames(CLIP)).pipeTo(writable));
    expect(await outcomeOf(readable.pipeTo(first.sink, { preventCancel: true }))).toBe(REASON);
    const second = consumer(pool);
    await readable.pipeTo(second.sink);
    expect(await into).toBe('resolved');
    expect([...first.timestamps, ...second.timestamps]).toEqual(timestampsOf(clip(CLIP)));
  });

  test('a for await over the readable side cancels it when it is left', async () => {
    const { pool, readable, writable } = pairOf({ capacity: 3 });
    const into = outcomeOf((await rawFrames(CLIP)).pipeTo(writable));
    await releaseUntil(eachOf(readable), (taken) => taken === 3);
    expect(await into).toMatchObject({ name: 'AbortError' });
    await nothingLeft(pool);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 8])(
    'closes a frame that its source gives %i microtasks before or after the cancel',
    async (ticks) => {
      for (const order of ['frame first', 'cancel first']) {
        for (const preventCancel of [false, true]) {
          const { pool, readable, writable } = pairOf({ capacity: 2 });
          const { stream, give } = sourceByHand();
          const piped = outcomeOf(stream.pipeTo(writable, { preventCancel }));
          await tasks(1);
          const acts = [() => give(colourFrame([1, 2, 3])), () => readable.cancel(REASON)];
          const [first, second] = order === 'frame first' ? acts : acts.reverse();
          void first?.();
          for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
          void second?.();
          expect(await piped).toBe(REASON);
          expect([pool.lentCount, livePictures()]).toEqual([0, 0]);
        }
      }
    },
  );
});
