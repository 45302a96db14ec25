/** Leak detector: returns slots whose shares were all garbage-collected without a release. A diagnostic; no code relies on it. */
import type { Loan } from './loan.ts';

/**
 * The registry watches loans and holds only the ids of their slots. A value that refers to the loan, through the slot, a handle
 * or a listener, would keep it alive forever. Each pool has its own registry, so an id is sufficient.
 */
export class LeakDetector {
  readonly #registry: FinalizationRegistry<number>;

  /** @param recover - Called with the id of a slot whose loan was garbage-collected, in a task of its own. */
  constructor(recover: (slotId: number) => void) {
    this.#registry = new FinalizationRegistry(recover);
  }

  /** Watches a loan until it ends. One registration covers all its shares. */
  watch(loan: Loan): void {
    this.#registry.register(loan, loan.slot.id, loan);
  }

  /** Stops watching a loan that has ended, so that its collection cannot return the slot from the slot's next loan. */
  unwatch(loan: Loan): void {
    this.#registry.unregister(loan);
  }
}
