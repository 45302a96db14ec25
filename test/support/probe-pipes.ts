/** Probes of a chunk that a pipe has read, or is about to read, when the pipe's own signal ends it. */

const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A pipe that reads: `give()` throws if its source has ended, `written()` is the number of chunks in the end. */
async function pipe() {
  let count = 0;
  let give = (): void => {};
  const readable = new ReadableStream<number>(
    { start: (controller) => void (give = () => controller.enqueue(1)) },
    { highWaterMark: 0 },
  );
  const ending = new AbortController();
  const piped = readable
    .pipeTo(new WritableStream({ write: () => void count++ }), { signal: ending.signal })
    .catch(() => {});
  await nextTask();
  return { give, abort: () => ending.abort(), written: () => piped.then(() => count) };
}

/** Whether a chunk is written that came in the task of the abort, before it. */
export async function pipeWritesWhatItRead(): Promise<boolean> {
  const { give, abort, written } = await pipe();
  give();
  abort();
  return (await written()) === 1;
}

/** Whether a source can still give a chunk when the pipe was ended a task ago. */
export async function pipeReadsOn(): Promise<boolean> {
  const { give, abort, written } = await pipe();
  abort();
  await nextTask();
  let wasTaken = true;
  try {
    give();
  } catch {
    wasTaken = false;
  }
  await written();
  return wasTaken;
}
