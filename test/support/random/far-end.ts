/** The page's side of a worker that takes and gives back frames as it is told. */
import type { FarMessage } from './far-worker.ts';
import { surely } from './programs.ts';

/** One order at a time. */
export class FarEnd {
  readonly #worker = new Worker(new URL('./far-worker.ts', import.meta.url), { type: 'module' });

  static async start(): Promise<FarEnd> {
    const far = new FarEnd();
    await far.#answer('the worker');
    return far;
  }

  ask<T>(order: Partial<FarMessage> & Pick<FarMessage, 'far'>, ports: MessagePort[] = []): Promise<T> {
    this.#worker.postMessage(order, ports);
    return this.#answer(order.far) as Promise<T>;
  }

  terminate(): void {
    this.#worker.terminate();
  }

  #answer(what: string): Promise<unknown> {
    const answer = new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<{ value?: unknown; error?: string }>) => {
        if (data.error === undefined) resolve(data.value);
        else reject(new Error(data.error));
      };
      this.#worker.onerror = ({ message }) => reject(new Error(message));
    });
    return surely(answer, what);
  }
}
