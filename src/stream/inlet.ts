/** The writable end of every stream here: knows what it has queued, so that whatever ends it can let go of that. */
import { inNextTask } from '../next-task.ts';

/** What becomes of chunks. */
export interface InletOwner<T> {
  /** Whether a chunk may be taken over. Called inside `write()`; from a yes on, it is the inlet's to let go. */
  accepts(chunk: unknown): chunk is T;
  /** Lets go of a chunk that was accepted. */
  letGo(chunk: T): void;
  /**
   * The next chunk. `take()` it, before anything is made of it.
   *
   * @throws For one that was not accepted: why.
   */
  write(chunk: unknown): Promise<void>;
  /** All that was written has gone through `write()`, and nothing more comes. */
  closed(): void;
  /** It came to another end: a failed write, an abort, or `fail()`. What was queued is let go already. */
  ended(reason: unknown): void;
  /** The end was an abort, which settles with what this returns. */
  aborted?(reason: unknown): Promise<void>;
}

/**
 * A `WritableStream` drops what it has queued without a word when it is aborted or fails. But it asks for the size of each
 * chunk inside `write()`: so all of them can be kept in a list of one's own.
 */
export class Inlet<T> {
  readonly writable: WritableStream<T>;
  readonly #owner: InletOwner<T>;
  readonly #kept: T[] = [];
  #controller: WritableStreamDefaultController | null = null;
  /** How it ended, once it has. */
  #end: { readonly reason: unknown } | null = null;
  #aborting: Promise<void> | undefined;

  constructor(owner: InletOwner<T>) {
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

  /** Whether this chunk is the inlet's own, queued or being written. */
  has(chunk: unknown): chunk is T {
    return (this.#kept as readonly unknown[]).includes(chunk);
  }

  /** Hands a chunk over to the caller; false where it is not the inlet's any more, or never was. */
  take(chunk: unknown): chunk is T {
    const at = (this.#kept as readonly unknown[]).indexOf(chunk);
    if (at >= 0) this.#kept.splice(at, 1);
    return at >= 0;
  }

  /**
   * Lets go of what is queued, and fails the stream. Does nothing to one that has ended.
   *
   * The stream itself fails in a task of its own: a pipe that has just read a chunk writes it some microtasks later, and a
   * stream that has failed asks nobody for the size of what is written to it. Until then such chunks are let go at once.
   */
  fail(reason: unknown): void {
    if (this.#end !== null) return;
    this.#finish(reason);
    inNextTask(() => this.#controller?.error(reason));
  }

  #start(controller: WritableStreamDefaultController): void {
    this.#controller = controller;
    const { signal } = controller;
    // Fires inside abort(); the stream itself waits with its abort for a write that is under way.
    signal.addEventListener('abort', () => {
      if (this.#end !== null) return;
      this.#finish(signal.reason);
      this.#aborting = this.#owner.aborted?.(signal.reason);
    });
  }

  #keep(chunk: unknown): void {
    if (!this.#owner.accepts(chunk)) return;
    if (this.#end === null) this.#kept.push(chunk);
    else this.#owner.letGo(chunk);
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
    // What was written after close(), which refused it.
    this.#letGoOfAll();
    this.#owner.closed();
  }

  #finish(reason: unknown): void {
    if (this.#end !== null) return;
    this.#end = { reason };
    this.#letGoOfAll();
    this.#owner.ended(reason);
  }

  #letGoOfAll(): void {
    for (const chunk of this.#kept.splice(0)) this.#owner.letGo(chunk);
  }
}
