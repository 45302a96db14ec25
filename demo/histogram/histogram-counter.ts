/** The page's side of the histogram's worker: one question at a time. */
import { ownScript } from '../trusted-types.ts';
import type { Counts } from './histogram-counts.ts';
import workerAddress from './histogram-worker.ts?worker&url';

/** Counts the pixels of pictures in a worker, which is started by the first question. */
export class Counter {
  #worker: Worker | null = null;
  #settle: ((answer: Counts | Error) => void) | null = null;

  /**
   * Counts RGBA pixels. Shared memory is read where it is, and must not be given back before the answer has come; of
   * other memory the worker gets a copy.
   *
   * @throws `Error` while another question is open, where the worker fails, and by `close()`.
   */
  count(pixels: Uint8Array): Promise<Counts> {
    return new Promise((resolve, reject) => {
      if (this.#settle !== null) throw new Error('the worker is asked one question at a time');
      const worker = (this.#worker ??= this.#start());
      this.#settle = (answer) => {
        this.#settle = null;
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      if (isShared(pixels)) {
        worker.postMessage(pixels);
      } else {
        const copy = pixels.slice();
        worker.postMessage(copy, [copy.buffer]);
      }
    });
  }

  /** Ends the worker, so that it reads nothing any more; an open question is rejected. The next one starts another. */
  close(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#settle?.(new Error('the worker was ended'));
  }

  #start(): Worker {
    const worker = new Worker(ownScript(workerAddress), { type: 'module' });
    const settle = (answer: Counts | Error): void => {
      // One that was ended has nothing to say to the question of the next.
      if (worker === this.#worker) this.#settle?.(answer);
    };
    worker.addEventListener('message', ({ data }: MessageEvent<Counts>) => settle(data));
    worker.addEventListener('error', ({ message }) =>
      settle(new Error(message || 'the worker did not start')),
    );
    worker.addEventListener('messageerror', () => settle(new Error('the worker’s answer cannot be read')));
    return worker;
  }
}

/** Whether other threads see this memory too. Not every page knows `SharedArrayBuffer`. */
const isShared = ({ buffer }: Uint8Array): boolean => !(buffer instanceof ArrayBuffer);
