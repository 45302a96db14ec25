/** Writable end of the frame streams. It keeps its own list of queued chunks, so that every kind of end can release them. */
import { inNextTask } from '../base/next-task.ts';

/** Handles the chunks of an `OwnedWritable`. */
export interface WritableOwner<T> {
  /** Returns whether the stream can take this chunk over. Called inside `write()`. After true, the stream owns the chunk. */
  accepts(chunk: unknown): chunk is T;
  /** Releases a chunk that was accepted. */
  release(chunk: T): void;
  /**
   * Processes the next chunk. The owner calls `take()` before it uses the chunk.
   *
   * @throws The reason why a chunk was not accepted.
   */
  write(chunk: unknown): Promise<void>;
  /** Called on `close()`: all written chunks have gone through `write()`, and no more follow. */
  closed(): void;
  /** Called on any other end: a failed write, an abort, or `fail()`. The queued chunks are already released. */
  ended(reason: unknown): void;
  /** Called if the end was an abort. The abort settles with the returned promise. */
  aborted?(reason: unknown): Promise<void>;
}

/**
 * A `WritableStream` drops its queued chunks silently when it is aborted or fails. But it asks for the size of each chunk inside
 * `write()`, so this class can keep all of them in a list of its own.
 */
export class OwnedWritable<T> {
  readonly writable: WritableStream<T>;
  readonly #owner: WritableOwner<T>;
  readonly #kept: T[] = [];
  #controller: WritableStreamDefaultController | null = null;
  /** The reason of the end, undefined after `close()`. Null until the end. */
  #end: { readonly reason: unknown } | null = null;
  #aborting: Promise<void> | undefined;

  constructor(owner: WritableOwner<T>) {
    this.#owner = owner;
    this.writable = new WritableStream<T>(
      {
        start: (controller) => this.#start(controller),
        write: (chunk) => this.#write(chunk),
        close: () => this.#close(),
        abort: () => this.#aborting,
      },
      {
        highWaterMark: 1,
        size: (chunk) => {
          this.#keep(chunk);
          return 1;
        },
      },
    );
  }

  /** Whether the stream owns this chunk: it is queued or being written. */
  has(chunk: unknown): chunk is T {
    return (this.#kept as readonly unknown[]).includes(chunk);
  }

  /** Transfers a chunk to the caller. Returns false if the stream does not own it, or no longer does. */
  take(chunk: unknown): chunk is T {
    const at = (this.#kept as readonly unknown[]).indexOf(chunk);
    if (at >= 0) this.#kept.splice(at, 1);
    return at >= 0;
  }

  /**
   * Releases the queued chunks and fails the stream. Does nothing if the stream has ended.
   *
   * The stream itself fails in a separate task: a pipe that has just read a chunk writes it some microtasks later, and a failed
   * stream does not ask for the size of a written chunk. Until that task such chunks are released immediately.
   */
  fail(reason: unknown): void {
    if (this.#end !== null) return;
    this.#finish(reason);
    inNextTask(() => this.#controller?.error(reason));
  }

  #start(controller: WritableStreamDefaultController): void {
    this.#controller = controller;
    const { signal } = controller;
    // Fires inside abort(). The stream itself delays its abort until a write in progress has settled.
    signal.addEventListener('abort', () => {
      if (this.#end !== null) return;
      this.#finish(signal.reason);
      this.#aborting = this.#owner.aborted?.(signal.reason);
    });
  }

  #keep(chunk: unknown): void {
    if (!this.#owner.accepts(chunk)) return;
    if (this.#end === null) this.#kept.push(chunk);
    else this.#owner.release(chunk);
  }

  async #write(chunk: unknown): Promise<void> {
    if (this.#end !== null) throw this.#end.reason;
    try {
      await this.#owner.write(chunk);
    } catch (error) {
      this.#finish(error);
      throw error;
    }
  }

  #close(): void {
    if (this.#end !== null) throw this.#end.reason;
    this.#end = { reason: undefined };
    // Chunks that were written after close(). Their writes were rejected.
    this.#releaseAll();
    this.#owner.closed();
  }

  #finish(reason: unknown): void {
    if (this.#end !== null) return;
    this.#end = { reason };
    this.#releaseAll();
    this.#owner.ended(reason);
  }

  #releaseAll(): void {
    for (const chunk of this.#kept.splice(0)) this.#owner.release(chunk);
  }
}
