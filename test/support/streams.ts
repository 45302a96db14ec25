/** Streams of raw frames and their outcomes: settled promises, and frames that are taken or left. */
import type { FrameHandle } from '../../src/index.ts';
import { trackOf } from './packets.ts';

/** Makes a stream of the raw frames of a clip, each enqueued in a separate task. It closes the frames that were not read. */
export async function rawFrames(file: string, most = Infinity): Promise<ReadableStream<VideoFrame>> {
  const { config, chunks } = await trackOf(file, most);
  const ready: VideoFrame[] = [];
  let failed: DOMException | null = null;
  const decoder = new VideoDecoder({
    output: (frame) => ready.push(frame),
    error: (error) => (failed = error),
  });
  decoder.configure(config);
  for (const chunk of chunks) decoder.decode(chunk);
  await decoder.flush();
  decoder.close();
  if (failed !== null) throw failed;
  let isOver = false;
  return new ReadableStream<VideoFrame>(
    {
      async pull(controller) {
        await tasks(1);
        if (isOver) return;
        const frame = ready.shift();
        if (frame === undefined) controller.close();
        else controller.enqueue(frame);
      },
      cancel() {
        isOver = true;
        for (const frame of ready.splice(0)) frame.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** The outcome of a promise: `'resolved'`, or its error. */
export const outcomeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => error,
  );

/** Waits for a few tasks, after which settled promises have had their effects. */
export async function tasks(count = 5): Promise<void> {
  for (let task = 0; task < count; task++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Cancels a pending read by releasing the lock, so that the next frame is kept for another reader. Resolves to the error of that
 * read.
 */
export async function giveUpRead(reader: ReadableStreamDefaultReader<FrameHandle>): Promise<unknown> {
  const given = outcomeOf(reader.read());
  await tasks(1);
  reader.releaseLock();
  return given;
}

/** Takes each frame, passes it to `look` and releases it. Returns the times of the frames. */
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

/** Releases each frame on arrival, and leaves when `isLast` returns true for the number of frames. Returns that number. */
export async function releaseUntil(
  frames: AsyncIterable<FrameHandle>,
  isLast: (count: number) => unknown,
): Promise<number> {
  let count = 0;
  for await (const handle of frames) {
    handle.release();
    if (isLast(++count) === true) break;
  }
  return count;
}

/** Iterates a stream, and cancels it when the loop is left, as a `for await` over the stream itself does. */
export function eachOf<T>(stream: ReadableStream<T>): AsyncIterable<T> {
  return Symbol.asyncIterator in stream ? stream : readOneByOne(stream);
}

/** Iterates a stream in engines whose streams are not iterable. */
async function* readOneByOne<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  let isLeft = true;
  try {
    for (let result = await reader.read(); !result.done; result = await reader.read()) yield result.value;
    isLeft = false;
  } finally {
    // The cancel of a stream that has failed has no effect.
    if (isLeft) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}
