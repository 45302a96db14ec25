/** Iterator of encoded chunks, read on demand. */
import { Queue } from '../base/queue.ts';
import { onAbort } from '../base/abort.ts';

/** Source of the chunks of one iterator. */
export interface PacketProducer {
  /** Requests chunks as long as `PacketConsumer.awaited` is above 0. */
  pull(): void;
  /** Ends the requests. Idempotent. */
  stop(): void;
}

/** Receiver of the chunks. */
export interface PacketConsumer {
  /** Number of pending `next()` calls. */
  readonly awaited: number;
  take(chunk: EncodedVideoChunk): void;
  finish(): void;
  fail(error: unknown): void;
}

type Result = IteratorResult<EncodedVideoChunk, undefined>;

const END: Result = { done: true, value: undefined };

/** Written by hand: an `async function*` queues `return()` behind a pending `next()`, which may wait for a server. */
export class PacketIterator implements AsyncIterableIterator<EncodedVideoChunk, undefined> {
  readonly #producer: PacketProducer;
  readonly #waiting = new Queue<{ resolve(result: Result): void; reject(error: unknown): void }>();
  #stopListening: () => void = () => {};
  #isOver = false;
  /** An error that the next call throws. */
  #failure: { readonly error: unknown } | null = null;

  /** @param produce - Creates the producer, which begins with the first `pull()`. */
  constructor(produce: (consumer: PacketConsumer) => PacketProducer, signal: AbortSignal) {
    this.#producer = produce(this.#consumer());
    if (signal.aborted) this.#end({ error: signal.reason });
    else this.#stopListening = onAbort(signal, this, PacketIterator.#endBySignal);
  }

  static #endBySignal(this: void, iterator: PacketIterator, reason: unknown): void {
    iterator.#end({ error: reason });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) return Promise.reject(failure.error as Error);
    if (this.#isOver) return Promise.resolve(END);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#producer.pull();
    });
  }

  return(): Promise<Result> {
    this.#failure = null;
    this.#end(null);
    return Promise.resolve(END);
  }

  // Not in the constructor: closures of one scope share what they refer to, and the signal's listener would keep `this` alive.
  #consumer(): PacketConsumer {
    const waiting = this.#waiting;
    return {
      get awaited(): number {
        return waiting.length;
      },
      take: (chunk) => this.#waiting.shift()?.resolve({ done: false, value: chunk }),
      finish: () => this.#end(null),
      fail: (error) => this.#end({ error }),
    };
  }

  /** Ends the iteration, once. The first pending call gets the error, or otherwise the next one. */
  #end(failure: { readonly error: unknown } | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopListening();
    this.#producer.stop();
    this.#failure = failure;
    for (let caller = this.#waiting.shift(); caller !== undefined; caller = this.#waiting.shift()) {
      const error = this.#failure;
      this.#failure = null;
      if (error === null) caller.resolve(END);
      else caller.reject(error.error);
    }
  }
}
