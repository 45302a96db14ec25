/** What `decodeFrames()` and readers give: hands frames to those who ask, and keeps those that come before. */
import type { DecodedStorage } from '../pool/decoded.ts';
import { currentCall } from '../call-site.ts';
import { noteCall } from '../pool/handle.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { Queue } from '../queue.ts';
import { onAbort } from '../abort.ts';
import type { FrameConsumer, FrameProducer } from './frame-producer.ts';

type Result = IteratorResult<FrameHandle<DecodedStorage>, undefined>;

/**
 * What the iterator comes to: it runs, it has an error or its end to tell after the frames that are ready, or it is over. Whether
 * a decoder that is fed ahead has come to its end is nothing that an app sees: so an end that was not told may still be aborted.
 */
type Outcome =
  { kind: 'running' } | { kind: 'failed'; error: unknown } | { kind: 'ended' } | { kind: 'over' };

const END: Result = { done: true, value: undefined };

/**
 * Written by hand: an `async function*` queues `return()` behind a pending `next()`, and hangs.
 *
 * Its producer asks the pool for a permit only while somebody asks for a frame. So an iterator that was dropped stands in
 * no queue, nothing refers to it, and the net brings its permits and frames back.
 */
export class FrameIterator implements AsyncIterableIterator<FrameHandle<DecodedStorage>, undefined> {
  #stopListening: () => void = () => {};
  readonly #producer: FrameProducer;
  readonly #ready: FrameHandle<DecodedStorage>[] = [];
  readonly #waiting = new Queue<{ resolve(result: Result): void; reject(error: unknown): void }>();
  #outcome: Outcome = { kind: 'running' };
  /** The app's call that began the iteration, for pools with `trackHolders`. */
  readonly #call = currentCall();

  /** @param produce - Makes the producer, which begins with the first `pull()`. */
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

  // Apart from the constructor: closures that are made together share what they see, and the signal's would keep `this`.
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

  /** Whether there is anything to come but an error that is to be told. */
  get #isAbortable(): boolean {
    const { kind } = this.#outcome;
    return kind === 'running' || kind === 'ended' || this.#ready.length > 0;
  }

  /** Ends everything, once; `keepReady` leaves the frames that are ready to be taken. */
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
