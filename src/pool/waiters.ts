/** FIFO queue of callers that wait for a slot. Enqueue, cancel and wake are O(1). */
import type { BufferAllocator } from './storage.ts';

/**
 * A waiting caller. The queue calls `grant` to serve it or `fail` to end its wait; neither if the caller leaves the queue itself.
 */
export interface Waiter {
  /** Takes the free slot. If it throws, `fail` is called with the error, and the slot stays free. */
  grant(): void;
  fail(reason: unknown): void;
  /** Storage that the waiter would give to the pool, whose buffers need room; null if the pool's current storage is suitable. */
  wanted?(): BufferAllocator | null;
  /** Bytes of an existing frame that needs a permit. If undefined, the pool's estimate is used. */
  readonly bytes?: number | undefined;
  /** Whether the waiter waits until a shared budget has room for one more loan besides its own. */
  leavesRoom?(): boolean;
  /** Name of the waiter, for a starvation error. */
  readonly holder?: string | undefined;
  /**
   * Milliseconds for which later waiters may overtake this waiter while a shared budget has no room for it. After that it fails
   * with a `PoolStarvedError`. If undefined, the waiter ends its wait itself.
   */
  readonly starvationMs?: number | undefined;
}

/**
 * Change of a queue. `'left'`: the place was served or failed. `'gave up'`: the place was cancelled and may have blocked others.
 */
export type Change = 'joined' | 'left' | 'gave up';

/** Entry of the queue. */
export interface Place {
  readonly waiter: Waiter;
  readonly signal: AbortSignal | undefined;
  previous: Place | null;
  next: Place | null;
  queued: boolean;
  /** Arrival number, increasing across the queues of all pools. */
  readonly arrival: number;
  /** Called when the place leaves the queue, for any reason. */
  onLeave: (() => void) | null;
}

let arrivals = 0;

/** Whether the waiter's signal has fired. The queue's own abort listener may not have been called yet. */
export const isGivenUp = ({ signal }: Place): boolean => signal?.aborted === true;

/**
 * Whether the waiter requests a standard loan. All such waiters need the same room, so if one of them fits, each of them fits.
 */
const isPlain = ({ wanted, bytes, leavesRoom }: Waiter): boolean =>
  wanted === undefined && bytes === undefined && leavesRoom === undefined;

/** Doubly linked list, so that a place in the middle is removed without a search. */
export class Waiters {
  #head: Place | null = null;
  #last: Place | null = null;
  #length = 0;
  #special = 0;
  // One listener per signal for all its waiters, because an AbortSignal searches all its listeners to remove one.
  readonly #bySignal = new Map<AbortSignal, { places: Set<Place>; onAbort: () => void }>();

  readonly #onChange: (change: Change) => void;

  /** @param onChange - Called after each change. */
  constructor(onChange: (change: Change) => void = () => {}) {
    this.#onChange = onChange;
  }

  get length(): number {
    return this.#length;
  }

  /** The oldest place; null if the queue is empty. Later places follow through `next`. The waiter's signal may have fired. */
  get head(): Place | null {
    return this.#head;
  }

  /** The newest place; null if the queue is empty. */
  get newest(): Place | null {
    return this.#last;
  }

  /** Whether all waiters request a standard loan. */
  get isUniform(): boolean {
    return this.#special === 0;
  }

  /** The oldest place whose signal has not fired; null if there is none. */
  get first(): Place | null {
    let place = this.#head;
    while (place !== null && isGivenUp(place)) place = place.next;
    return place;
  }

  /** Adds a waiter to the end of the queue. When `signal` fires, the waiter fails with the signal's reason. */
  join(waiter: Waiter, signal?: AbortSignal): Place {
    const place: Place = {
      waiter,
      signal,
      previous: this.#last,
      next: null,
      queued: true,
      arrival: ++arrivals,
      onLeave: null,
    };
    if (this.#last === null) this.#head = place;
    else this.#last.next = place;
    this.#last = place;
    this.#length++;
    if (!isPlain(waiter)) this.#special++;
    if (signal !== undefined) this.#watch(signal).places.add(place);
    this.#onChange('joined');
    return place;
  }

  /** Removes a place without a call to its waiter. Does nothing if the place is no longer queued. */
  leave(place: Place): void {
    this.#remove(place, 'gave up');
  }

  /** Removes a place and serves its waiter. */
  grant(place: Place): void {
    this.#remove(place, 'left');
    try {
      place.waiter.grant();
    } catch (error) {
      place.waiter.fail(error);
    }
  }

  /** Serves the waiter that has waited for the longest time and whose signal has not fired. */
  grantFirst(): void {
    const { first } = this;
    if (first !== null) this.grant(first);
  }

  /** Fails all current waiters in FIFO order. A waiter that joins during a `fail` call stays queued. */
  failAll(reason: () => unknown): void {
    const last = arrivals;
    for (let place = this.#head; place !== null && place.arrival <= last; place = this.#head) {
      this.#remove(place, 'left');
      place.waiter.fail(isGivenUp(place) ? place.signal?.reason : reason());
    }
  }

  #remove(place: Place, change: Change): void {
    if (!place.queued) return;
    place.queued = false;
    if (place.previous === null) this.#head = place.next;
    else place.previous.next = place.next;
    if (place.next === null) this.#last = place.previous;
    else place.next.previous = place.previous;
    place.previous = null;
    place.next = null;
    this.#length--;
    if (!isPlain(place.waiter)) this.#special--;
    place.onLeave?.();
    this.#unwatch(place);
    this.#onChange(change);
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
