/** Intrusive doubly linked list: each item holds its own links. */

/** Links of an item. An item is in at most one list at a time. */
export interface Linked<T> {
  previous: T | null;
  next: T | null;
}

/** Adding and removing are O(1) and allocate nothing. */
export class LinkedList<T extends Linked<T>> {
  #first: T | null = null;
  #last: T | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The first item; null if the list is empty. */
  get first(): T | null {
    return this.#first;
  }

  /** The last item; null if the list is empty. */
  get last(): T | null {
    return this.#last;
  }

  /** Adds an item that is in no list: behind `after`, or first if `after` is null. By default it is added at the end. */
  add(item: T, after: T | null = this.#last): void {
    const before = after === null ? this.#first : after.next;
    item.previous = after;
    item.next = before;
    if (after === null) this.#first = item;
    else after.next = item;
    if (before === null) this.#last = item;
    else before.previous = item;
    this.#length++;
  }

  /** Removes an item that is in this list. */
  remove(item: T): void {
    const { previous, next } = item;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    item.previous = null;
    item.next = null;
    this.#length--;
  }
}
