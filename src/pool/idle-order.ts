/** Idle buffers of all pools of a budget, in the order in which they became idle. */

/** A pool's store of idle buffers. */
export interface IdleStore {
  /** Destroys the buffer that has been idle for longest. */
  dropOldestIdle(): void;
}

/** One idle buffer. */
export interface IdleMark {
  readonly store: IdleStore;
  older: IdleMark | null;
  newer: IdleMark | null;
}

/** Finding the oldest costs the same for 10 pools and for 1,000. */
export class IdleOrder {
  #oldest: IdleMark | null = null;
  #newest: IdleMark | null = null;

  /** The pool's store that has the buffer that has been idle for longest; null without an idle buffer. */
  get oldest(): IdleStore | null {
    return this.#oldest?.store ?? null;
  }

  /** A buffer of that store has become idle. */
  add(store: IdleStore): IdleMark {
    const mark: IdleMark = { store, older: this.#newest, newer: null };
    if (this.#newest === null) this.#oldest = mark;
    else this.#newest.newer = mark;
    this.#newest = mark;
    return mark;
  }

  /** It is idle no more. */
  remove(mark: IdleMark): void {
    if (mark.older === null) this.#oldest = mark.newer;
    else mark.older.newer = mark.newer;
    if (mark.newer === null) this.#newest = mark.older;
    else mark.newer.older = mark.older;
  }
}
