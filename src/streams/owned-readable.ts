/** Readable end of the frame streams. It keeps ready chunks in its own list, and enqueues a chunk only for a pending read. */

/** Fills an `OwnedReadable`. */
export interface ReadableOwner {
  /** Called on each read. Either one ready chunk was taken, or none was ready and the read waits (`isReadPending`). */
  read(): void;
  /** Called on a cancel. The ready chunks are already released. The cancel settles with the returned promise. */
  cancelled(reason: unknown): void | Promise<void>;
  /** Called at the end, after all chunks were read. */
  drained?(): void;
}

/** `'open'`: takes chunks. `'ending'`: ready chunks can still be read. `'over'`: closed, failed or cancelled. */
type State = 'open' | 'ending' | 'over';

/**
 * A stream drops the chunks in its own queue silently when it is cancelled or fails. So that queue stays empty (`highWaterMark:
 * 0`), and a chunk is enqueued only if a read is pending.
 */
export class OwnedReadable<T> {
  readonly readable: ReadableStream<T>;
  readonly #release: (chunk: T) => void;
  readonly #owner: ReadableOwner;
  #controller: ReadableStreamDefaultController<T> | null = null;
  #ready: T[] = [];
  #isReadPending = false;
  #state: State = 'open';
  /** A chunk that is in the stream's own queue, because no read was pending. */
  #stray: T | null = null;

  /** @param release - Releases a chunk that will not be read. */
  constructor(release: (chunk: T) => void, owner: ReadableOwner) {
    this.#release = release;
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
        // Called for a chunk without a pending read. (A stream asks for the size of queued chunks only.)
        size: (chunk) => {
          this.#stray = chunk;
          return 1;
        },
      },
    );
  }

  /** Whether a read is pending. */
  get isReadPending(): boolean {
    return this.#isReadPending;
  }

  /** Number of chunks that are ready and unread. */
  get length(): number {
    return this.#ready.length;
  }

  /** Takes a chunk over. Releases it if the stream is over. */
  give(chunk: T): void {
    if (this.#state === 'over') this.#release(chunk);
    else if (this.#isReadPending) this.#enqueue(chunk);
    else this.#ready.push(chunk);
  }

  /** Reports that no more chunks follow. The stream ends after the ready chunks were read. */
  end(): void {
    if (this.#state === 'open') this.#state = 'ending';
    this.#closeIfDrained();
  }

  /** Releases the ready chunks and fails the stream. Does nothing if the stream is over. */
  fail(reason: unknown): void {
    if (this.#state === 'over') return;
    const isStray = (this.#controller?.desiredSize ?? 0) < 0;
    this.#finish();
    if (isStray && this.#stray !== null) this.#release(this.#stray);
    this.#controller?.error(reason);
  }

  // A read is pending while this runs: a stream with a highWaterMark of 0 is pulled for nothing else.
  #onPull(): void {
    this.#stray = null;
    const chunk = this.#ready.shift();
    if (chunk === undefined) {
      this.#isReadPending = true;
    } else {
      this.#enqueue(chunk);
      this.#closeIfDrained();
    }
    this.#owner.read();
  }

  #enqueue(chunk: T): void {
    this.#isReadPending = false;
    this.#controller?.enqueue(chunk);
    if (this.#stray === chunk) this.#takeBack(chunk);
  }

  /**
   * The read that requested this chunk is gone, because its reader released the lock. If another reader has the lock and does not
   * read, the chunk stays in the stream's queue. If that reader cancels, it is unknown whether it has read the chunk before. So
   * the chunk is then left to leak detection, because its holder may still use it.
   */
  #takeBack(chunk: T): void {
    if (this.readable.locked) return;
    const reader = this.readable.getReader();
    // This call takes the queued chunk out synchronously. Its promise is not needed.
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
    for (const chunk of this.#ready.splice(0)) this.#release(chunk);
  }
}
