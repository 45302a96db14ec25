/**
 * Idle buffers of one pool. The most recently used buffer is reused first: this keeps caches warm, and the least recently used
 * buffers expire.
 */
import type { Clock } from '../base/clock.ts';
import { MAX_TIMER_MS } from '../base/clock.ts';
import { LinkedList } from '../base/linked-list.ts';
import type { IdleMark, IdleStore } from './budget.ts';
import type { Slot } from './slot.ts';

/** The idle buffers of a pool, with one timer for the buffer that has been idle for the longest time. */
export class IdleList {
  readonly #slots = new LinkedList<Slot>();
  #timer: unknown = null;
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #order: LinkedList<IdleMark> | null;
  readonly #store: IdleStore;
  readonly #expire: (slot: Slot) => void;

  /**
   * @param idleMs - Milliseconds for which a buffer may stay idle; `Infinity` disables expiry.
   * @param order - Idle buffers of all pools of the budget; null for a pool without a budget.
   * @param store - Represents the pool in `order`.
   * @param expire - Called for each slot whose idle time has expired, after the slot is removed from the list.
   */
  constructor(
    clock: Clock,
    idleMs: number,
    order: LinkedList<IdleMark> | null,
    store: IdleStore,
    expire: (slot: Slot) => void,
  ) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#order = order;
    this.#store = store;
    this.#expire = expire;
  }

  get length(): number {
    return this.#slots.length;
  }

  /** Adds a buffer that was just used. */
  push(slot: Slot): void {
    this.#slots.add(slot);
    if (this.#order !== null) {
      slot.idleMark = { store: this.#store, previous: null, next: null };
      this.#order.add(slot.idleMark);
    }
    if (this.#idleMs === Infinity) return;
    slot.idleSince = this.#clock.now();
    if (this.#timer === null) this.#arm(this.#idleMs);
  }

  /** Removes and returns the most recently used slot; null if the list is empty. */
  takeNewest(): Slot | null {
    return this.#take(this.#slots.last);
  }

  /** Removes and returns the slot that has been idle for the longest time; null if the list is empty. */
  takeOldest(): Slot | null {
    return this.#take(this.#slots.first);
  }

  /** Clears the timer. A pending timer would keep a closed pool reachable until it fires. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #take(slot: Slot | null): Slot | null {
    if (slot === null) return null;
    this.#slots.remove(slot);
    if (slot.idleMark !== null) this.#order?.remove(slot.idleMark);
    slot.idleMark = null;
    return slot;
  }

  // The timer keeps running when its slot is taken. Resetting it at each loan would cost more than one callback that finds
  // nothing to do.
  #arm(ms: number): void {
    this.#timer = this.#clock.setTimeout(
      () => {
        this.#timer = null;
        this.#sweep();
      },
      Math.min(ms, MAX_TIMER_MS),
    );
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (let oldest = this.#slots.first; oldest !== null; oldest = this.#slots.first) {
      const left = oldest.idleSince + this.#idleMs - now;
      if (left > 0) {
        this.#arm(left);
        return;
      }
      const slot = this.takeOldest();
      if (slot !== null) this.#expire(slot);
    }
  }
}
