/** Leak detector: returns slots whose shares were all garbage-collected without a release. A diagnostic; no code relies on it. */
import type { Lifeline } from './lifeline.ts';

/**
 * The registry watches lifelines and holds only the ids of their slots. A value that refers to the lifeline, through the slot, a
 * handle or a listener, would keep it alive forever. Each pool has its own registry, so an id is sufficient.
 */
export class Net {
  readonly #registry: FinalizationRegistry<number>;

  /** @param recover - Called with the id of a slot whose lifeline was garbage-collected, in a task of its own. */
  constructor(recover: (slotId: number) => void) {
    this.#registry = new FinalizationRegistry(recover);
  }

  /** Watches a lifeline until it is garbage-collected. One registration covers all its shares and loans. */
  watch(line: Lifeline): void {
    this.#registry.register(line, line.slot.id, line);
  }

  /** Stops watching a lifeline whose slot was returned without its holders. */
  unwatch(line: Lifeline): void {
    this.#registry.unregister(line);
  }
}
