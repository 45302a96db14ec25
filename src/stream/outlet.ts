/** The readable end of every stream here: keeps what is ready in a list of its own, and hands it to nobody who has not asked. */

/** Who fills an outlet. */
export interface OutletOwner {
  /** Somebody reads: there is one chunk less ready, or there was none and the read waits (`isAsked`). */
  read(): void;
  /** Whoever read wants nothing more; what was ready is let go already. The cancel settles with what this returns. */
  cancelled(reason: unknown): void | Promise<void>;
  /** The end was reached: all was read. */
  drained?(): void;
}

/**
 * `'open'`: takes chunks. `'ending'`: what is ready may still be read. `'over'`: closed, failed or cancelled.
 */
type State = 'open' | 'ending' | 'over';

/**
 * A stream drops what it has queued itself, without a word, when it is cancelled or fails. So its own queue stays empty
 * (`highWaterMark: 0`), and a chunk goes in when a read is there to take it.
 */
export class Outlet<T> {
  readonly readable: ReadableStream<T>;
  readonly #letGo: (chunk: T) => void;
  readonly #owner: OutletOwner;
  #controller: ReadableStreamDefaultController<T> | null = null;
  #ready: T[] = [];
  #isAsked = false;
  #state: State = 'open';
  /** A chunk that went into the stream's own queue, for want of a read. */
  #stray: T | null = null;

  /** @param letGo - What becomes of chunks that nobody will read. */
  constructor(letGo: (chunk: T) => void, owner: OutletOwner) {
    this.#letGo = letGo;
    this.#owner = owner;
    this.readable = new ReadableStream<T>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#onPull(),
        cancel: (reason: unknown) => this.#onCancel(reason),
      },
      {
        highWaterMark: 0,
        // Called for a chunk that finds no read. (A stream asks for the size of what it queues, and of nothing else.)
        size: (chunk) => {
          this.#stray = chunk;
          return 1;
        },
      },
    );
  }

  /** Whether a read waits. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** How many chunks are ready and unread. */
  get length(): number {
    return this.#ready.length;
  }

  /** Takes a chunk over, and lets it go where the stream is over. */
  give(chunk: T): void {
    if (this.#state === 'over') this.#letGo(chunk);
    else if (this.#isAsked) this.#handOver(chunk);
    else this.#ready.push(chunk);
  }

  /** Nothing more comes: the stream ends once what is ready was read. */
  end(): void {
    if (this.#state === 'open') this.#state = 'ending';
    this.#closeIfDrained();
  }

  /** Lets go of what is ready, and fails the stream. Does nothing to one that is over. */
  fail(reason: unknown): void {
    if (this.#state === 'over') return;
    const isStray = (this.#controller?.desiredSize ?? 0) < 0;
    this.#finish();
    if (isStray && this.#stray !== null) this.#letGo(this.#stray);
    this.#controller?.error(reason);
  }

  // While this runs a read is there: a stream with a highWaterMark of 0 is pulled for nothing else.
  #onPull(): void {
    this.#stray = null;
    const chunk = this.#ready.shift();
    if (chunk === undefined) {
      this.#isAsked = true;
    } else {
      this.#handOver(chunk);
      this.#closeIfDrained();
    }
    this.#owner.read();
  }

  #handOver(chunk: T): void {
    this.#isAsked = false;
    this.#controller?.enqueue(chunk);
    if (this.#stray === chunk) this.#takeBack(chunk);
  }

  /**
   * The read that was to take this chunk is gone: its reader gave up the lock. Where another one has the lock and does not
   * read, the chunk stays in the stream's queue; if that reader cancels, nobody can tell whether it had read it before, so
   * then it is left to the net rather than released under a holder's hands.
   */
  #takeBack(chunk: T): void {
    if (this.readable.locked) return;
    const reader = this.readable.getReader();
    // A read takes what is queued out in this very call; nobody needs the promise.
    void reader.read();
    reader.releaseLock();
    this.#stray = null;
    this.#ready.unshift(chunk);
  }

  #closeIfDrained(): void {
    if (this.#state !== 'ending' || this.#ready.length > 0) return;
    this.#state = 'over';
    this.#controller?.close();
    this.#owner.drained?.();
  }

  #onCancel(reason: unknown): void | Promise<void> {
    this.#finish();
    return this.#owner.cancelled(reason);
  }

  #finish(): void {
    this.#state = 'over';
    for (const chunk of this.#ready.splice(0)) this.#letGo(chunk);
  }
}
