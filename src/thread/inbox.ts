/** What `receiveFrames()` gives: hands out what arrived, in order. */
import { onAbort } from '../abort.ts';
import type { Arrivals, Receiver } from './arrivals.ts';
import type { Guest, Received } from './guest.ts';
import { sendBack } from './guest.ts';

type Result = IteratorResult<Received, undefined>;

const END: Result = { done: true, value: undefined };

/** Written by hand: an `async function*` queues `return()` behind a pending `next()`, and hangs. */
export class Inbox implements AsyncIterableIterator<Received, undefined>, Receiver {
  readonly #arrivals: Arrivals;
  #stopListening: () => void = () => {};
  #ready: { guest: Guest; received: Received }[] = [];
  #waiting: { resolve(result: Result): void; reject(error: unknown): void }[] = [];
  #isOver = false;
  /** An error that nobody was told yet. */
  #failure: { error: unknown } | null = null;

  constructor(arrivals: Arrivals, signal: AbortSignal | undefined) {
    this.#arrivals = arrivals;
    arrivals.tell(this);
    if (signal === undefined) return;
    if (signal.aborted) {
      this.#abort(signal.reason);
      return;
    }
    this.#stopListening = onAbort(signal, this, Inbox.#endBySignal);
  }

  static #endBySignal(this: void, inbox: Inbox, reason: unknown): void {
    inbox.#abort(reason);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    const first = this.#ready.shift();
    if (first !== undefined) {
      first.guest.taken();
      if (this.#isOver) this.#unhear();
      return Promise.resolve({ done: false, value: first.received });
    }
    if (this.#failure !== null) {
      const { error } = this.#failure;
      this.#failure = null;
      return Promise.reject(error as Error);
    }
    if (this.#isOver) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#arrivals.await(this);
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

  arrived(guest: Guest, received: Received): void {
    const asker = this.#waiting.shift();
    if (asker === undefined) {
      this.#ready.push({ guest, received });
      return;
    }
    if (this.#waiting.length === 0) this.#arrivals.await(null);
    guest.taken();
    asker.resolve({ done: false, value: received });
  }

  /** What is ready can still be taken, or sent home by the signal. */
  over(): void {
    this.#stop();
    for (const { resolve } of this.#waiting.splice(0)) resolve(END);
  }

  #abort(reason: unknown): void {
    if (this.#isOver && this.#ready.length === 0) return;
    const [first, ...others] = this.#waiting.splice(0);
    if (first === undefined) this.#failure = { error: reason };
    else first.reject(reason);
    this.#end();
    for (const { resolve } of others) resolve(END);
  }

  /** Ends it for who asked; nothing stays. */
  #end(): void {
    for (const { received } of this.#ready.splice(0)) sendBack(received);
    this.#stop();
    for (const { resolve } of this.#waiting.splice(0)) resolve(END);
  }

  #stop(): void {
    this.#isOver = true;
    this.#unhear();
    this.#arrivals.leave();
  }

  /** Leaves the signal, once it could end nothing any more. */
  #unhear(): void {
    if (this.#ready.length === 0) this.#stopListening();
  }
}
