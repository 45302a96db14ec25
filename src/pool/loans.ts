/** Start and end of a pool's loans. The leak detector (net.ts) watches each loan in between. */
import type { Home } from './home.ts';
import { Lifeline } from './lifeline.ts';
import { Net } from './net.ts';
import type { Slot } from './slot.ts';

/**
 * After a loan ends, its lifeline is kept and reused for the slot's next loan. The registry therefore registers each slot once,
 * instead of at the start and the end of each loan. During a loan this class holds no reference to the lifeline: otherwise the
 * leak detector could not detect a leaked loan.
 */
export class Loans {
  readonly #home: Home;
  readonly #net: Net;
  /** Lifelines for reuse, indexed by slot id. Without holes, because engines turn an array with large holes into a slow table. */
  readonly #resting: (Lifeline | undefined)[] = [];

  /** @param recover - Called with the id of a slot whose loan was leaked. It must return the slot to the pool. */
  constructor(home: Home, recover: (slotId: number) => void) {
    this.#home = home;
    this.#net = new Net(recover);
  }

  begin(slot: Slot): Lifeline {
    const rested = this.#resting[slot.id];
    if (rested !== undefined) {
      this.#resting[slot.id] = undefined;
      rested.renew();
      return rested;
    }
    while (this.#resting.length <= slot.id) this.#resting.push(undefined);
    const line = new Lifeline(this.#home, slot);
    this.#net.watch(line);
    return line;
  }

  /** Ends a loan whose holders still have handles. Its lifeline is not reused. */
  revoke(line: Lifeline): void {
    this.#net.unwatch(line);
  }

  /** Ends a loan whose last share was released. Keeps its lifeline for reuse. */
  end(line: Lifeline): void {
    this.#resting[line.slot.id] = line;
  }
}
