/** The net: brings back slots whose every share was forgotten. A diagnostic and a last resort; nothing needs it to run. */
import type { Lifeline } from './lifeline.ts';

/**
 * The registry watches lifelines and holds the ids of their slots alone. A value that led to the lifeline, by way of the
 * slot, a handle or a listener, would keep it alive for ever. There is one registry a pool, so that an id is enough.
 */
export class Net {
  readonly #registry: FinalizationRegistry<number>;

  /** @param recover - Told the id of a slot whose lifeline is gone. Called in a task of its own. */
  constructor(recover: (slotId: number) => void) {
    this.#registry = new FinalizationRegistry(recover);
  }

  /** Watches a lifeline until it is gone. One registration, however many shares and loans it serves. */
  watch(line: Lifeline): void {
    this.#registry.register(line, line.slot.id, line);
  }

  /** Stops watching a lifeline whose slot came back without its holders. */
  unwatch(line: Lifeline): void {
    this.#registry.unregister(line);
  }
}
