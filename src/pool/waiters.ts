/** FIFO queue of callers that wait for a slot. Joining, leaving and serving cost the same for one and for 10,000. */
import type { BufferAllocator } from './storage.ts';

/** A caller that waits. Exactly one of `grant` and `fail` is called, once, unless it leaves by itself. */
export interface Waiter {
  /** Takes the slot that is free now. A throw is its own failure, and the slot stays free. */
  grant(): void;
  fail(reason: unknown): void;
  /** The storage that it would make the pool's, if that is another than the pool has: its buffers need room. */
  wanted?(): BufferAllocator | null;
  /** Bytes of the frame that it has already, for a permit; without it the pool's guess counts. */
  readonly bytes?: number | undefined;
  /** Whether it holds back as long as a shared budget has no room for one loan more besides. */
  leavesRoom?(): boolean;
  /** Name of the waiter, for the error if it starves. */
  readonly holder?: string | undefined;
  /**
   * Milliseconds for which others may pass it over while a shared budget has no room for it; then it fails with a
   * `PoolStarvedError`. Without it the waiter ends its wait by itself.
   */
  readonly starvationMs?: number | undefined;
}

/** What happened to a queue: a place that left was served or failed; one that gave up may have been in the way of others. */
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
  /** Called when the place leaves the queue, however that comes. */
  onLeave: (() => void) | null;
}

let arrivals = 0;

/** Whether its waiter gave up: its signal has fired, even if the listener here has not been called yet. */
export const isGivenUp = ({ signal }: Place): boolean => signal?.aborted === true;

/** Whether it asks for the loan that the pool makes for every caller, so that it finds room if any such waiter does. */
const isPlain = ({ wanted, bytes, leavesRoom }: Waiter): boolean =>
  wanted === undefined && bytes === undefined && leavesRoom === undefined;

/** A doubly linked list, so that a place in the middle is left without a search. */
export class Waiters {
  #head: Place | null = null;
  #last: Place | null = null;
  #length = 0;
  #special = 0;
  // One listener for each signal, however many wait on it: removing one of 10,000 listeners of an AbortSignal searches.
  readonly #bySignal = new Map<AbortSignal, { places: Set<Place>; onAbort: () => void }>();

  readonly #onChange: (change: Change) => void;

  /** @param onChange - Called after each change. */
  constructor(onChange: (change: Change) => void = () => {}) {
    this.#onChange = onChange;
  }

  get length(): number {
    return this.#length;
  }

  /** The oldest place; the others follow by `next`. Its waiter may have given up. */
  get head(): Place | null {
    return this.#head;
  }

  /** The place that was joined last. */
  get newest(): Place | null {
    return this.#last;
  }

  /** Whether all waiters ask for the loan that the pool makes for every caller. */
  get isUniform(): boolean {
    return this.#special === 0;
  }

  /** The oldest place whose waiter has not given up. */
  get first(): Place | null {
    let place = this.#head;
    while (place !== null && isGivenUp(place)) place = place.next;
    return place;
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

  /** Leaves the queue without a trace; harmless when the place was served or left before. */
  leave(place: Place): void {
    this.#remove(place, 'gave up');
  }

  /** Takes a place out of the queue and serves its waiter. */
  grant(place: Place): void {
    this.#remove(place, 'left');
    try {
      place.waiter.grant();
    } catch (error) {
      place.waiter.fail(error);
    }
  }

  /** Serves the waiter that has waited longest. */
  grantFirst(): void {
    const { first } = this;
    if (first !== null) this.grant(first);
  }

  /** Fails all that wait now, in their order. A waiter that joins from inside a `fail` is not among them. */
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
