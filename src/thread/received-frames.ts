/** The iterator of `receiveFrames()`: yields received frames in order. */
import { onAbort } from '../base/abort.ts';
import type { Receiver, FrameConsumer } from './receiver.ts';
import type { RemotePool, Received } from './remote-pool.ts';
import { returnUnused } from './remote-pool.ts';

type Result = IteratorResult<Received, undefined>;

const END: Result = { done: true, value: undefined };

/** Hand-written, because an `async function*` queues `return()` behind a pending `next()`, and hangs. */
export class ReceivedFrames implements AsyncIterableIterator<Received, undefined>, FrameConsumer {
  readonly #receiver: Receiver;
  #stopListening: () => void = () => {};
  #ready: { pool: RemotePool; received: Received }[] = [];
  #waiting: { resolve(result: Result): void; reject(error: unknown): void }[] = [];
  #hasEnded = false;
  /** An error that no `next()` has rejected with yet. */
  #failure: { error: unknown } | null = null;

  constructor(receiver: Receiver, signal: AbortSignal | undefined) {
    this.#receiver = receiver;
    receiver.setConsumer(this);
    if (signal === undefined) return;
    if (signal.aborted) {
      this.#abort(signal.reason);
      return;
    }
    this.#stopListening = onAbort(signal, this, ReceivedFrames.#endBySignal);
  }

  static #endBySignal(this: void, frames: ReceivedFrames, reason: unknown): void {
    frames.#abort(reason);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    const first = this.#ready.shift();
    if (first !== undefined) {
      first.pool.taken();
      if (this.#hasEnded) this.#detachSignal();
      return Promise.resolve({ done: false, value: first.received });
    }
    if (this.#failure !== null) {
      const { error } = this.#failure;
      this.#failure = null;
      return Promise.reject(error as Error);
    }
    if (this.#hasEnded) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#receiver.keepAlive(this);
    });
  }

  return(): Promise<Result> {
    this.#end();
    return Promise.resolve(END);
  }

  throw(error: unknown): Promise<Result> {
    this.#end();
    return Promise.reject(error as Error);
  }

  arrived(pool: RemotePool, received: Received): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) {
      this.#ready.push({ pool, received });
      return;
    }
    if (this.#waiting.length === 0) this.#receiver.keepAlive(null);
    pool.taken();
    waiter.resolve({ done: false, value: received });
  }

  /** Frames that are ready can still be taken, or are returned by the signal. */
  ended(): void {
    this.#stop();
    for (const { resolve } of this.#waiting.splice(0)) resolve(END);
  }

  #abort(reason: unknown): void {
    if (this.#hasEnded && this.#ready.length === 0) return;
    const [first, ...others] = this.#waiting.splice(0);
    if (first === undefined) this.#failure = { error: reason };
    else first.reject(reason);
    this.#end();
    for (const { resolve } of others) resolve(END);
  }

  /** Ends the iteration for its caller; frames that are ready are returned. */
  #end(): void {
    for (const { received } of this.#ready.splice(0)) returnUnused(received);
    this.#stop();
    for (const { resolve } of this.#waiting.splice(0)) resolve(END);
  }

  #stop(): void {
    this.#hasEnded = true;
    this.#detachSignal();
    this.#receiver.stop();
  }

  /** Stops listening to the signal once it has no frame left to return. */
  #detachSignal(): void {
    if (this.#ready.length === 0) this.#stopListening();
  }
}
