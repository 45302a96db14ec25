/** The page's side of a worker that holds frames. */
import { expect } from 'vitest';
import type { FrameHandle, PoolLink, Storage } from '../../../src/index.ts';
import type { About, Order } from './holder-worker.ts';

/** A worker and its replies. The test or its fixture terminates the worker. */
export class Holder {
  isTerminated = false;
  readonly worker: Worker;
  readonly #answers: Promise<unknown>[] = [];
  #pendingRequest: ((value: unknown) => void) | null = null;

  private constructor() {
    this.worker = new Worker(new URL('./holder-worker.ts', import.meta.url), { type: 'module' });
    this.worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      // The library's own messages use the same worker.
      if (typeof data !== 'object' || data === null || !('value' in data)) return;
      const answer = 'error' in data ? Promise.reject(data.error as Error) : Promise.resolve(data.value);
      const pendingRequest = this.#pendingRequest;
      this.#pendingRequest = null;
      if (pendingRequest === null) this.#answers.push(answer);
      else pendingRequest(answer);
    });
  }

  static async start(): Promise<Holder> {
    const holder = new Holder();
    expect(await holder.#answer()).toBe('ready');
    return holder;
  }

  /** Sends an order and returns the reply. One order at a time. */
  ask<T>(order: Order, about: About = {}, ports: MessagePort[] = []): Promise<T> {
    this.worker.postMessage({ order, ...about }, ports);
    return this.#answer() as Promise<T>;
  }

  /** Sends a frame, and waits until the worker has it. */
  async lend(link: PoolLink, handle: FrameHandle<Storage>, data: unknown = 'hold'): Promise<void> {
    await link.send(handle, data);
    expect(await this.#answer()).toBe('held');
  }

  /** Keeps the worker's thread busy; resolves when it has begun. */
  spin(ms: number): Promise<unknown> {
    this.worker.postMessage({ spin: ms });
    return this.#answer();
  }

  terminate(): void {
    this.isTerminated = true;
    this.worker.terminate();
  }

  /** Asserts that no frame is open in the worker. */
  async checkAccount(): Promise<void> {
    expect(await this.ask('account')).toEqual({ open: [], unclosed: 0 });
  }

  /** Ends receiving, asserts that no frame is open in the worker, and terminates it. */
  async finish(): Promise<void> {
    await this.ask('leave');
    await this.checkAccount();
    this.terminate();
  }

  #answer(): Promise<unknown> {
    return this.#answers.shift() ?? new Promise((resolve) => (this.#pendingRequest = resolve));
  }
}
