/** Gathers what a holder has to say to the pool, and message it in one message a task step. */
import type { Return, ReturnEntry } from './wire.ts';
import { holderMessage, returnEntry } from './wire.ts';

/** Posts one message. */
export type Post = (body: object, transfer: Transferable[]) => void;

/**
 * Microtasks before it is said. A frame that somebody waits for makes room as it arrives, and in the next microtask its loop
 * gets it; what that releases at once is to go with the same message, or a trip takes three messages.
 */
const MICROTASKS = 4;

const NOTHING = Promise.resolve();

/** A release and the wish for the next frame, which come together most often, are one message. */
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

  /** So many frames more may come. */
  grant(count: number): void {
    this.#credit += count;
    this.#schedule();
  }

  /** A frame is home; its memory is moved when this is said. */
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
    // Awaiting nothing is a microtask, at a fifth of what `queueMicrotask()` costs.
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
