/** Queue between a source of values and the async iterator that an app pulls them from. */
import { onAbort } from './abort.ts';
import { Deferred } from './deferred.ts';
import { Queue } from './queue.ts';

/** Source of the values of a `PullQueue`. */
export interface PullSource<T> {
  /** Called when a `next()` call waits, or has taken a value that was ready. Not called after the end. */
  pull(): void;
  /** Called when the last pending `next()` call no longer waits. */
  rest?(): void;
  /**
   * Called once, when the queue accepts no more values: after the sink's `end()`, `fail()` or `abort()`, and by the app.
   *
   * @returns A promise that `return()` and `throw()` wait for; it never rejects.
   */
  stop(): void | Promise<void>;
  /** Called when `next()` takes a value. */
  onTaken?(value: T): void;
  /** Becomes the owner of a value that no `next()` call took. */
  discard?(value: T): void;
}

/** The source's side of a `PullQueue`. */
export interface PullSink<T> {
  /** Number of `next()` calls that wait for a value now. */
  readonly awaited: number;
  /** Passes a value and its ownership to the first `next()` call that waits, or to a later one. */
  push(value: T): void;
  /** Ends the iteration after the ready values. */
  end(): void;
  /** Ends the iteration with an error after the ready values. */
  fail(error: unknown): void;
}

/** A sink that also gives access to the values that are ready. */
export interface BufferedSink<T> extends PullSink<T> {
  /** Values that no `next()` call has taken, oldest first. */
  readonly ready: readonly T[];
  /** Removes the oldest ready value. The caller becomes its owner. */
  shift(): T | undefined;
  /** Discards the ready values, and ends the iteration with an error unless its end was already reported. */
  abort(error: unknown): void;
}

/**
 * State: running, or with an error or the end left to report after the ready values, or over. An app cannot see how far a source
 * has read ahead. So an end that was not reported can still be aborted.
 */
type Outcome =
  { kind: 'running' } | { kind: 'failed'; error: unknown } | { kind: 'ended' } | { kind: 'over' };

const END: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * source ──push()──┬─▶ waiting next()
 *                  └─▶ ready ──▶ next(), or discard() if the app leaves first
 *
 * Implemented without `async function*`, which queues `return()` behind a pending `next()` and hangs.
 *
 * While no `next()` call waits, only the iterator may keep its source alive. Then an abandoned iterator is collected: the app's
 * signal refers to it weakly.
 */
export class PullQueue<T> implements AsyncIterableIterator<T> {
  readonly #source: PullSource<T>;
  readonly #ready: T[] = [];
  readonly #waiting = new Queue<Deferred<IteratorResult<T, undefined>>>();
  #outcome: Outcome = { kind: 'running' };
  #stopped: void | Promise<void> = undefined;
  #stopListening: () => void = () => {};

  /** @param open - Creates the source, which begins with the first `pull()`. */
  constructor(open: (sink: BufferedSink<T>) => PullSource<T>, signal?: AbortSignal) {
    this.#source = open(this.#sink());
    if (signal?.aborted === true) this.#abort(signal.reason);
    else if (signal !== undefined) this.#stopListening = onAbort(signal, this, PullQueue.#onAbort);
  }

  static #onAbort<T>(this: void, queue: PullQueue<T>, reason: unknown): void {
    queue.#abort(reason);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#ready.length > 0) {
      const value = this.#ready.shift() as T;
      this.#source.onTaken?.(value);
      if (this.#outcome.kind === 'running') this.#source.pull();
      else this.#listenNoLonger();
      return Promise.resolve({ done: false, value });
    }
    if (this.#outcome.kind !== 'running') return this.#report();
    const call = new Deferred<IteratorResult<T, undefined>>();
    this.#waiting.push(call);
    this.#source.pull();
    return call.promise;
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#finish({ kind: 'over' });
    await this.#stopped;
    return END;
  }

  async throw(error: unknown): Promise<never> {
    this.#finish({ kind: 'over' });
    await this.#stopped;
    throw error;
  }

  // Outside the constructor, because closures of one scope share its variables, and the signal's closure would keep `this` alive.
  #sink(): BufferedSink<T> {
    const waiting = this.#waiting;
    return {
      ready: this.#ready,
      get awaited(): number {
        return waiting.length;
      },
      push: (value) => this.#push(value),
      shift: () => this.#ready.shift(),
      end: () => this.#end({ kind: 'ended' }),
      fail: (error) => this.#end({ kind: 'failed', error }),
      abort: (error) => this.#abort(error),
    };
  }

  #push(value: T): void {
    if (this.#outcome.kind !== 'running') {
      this.#source.discard?.(value);
      return;
    }
    const call = this.#waiting.shift();
    if (call === undefined) {
      this.#ready.push(value);
      return;
    }
    this.#source.onTaken?.(value);
    if (this.#waiting.length === 0) this.#source.rest?.();
    call.resolve({ done: false, value });
  }

  /** Ends the iteration after the ready values, once. */
  #end(outcome: Outcome): void {
    if (this.#outcome.kind !== 'running') return;
    this.#outcome = outcome;
    this.#stopped = this.#source.stop();
    this.#settle();
  }

  #abort(error: unknown): void {
    if (this.#isAbortable) this.#finish({ kind: 'failed', error });
  }

  /** Ends the iteration without the ready values. */
  #finish(outcome: Outcome): void {
    const wasRunning = this.#outcome.kind === 'running';
    this.#outcome = outcome;
    if (wasRunning) this.#stopped = this.#source.stop();
    for (const value of this.#ready.splice(0)) this.#source.discard?.(value);
    this.#settle();
  }

  /** Reports the end to the calls that wait. If they wait, no value is ready. */
  #settle(): void {
    for (let call = this.#waiting.shift(); call !== undefined; call = this.#waiting.shift())
      call.resolve(this.#report());
    this.#listenNoLonger();
  }

  /** Returns the result of one call after the last value: the error once, then the end. */
  #report(): Promise<IteratorReturnResult<undefined>> {
    const outcome = this.#outcome;
    this.#outcome = { kind: 'over' };
    this.#listenNoLonger();
    return outcome.kind === 'failed' ? Promise.reject(outcome.error as Error) : Promise.resolve(END);
  }

  /** Whether the app has not seen the last value and the end yet. */
  get #isAbortable(): boolean {
    const { kind } = this.#outcome;
    return kind === 'running' || kind === 'ended' || this.#ready.length > 0;
  }

  #listenNoLonger(): void {
    if (this.#isAbortable) return;
    this.#stopListening();
    this.#stopListening = () => {};
  }
}
