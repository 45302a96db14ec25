/** Streams and what they came to: raw frames of a clip, outcomes of promises, frames that are taken or left. */
import { expect } from 'vitest';
import type { FrameHandle, VideoFramePool } from '../../src/index.ts';
import { livePictures } from './accounting.ts';
import { trackOf } from './packets.ts';

/** A stream of the raw frames of a clip, from the platform's decoder. It closes the frames that were not read. */
export async function rawFrames(file: string, most = Infinity): Promise<ReadableStream<VideoFrame>> {
  const { config, chunks } = await trackOf(file, most);
  const ready: VideoFrame[] = [];
  let isFlushed = false;
  let isOver = false;
  let failed: DOMException | null = null;
  let wake = (): void => {};
  const decoder = new VideoDecoder({
    output: (frame) => {
      // Firefox 153 puts frames out after close(), too.
      if (isOver) frame.close();
      else ready.push(frame);
      wake();
    },
    error: (error) => {
      failed = error;
      wake();
    },
  });
  decoder.configure(config);
  for (const chunk of chunks) decoder.decode(chunk);
  const flushed = (): void => {
    isFlushed = true;
    wake();
  };
  decoder.flush().then(flushed, flushed);
  const dismiss = (): void => {
    isOver = true;
    if (decoder.state !== 'closed') decoder.close();
    for (const frame of ready.splice(0)) frame.close();
  };
  return new ReadableStream<VideoFrame>(
    {
      async pull(controller) {
        while (ready.length === 0 && !isFlushed && failed === null) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const frame = ready.shift();
        if (frame !== undefined) controller.enqueue(frame);
        else if (failed !== null) controller.error(failed);
        else if (decoder.state !== 'closed') {
          dismiss();
          controller.close();
        }
      },
      cancel() {
        isFlushed = true;
        dismiss();
        wake();
      },
    },
    { highWaterMark: 0 },
  );
}

/** The outcome of a promise: `'resolved'`, or its error. */
export const fate = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => error,
  );

/** Lets a few tasks go by, after which settled promises have had their effects. */
export async function tasks(count = 5): Promise<void> {
  for (let task = 0; task < count; task++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** Reads that are given up while they are pending: the next frame is kept for another reader. Resolves to the read's error. */
export async function giveUpRead(reader: ReadableStreamDefaultReader<FrameHandle>): Promise<unknown> {
  const given = fate(reader.read());
  await tasks(1);
  reader.releaseLock();
  return given;
}

/** Takes each frame, looks at it and releases it. Returns their times. */
export async function takeAll(
  frames: AsyncIterable<FrameHandle>,
  look?: (handle: FrameHandle) => unknown,
): Promise<number[]> {
  const timestamps: number[] = [];
  for await (const handle of frames) {
    timestamps.push(handle.timestamp);
    if (look !== undefined) await look(handle);
    handle.release();
  }
  return timestamps;
}

/** Nothing is lent or waited for, and no frame of any owner is open. */
export function expectNothingLeft(pool: VideoFramePool): void {
  expect([pool.waitingCount, pool.decodingCount]).toEqual([0, 0]);
  pool.assertNoLeaks();
  expect(livePictures()).toBe(0);
}

/** Iterates a stream, and cancels it when the loop is left, as a `for await` over the stream itself does. */
export function eachOf<T>(stream: ReadableStream<T>): AsyncIterable<T> {
  return Symbol.asyncIterator in stream ? stream : readOneByOne(stream);
}

/** The same in engines that do not iterate streams. */
async function* readOneByOne<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  let isOver = false;
  try {
    for (;;) {
      const result = await reader.read();
      if (result.done) break;
      yield result.value;
    }
    isOver = true;
  } catch (error) {
    isOver = true;
    throw error;
  } finally {
    if (!isOver) await reader.cancel();
    reader.releaseLock();
  }
}
