/** Idle buffers of all pools of a budget, ordered by the time at which they became idle. */

/** A pool's store of idle buffers. */
export interface IdleStore {
  /** Destroys the buffer that has been idle for the longest time. */
  dropOldestIdle(): void;
}

/** Entry for one idle buffer. */
export interface IdleMark {
  readonly store: IdleStore;
  older: IdleMark | null;
  newer: IdleMark | null;
}

/** Doubly linked list. The cost of finding the oldest entry does not depend on the number of pools. */
export class IdleOrder {
  #oldest: IdleMark | null = null;
  #newest: IdleMark | null = null;

  /** The store with the buffer that has been idle for the longest time; null if no buffer is idle. */
  get oldest(): IdleStore | null {
    return this.#oldest?.store ?? null;
  }

  /** Appends a buffer of this store, which has just become idle. */
  add(store: IdleStore): IdleMark {
    const mark: IdleMark = { store, older: this.#newest, newer: null };
    if (this.#newest === null) this.#oldest = mark;
    else this.#newest.newer = mark;
    this.#newest = mark;
    return mark;
  }

  /** Removes a buffer that is no longer idle. */
  remove(mark: IdleMark): void {
    if (mark.older === null) this.#oldest = mark.newer;
    else mark.older.newer = mark.newer;
    if (mark.newer === null) this.#newest = mark.older;
    else mark.newer.older = mark.older;
  }
}
