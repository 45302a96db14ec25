/** Batches the messages of a holder to its pool into one message per task step. */
import type { Return, ReturnEntry } from './wire.ts';
import { holderMessage, returnEntry } from './wire.ts';

/** Posts one message. */
export type Post = (body: object, transfer: Transferable[]) => void;

/**
 * Microtasks to wait before sending. A frame that resolves a pending `next()` grants credit as it arrives, and its loop
 * runs in the next microtask. A release in that loop must be part of the same message, or a round trip takes three
 * messages.
 */
const MICROTASKS = 4;

const NOTHING = Promise.resolve();

/** A release and the credit for the next frame mostly occur together and are sent as one message. */
export class ReturnBatcher {
  readonly #post: Post;
  #credit = 0;
  #returns: ReturnEntry[] = [];
  #memory: ArrayBuffer[] = [];
  #hasStopped = false;
  #isOpen = false;
  #isScheduled = false;

  constructor(post: Post) {
    this.#post = post;
  }

  /** The other side listens from now on. */
  open(): void {
    this.#isOpen = true;
    this.#schedule();
  }

  /** Grants credit for this many more frames. */
  grant(count: number): void {
    this.#credit += count;
    this.#schedule();
  }

  /** Adds a returned frame. Its memory is transferred when the batch is sent. */
  add(id: number, how: Return['how'], holders: readonly string[], memory: ArrayBuffer | null): void {
    this.#returns.push(returnEntry(id, how, holders, memory));
    if (memory !== null) this.#memory.push(memory);
    this.#schedule();
  }

  /** No more frames are wanted. */
  stop(): void {
    this.#hasStopped = true;
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#isOpen || this.#isScheduled) return;
    this.#isScheduled = true;
    void this.#flush();
  }

  async #flush(): Promise<void> {
    // Awaiting a resolved promise is a microtask, at a fifth of the cost of `queueMicrotask()`.
    for (let count = 0; count < MICROTASKS; count++) await NOTHING;
    this.#isScheduled = false;
    const message = holderMessage(this.#credit, this.#hasStopped, this.#returns);
    const memory = this.#memory;
    this.#credit = 0;
    this.#returns = [];
    this.#memory = [];
    this.#post(message, memory);
  }
}
