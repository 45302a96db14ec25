/** The pools of a budget in which callers wait, ordered by the arrival of the oldest waiter of each. */

/** A pool's position. `arrival` is `Infinity` while no caller waits there, and the position is in no line then. */
export interface Position<T> {
  readonly pool: T;
  arrival: number;
  previous: Position<T> | null;
  next: Position<T> | null;
}

/** A position that is in no line. */
export const newPosition = <T>(pool: T): Position<T> => ({
  pool,
  arrival: Infinity,
  previous: null,
  next: null,
});

/** A doubly linked list. A pool joins at the end; only one with several waiters is ever moved, toward the end. */
export class WaitingLine<T> {
  #first: Position<T> | null = null;
  #last: Position<T> | null = null;

  get first(): Position<T> | null {
    return this.#first;
  }

  /** The oldest waiter of a pool is another one now; `Infinity` for none. */
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
