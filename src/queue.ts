/** First in, first out. */

interface Node<T> {
  readonly value: T;
  next: Node<T> | null;
}

/**
 * A list of nodes: an engine takes an array's memory back when that becomes empty, so one that holds a single thing now and then
 * costs room for seventeen each time.
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
}
