/** Bytes of the next loan of each pool of a budget, and the largest of them. */

/** What one pool's next loan takes; 0 while it lends nothing. */
export interface LoanSize {
  bytes: number;
}

/** Pools are counted by the size of their loans, so that the largest size shrinks again when the last pool of that size changes. */
export class LoanSizes {
  /** The largest size; 0 without a pool. */
  largest = 0;
  readonly #pools = new Map<number, number>();
  // Made with the first pool, for a budget alone needs none. It keeps sizes, which do not lead to their pools.
  #dropped: FinalizationRegistry<LoanSize> | null = null;

  /** A pool that was not closed leaves when it is collected. */
  enter(pool: object): LoanSize {
    const size = { bytes: 0 };
    this.#dropped ??= new FinalizationRegistry((left) => this.change(left, 0));
    this.#dropped.register(pool, size);
    return size;
  }

  /** The pool's next loan takes so many bytes; 0 if it lends nothing. */
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
