/** Sizes in bytes of the next loan of each pool of a budget, and their maximum. */

/** Size of one pool's next loan in bytes; 0 while the pool does not lend. */
export interface LoanSize {
  bytes: number;
}

/** Counts pools by the size of their next loan, so that `largest` decreases again when the last pool of that size changes. */
export class LoanSizes {
  /** The largest size in bytes; 0 without pools. */
  largest = 0;
  readonly #pools = new Map<number, number>();
  // Created with the first pool, because a budget without pools needs none. It holds sizes, which do not refer to their pools.
  #dropped: FinalizationRegistry<LoanSize> | null = null;

  /** Registers a pool. A pool that is not closed is removed when it is garbage-collected. */
  enter(pool: object): LoanSize {
    const size = { bytes: 0 };
    this.#dropped ??= new FinalizationRegistry((left) => this.change(left, 0));
    this.#dropped.register(pool, size);
    return size;
  }

  /** Sets the size of a pool's next loan in bytes; 0 if the pool does not lend. */
  change(size: LoanSize, bytes: number): void {
    const before = size.bytes;
    if (bytes === before) return;
    size.bytes = bytes;
    if (bytes > 0) this.#pools.set(bytes, (this.#pools.get(bytes) ?? 0) + 1);
    if (bytes > this.largest) this.largest = bytes;
    if (before === 0) return;
    const left = (this.#pools.get(before) ?? 0) - 1;
    if (left > 0) {
      this.#pools.set(before, left);
      return;
    }
    this.#pools.delete(before);
    if (before === this.largest) this.largest = Math.max(0, ...this.#pools.keys());
  }
}
