/** List of a budget's pools that have waiters, ordered by the arrival of each pool's oldest waiter. */

/** Position of a pool. While the pool has no waiters, `arrival` is `Infinity` and the position is in no list. */
export interface Position<T> {
  readonly pool: T;
  arrival: number;
  previous: Position<T> | null;
  next: Position<T> | null;
}

/** Creates a position that is in no list. */
export const newPosition = <T>(pool: T): Position<T> => ({
  pool,
  arrival: Infinity,
  previous: null,
  next: null,
});

/** Doubly linked list. A pool joins at the end. Only a pool with several waiters moves later, always toward the end. */
export class WaitingLine<T> {
  #first: Position<T> | null = null;
  #last: Position<T> | null = null;

  get first(): Position<T> | null {
    return this.#first;
  }

  /** Updates a pool's position after its oldest waiter changed. `arrival` is `Infinity` if the pool has no waiters. */
  move(position: Position<T>, arrival: number): void {
    if (position.arrival === arrival) return;
    let after = position.previous;
    let before = position.arrival === Infinity ? null : position.next;
    if (position.arrival !== Infinity) this.#unlink(position);
    position.arrival = arrival;
    if (arrival === Infinity) return;
    if (before === null || (this.#last !== null && this.#last.arrival < arrival)) {
      after = this.#last;
      before = null;
    }
    for (; before !== null && before.arrival < arrival; before = before.next) after = before;
    this.#link(position, after, before);
  }

  #link(position: Position<T>, after: Position<T> | null, before: Position<T> | null): void {
    position.previous = after;
    position.next = before;
    if (after === null) this.#first = position;
    else after.next = position;
    if (before === null) this.#last = position;
    else before.previous = position;
  }

  #unlink(position: Position<T>): void {
    if (position.previous === null) this.#first = position.next;
    else position.previous.next = position.next;
    if (position.next === null) this.#last = position.previous;
    else position.next.previous = position.previous;
    position.previous = null;
    position.next = null;
  }
}
