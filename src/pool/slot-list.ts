/** Intrusive doubly linked list of slots in insertion order. A slot is in at most one list at a time. */
import type { Slot } from './slot.ts';

/** Adding and removing are O(1). */
export class SlotList {
  #newest: Slot | null = null;
  #oldest: Slot | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The slot that was added last; null if the list is empty. Earlier slots follow through `older`. */
  get newest(): Slot | null {
    return this.#newest;
  }

  /** The slot that was added first; null if the list is empty. Later slots follow through `newer`. */
  get oldest(): Slot | null {
    return this.#oldest;
  }

  /** Adds a slot that is in no list. */
  add(slot: Slot): void {
    slot.older = this.#newest;
    slot.newer = null;
    if (this.#newest === null) this.#oldest = slot;
    else this.#newest.newer = slot;
    this.#newest = slot;
    this.#length++;
  }

  /** Removes a slot that is in this list. */
  remove(slot: Slot): void {
    if (slot.newer === null) this.#newest = slot.older;
    else slot.newer.older = slot.older;
    if (slot.older === null) this.#oldest = slot.newer;
    else slot.older.newer = slot.newer;
    slot.newer = null;
    slot.older = null;
    this.#length--;
  }
}
