/** Main-thread side of the histogram worker: one request at a time. */
import { ownScript } from '../trusted-types.ts';
import type { Counts } from './histogram-counts.ts';
import workerAddress from './histogram-worker.ts?worker&url';

/** Counts pixels in a worker, which is started by the first request. */
export class Counter {
  #worker: Worker | null = null;
  #settle: ((result: Counts | Error) => void) | null = null;

  /**
   * Counts RGBA pixels. Shared memory is read in place, and must not be released before the promise settles; other
   * memory is copied.
   *
   * @throws `Error` while another request is pending, if the worker fails, and on `close()`.
   */
  count(pixels: Uint8Array): Promise<Counts> {
    return new Promise((resolve, reject) => {
      if (this.#settle !== null) throw new Error('count(): another request is pending');
      const worker = (this.#worker ??= this.#start());
      this.#settle = (result) => {
        this.#settle = null;
        if (result instanceof Error) reject(result);
        else resolve(result);
      };
      if (isShared(pixels)) {
        worker.postMessage(pixels);
      } else {
        const copy = pixels.slice();
        worker.postMessage(copy, [copy.buffer]);
      }
    });
  }

  /**
   * Terminates the worker, so that it no longer reads memory, and rejects a pending request. The next request starts a
   * new worker.
   */
  close(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#settle?.(new Error('the histogram worker was terminated'));
  }

  #start(): Worker {
    const worker = new Worker(ownScript(workerAddress), { type: 'module' });
    const settle = (result: Counts | Error): void => {
      // Messages of a terminated worker must not settle the request of the next one.
      if (worker === this.#worker) this.#settle?.(result);
    };
    worker.addEventListener('message', ({ data }: MessageEvent<Counts>) => settle(data));
    worker.addEventListener('error', ({ message }) =>
      settle(new Error(message || 'the histogram worker failed to start')),
    );
    worker.addEventListener('messageerror', () =>
      settle(new Error('the histogram worker sent a message that could not be deserialized')),
    );
    return worker;
  }
}

/** Whether other threads see this memory. Not every page has `SharedArrayBuffer`. */
const isShared = ({ buffer }: Uint8Array): boolean => !(buffer instanceof ArrayBuffer);
