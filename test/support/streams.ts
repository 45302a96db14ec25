/** What the tests of streams have in common: sources of raw frames, and what became of promises. */
import { trackOf } from './packets.ts';

/** A stream of the raw frames of a clip, from the platform's decoder. What it has decoded and nobody read it closes itself. */
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

/** What a promise came to: `'resolved'`, or the name of its error, or the error itself where that has none. */
export async function fate(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return 'resolved';
  } catch (error) {
    return error;
  }
}

/** Lets a few tasks go by: what was to settle has settled. */
export async function tasks(count = 5): Promise<void> {
  for (let task = 0; task < count; task++) await new Promise((resolve) => setTimeout(resolve, 0));
}

/** What a stream gives, one after the other; it is cancelled where the loop is left, as a `for await` over the stream itself does it. */
export function eachOf<T>(stream: ReadableStream<T>): AsyncIterable<T> {
  return Symbol.asyncIterator in stream ? stream : readOneByOne(stream);
}

/** In engines that do not iterate streams. */
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
