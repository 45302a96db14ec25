/**
 * Async iterator of `decodeFrames()` and readers: passes frames to pending `next()` calls, and buffers frames that come earlier.
 */
import type { DecodedStorage } from '../pool/decoded.ts';
import { currentCall } from '../base/call-site.ts';
import { noteCall } from '../pool/handle.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { Queue } from '../base/queue.ts';
import { onAbort } from '../base/abort.ts';
import type { FrameConsumer, FrameProducer } from './frame-producer.ts';

type Result = IteratorResult<FrameHandle<DecodedStorage>, undefined>;

/**
 * State of the iterator: it runs, it has an error or its end to report after the ready frames, or it is over. An app cannot see
 * whether a decoder that is fed ahead has reached its end. So an end that was not reported can still be aborted.
 */
type Outcome =
  { kind: 'running' } | { kind: 'failed'; error: unknown } | { kind: 'ended' } | { kind: 'over' };

const END: Result = { done: true, value: undefined };

/**
 * Implemented without `async function*`, which queues `return()` behind a pending `next()` and hangs.
 *
 * The producer requests permits from the pool only while a `next()` call is pending. So an abandoned iterator is in no queue,
 * nothing refers to it, and the leak detector recovers its permits and frames.
 */
export class FrameIterator implements AsyncIterableIterator<FrameHandle<DecodedStorage>, undefined> {
  #stopListening: () => void = () => {};
  readonly #producer: FrameProducer;
  readonly #ready: FrameHandle<DecodedStorage>[] = [];
  readonly #waiting = new Queue<{ resolve(result: Result): void; reject(error: unknown): void }>();
  #outcome: Outcome = { kind: 'running' };
  /** Call of the app that began the iteration, for pools with `trackHolders`. */
  readonly #call = currentCall();

  /** @param produce - Creates the producer, which begins with the first `pull()`. */
  constructor(produce: (consumer: FrameConsumer) => FrameProducer, signal: AbortSignal | undefined) {
    this.#producer = produce(this.#consumer());
    if (signal === undefined) return;
    if (signal.aborted) {
      this.#abort(signal.reason);
      return;
    }
    this.#stopListening = onAbort(signal, this, FrameIterator.#endBySignal);
  }

  static #endBySignal(this: void, iterator: FrameIterator, reason: unknown): void {
    iterator.#abort(reason);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    const handle = this.#ready.shift();
    if (handle !== undefined) {
      if (this.#outcome.kind === 'running') this.#producer.pull();
      return Promise.resolve({ done: false, value: handle });
    }
    if (this.#outcome.kind === 'failed') {
      const { error } = this.#outcome;
      this.#outcome = { kind: 'over' };
      this.#stopListening();
      return Promise.reject(error as Error);
    }
    if (this.#outcome.kind === 'running') {
      return new Promise((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
        this.#producer.pull();
      });
    }
    if (this.#outcome.kind === 'ended') {
      this.#outcome = { kind: 'over' };
      this.#stopListening();
    }
    return Promise.resolve(END);
  }

  return(): Promise<Result> {
    this.#end({ kind: 'over' });
    return Promise.resolve(END);
  }

  throw(error: unknown): Promise<Result> {
    this.#end({ kind: 'over' });
    return Promise.reject(error as Error);
  }

  // Outside the constructor, because closures of one scope share its variables, and the signal's closure would keep `this` alive.
  #consumer(): FrameConsumer {
    const waiting = this.#waiting;
    return {
      get awaited(): number {
        return waiting.length;
      },
      take: (handle) => this.#take(handle),
      finish: () => this.#end({ kind: 'ended' }, true),
      fail: (error) => this.#end({ kind: 'failed', error }, true),
    };
  }

  #take(handle: FrameHandle<DecodedStorage>): void {
    noteCall(handle, this.#call);
    const asker = this.#waiting.shift();
    if (asker === undefined) {
      this.#ready.push(handle);
      return;
    }
    if (this.#waiting.length === 0) this.#producer.rest();
    asker.resolve({ done: false, value: handle });
  }

  #abort(reason: unknown): void {
    if (this.#isAbortable) this.#end({ kind: 'failed', error: reason });
  }

  /** Whether anything other than an error is left to report. */
  get #isAbortable(): boolean {
    const { kind } = this.#outcome;
    return kind === 'running' || kind === 'ended' || this.#ready.length > 0;
  }

  /** Ends the iteration, once. `keepReady` keeps the ready frames for later `next()` calls. */
  #end(outcome: Outcome, keepReady = false): void {
    const wasRunning = this.#outcome.kind === 'running';
    if (wasRunning || !keepReady) this.#outcome = outcome;
    if (wasRunning) this.#producer.stop();
    if (!keepReady) for (const handle of this.#ready.splice(0)) handle.release();
    for (let asker = this.#waiting.shift(); asker !== undefined; asker = this.#waiting.shift()) {
      if (this.#outcome.kind === 'failed') asker.reject(this.#outcome.error);
      else asker.resolve(END);
      this.#outcome = { kind: 'over' };
    }
    if (!this.#isAbortable) this.#stopListening();
  }
}
