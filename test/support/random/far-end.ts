/** The page's side of a worker that takes and gives back frames as it is told. */
import type { FarMessage } from './far-worker.ts';
import { surely } from './programs.ts';

/** One order at a time. One worker for all programs, until it is ended. */
export class FarEnd {
  static current: FarEnd | null = null;
  readonly #worker = new Worker(new URL('./far-worker.ts', import.meta.url), { type: 'module' });

  /** Makes sure that there is one. */
  static async start(): Promise<void> {
    if (FarEnd.current !== null) return;
    FarEnd.current = new FarEnd();
    await FarEnd.current.#answer('the worker');
  }

  static terminate(): void {
    if (FarEnd.current !== null) FarEnd.current.#worker.terminate();
    FarEnd.current = null;
  }

  ask<T>(order: Partial<FarMessage> & Pick<FarMessage, 'far'>, ports: MessagePort[] = []): Promise<T> {
    this.#worker.postMessage(order, ports);
    return this.#answer(order.far) as Promise<T>;
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
