/** FIFO queue. */

interface Node<T> {
  readonly value: T;
  next: Node<T> | null;
}

/**
 * Linked list. Engines free an array's memory when the array becomes empty, so a queue that holds one item now and then would
 * allocate room for seventeen each time.
 */
export class Queue<T> {
  #first: Node<T> | null = null;
  #last: Node<T> | null = null;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: T): void {
    const node = { value, next: null };
    if (this.#last === null) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#length++;
  }

  shift(): T | undefined {
    const first = this.#first;
    if (first === null) return undefined;
    this.#first = first.next;
    if (first.next === null) this.#last = null;
    this.#length--;
    return first.value;
  }

  /** Drops all values. */
  clear(): void {
    this.#first = null;
    this.#last = null;
    this.#length = 0;
  }
}
