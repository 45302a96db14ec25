/** The net: brings back slots whose every share was forgotten. A diagnostic and a last resort; nothing needs it to run. */
import type { Lifeline } from './lifeline.ts';

/**
 * The registry watches a loan's lifeline and holds the slot's id alone. A value that led to the lifeline, by way of the
 * slot, a handle or a listener, would keep it alive for ever. There is one registry a pool, so that an id is enough.
 */
export class Net {
  readonly #registry: FinalizationRegistry<number>;

  /** @param recover - Takes the slot with this id back. Called as a task of its own. */
  constructor(recover: (slotId: number) => void) {
    this.#registry = new FinalizationRegistry(recover);
  }

  /** Watches a loan from its beginning. One registration a loan, however many shares it gets. */
  watch(line: Lifeline): void {
    this.#registry.register(line, line.slot.id, line);
  }

  /** The loan ended as it should. */
  unwatch(line: Lifeline): void {
    this.#registry.unregister(line);
  }
}
