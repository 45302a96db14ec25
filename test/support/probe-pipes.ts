/** What becomes of a chunk that a pipe has read, or is about to read, when the pipe's own signal ends it. */

/** A pipe that reads, with what its source gives by hand. */
async function pipe(): Promise<{
  /** False where the source has ended. */
  give(): boolean;
  abort(): void;
  /** How many chunks were written in the end. */
  written(): Promise<number>;
}> {
  let written = 0;
  let source: ReadableStreamDefaultController<number> | null = null;
  const readable = new ReadableStream<number>(
    {
      start: (controller) => {
        source = controller;
      },
    },
    { highWaterMark: 0 },
  );
  const ending = new AbortController();
  const piped = readable
    .pipeTo(new WritableStream({ write: () => void written++ }), { signal: ending.signal })
    .catch(() => {});
  await nextTask();
  return {
    give() {
      try {
        source?.enqueue(1);
        return true;
      } catch {
        return false;
      }
    },
    abort: () => ending.abort(),
    async written() {
      await piped;
      return written;
    },
  };
}

const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Whether a chunk is written that came in the task of the abort, before it. */
export async function pipeWritesWhatItRead(): Promise<boolean> {
  const { give, abort, written } = await pipe();
  give();
  abort();
  return (await written()) === 1;
}

/** Whether a source can give a chunk still when the pipe was ended a task ago. */
export async function pipeReadsOn(): Promise<boolean> {
  const { give, abort, written } = await pipe();
  abort();
  await nextTask();
  const wasTaken = give();
  await written();
  return wasTaken;
}
