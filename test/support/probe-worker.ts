/** Probes of the abilities of this engine's workers. Each starts a worker of its own. */
import { colourFrame } from './frames.ts';
import type { Question } from './probe-in-worker.ts';

/** Sends one question, and terminates the worker after its reply. False if the question cannot be sent or read. */
export async function ask(question: Question, transfer: Transferable[] = []): Promise<boolean> {
  const worker = new Worker(new URL('probe-in-worker.ts', import.meta.url), { type: 'module' });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<boolean>) => resolve(data));
      worker.addEventListener('messageerror', () => resolve(false));
      worker.addEventListener('error', () => reject(new Error('the worker failed')));
      worker.postMessage(question, transfer);
    });
  } catch (error) {
    if (error instanceof DOMException) return false;
    throw error;
  } finally {
    worker.terminate();
  }
}

/** Whether a frame is readable in a worker after it was sent there. */
export async function sendsFrames(): Promise<boolean> {
  const frame = colourFrame([200, 90, 30]);
  const isRead = await ask({ frame }, [frame]);
  frame.close();
  return isRead;
}

/** Whether a stream is readable in a worker after it was sent there. */
export function sendsStreams(): Promise<boolean> {
  const stream = new ReadableStream<number>({
    start(controller) {
      controller.enqueue(7);
      controller.close();
    },
  });
  return ask({ stream }, [stream]);
}
