/** Where a pool's loans begin and end, watched by the net in between. */
import type { Home } from './home.ts';
import { Lifeline } from './lifeline.ts';
import { Net } from './net.ts';
import type { Slot } from './slot.ts';

/**
 * A lifeline that came home is kept and serves its slot's next loan, so that the registry is told of a slot once, rather than
 * of the beginning and the end of each loan. While it is out nobody here refers to it, or the net could never find that it
 * was forgotten.
 */
export class Loans {
  readonly #home: Home;
  readonly #net: Net;
  /** By their slots' ids; without holes, for engines make a slow table of an array that has large ones. */
  readonly #resting: (Lifeline | undefined)[] = [];

  /** @param recover - Takes the slot with this id back, whose loan was forgotten. */
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

  /** The loan is over for holders that still have their handles, so its lifeline serves no other loan. */
  revoke(line: Lifeline): void {
    this.#net.unwatch(line);
  }

  /** The last share is back. */
  end(line: Lifeline): void {
    this.#resting[line.slot.id] = line;
  }
}
