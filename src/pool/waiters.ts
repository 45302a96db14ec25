/** Who waits for a slot: first come, first served. Joining, leaving and serving cost the same for one and for 10,000. */
import type { BufferAllocator } from './storage.ts';

/** One who waits. Exactly one of `grant` and `fail` is called, once, unless it leaves by itself. */
export interface Waiter {
  /** Takes the slot that is free now. A throw is its own failure, and the slot stays free. */
  grant(): void;
  fail(reason: unknown): void;
  /** The storage that it would make the pool's, where that is another than the pool has: its buffers are to have room. */
  wanted?(): BufferAllocator | null;
  /** Whether it lets everybody else of a shared budget go first, as long as that has not room for one more besides. */
  leavesRoom?(): boolean;
}

/** What happened to a queue: who left was served or failed; who gave up may have been the one that had no room, with others behind. */
export type Change = 'joined' | 'left' | 'gave up';

/** A place in the queue. */
export interface Place {
  readonly waiter: Waiter;
  readonly signal: AbortSignal | undefined;
  previous: Place | null;
  next: Place | null;
  queued: boolean;
  /** Counts up over the queues of all pools. */
  readonly arrival: number;
}

let arrivals = 0;

/** A doubly linked list, so that a place in the middle is left without a search. */
export class Waiters {
  #first: Place | null = null;
  #last: Place | null = null;
  #length = 0;
  // One listener for each signal, however many wait on it: removing one of 10,000 listeners of an AbortSignal searches.
  readonly #bySignal = new Map<AbortSignal, { places: Set<Place>; onAbort: () => void }>();

  readonly #onChange: (change: Change) => void;

  /** @param onChange - Told after each change. */
  constructor(onChange: (change: Change) => void = () => {}) {
    this.#onChange = onChange;
  }

  get length(): number {
    return this.#length;
  }

  /** When the one who has waited longest came, counted over all queues; `Infinity` when nobody waits. */
  get firstArrival(): number {
    return this.#firstInEarnest()?.arrival ?? Infinity;
  }

  /** Joins the end of the queue. When `signal` fires, the waiter fails with its reason. */
  join(waiter: Waiter, signal?: AbortSignal): Place {
    const place: Place = {
      waiter,
      signal,
      previous: this.#last,
      next: null,
      queued: true,
      arrival: ++arrivals,
    };
    if (this.#last === null) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.#length++;
    if (signal !== undefined) this.#watch(signal).places.add(place);
    this.#onChange('joined');
    return place;
  }

  /** The one who has waited longest. */
  get first(): Waiter | null {
    return this.#firstInEarnest()?.waiter ?? null;
  }

  /** Lets those at the head go whose signal has fired, where a listener is at work that the signal told before ours. */
  dismiss(): void {
    this.#firstInEarnest();
  }

  /** Leaves the queue without a trace; harmless when the place was served or left before. */
  leave(place: Place): void {
    this.#remove(place, 'gave up');
  }

  #remove(place: Place, change: Change): void {
    if (!place.queued) return;
    place.queued = false;
    if (place.previous === null) this.#first = place.next;
    else place.previous.next = place.next;
    if (place.next === null) this.#last = place.previous;
    else place.next.previous = place.previous;
    place.previous = null;
    place.next = null;
    this.#length--;
    this.#unwatch(place);
    this.#onChange(change);
  }

  /** Serves the one who has waited longest. */
  grantFirst(): void {
    const place = this.#firstInEarnest();
    if (place === null) return;
    this.#remove(place, 'left');
    try {
      place.waiter.grant();
    } catch (error) {
      place.waiter.fail(error);
    }
  }

  /** The first whose signal has not fired. Others fail here, where a listener is at work that the signal told before ours. */
  #firstInEarnest(): Place | null {
    for (let place = this.#first; place !== null; place = this.#first) {
      if (place.signal?.aborted !== true) return place;
      this.leave(place);
      place.waiter.fail(place.signal.reason);
    }
    return null;
  }

  /** Fails all who wait now, in their order. Who joins from inside a `fail` is not among them. */
  failAll(reason: () => unknown): void {
    const last = arrivals;
    for (let place = this.#first; place !== null && place.arrival <= last; place = this.#first) {
      this.#remove(place, 'left');
      // He gave up, and only his listener has not heard of it.
      place.waiter.fail(place.signal?.aborted === true ? place.signal.reason : reason());
    }
  }

  #watch(signal: AbortSignal): { places: Set<Place>; onAbort: () => void } {
    const known = this.#bySignal.get(signal);
    if (known !== undefined) return known;
    const places = new Set<Place>();
    const onAbort = (): void => {
      for (const place of places) {
        this.leave(place);
        place.waiter.fail(signal.reason);
      }
    };
    const watched = { places, onAbort };
    this.#bySignal.set(signal, watched);
    signal.addEventListener('abort', onAbort);
    return watched;
  }

  #unwatch(place: Place): void {
    if (place.signal === undefined) return;
    const watched = this.#bySignal.get(place.signal);
    if (watched === undefined) return;
    watched.places.delete(place);
    if (watched.places.size > 0) return;
    this.#bySignal.delete(place.signal);
    place.signal.removeEventListener('abort', watched.onAbort);
  }
}
