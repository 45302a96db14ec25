/** Free buffers, most recently used first: that keeps caches warm and lets the rest age out at the other end. */
import type { Clock } from '../clock.ts';
import type { IdleOrder, IdleStore } from './idle-order.ts';
import { SlotList } from './slot-list.ts';
import type { Slot } from './slot.ts';

/** Timers of more than 31 bits fire at once, in browsers and in Node. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Idle buffers of one pool, with one timer for the oldest. */
export class IdleList {
  readonly #slots = new SlotList();
  #timer: unknown = null;
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #order: IdleOrder | null;
  readonly #store: IdleStore;
  readonly #expire: (slot: Slot) => void;

  /**
   * @param idleMs - How long a buffer may stay idle, `Infinity` for ever.
   * @param order - Idle buffers of all pools of a budget, if the pool has one.
   * @param store - Stands for the pool in `order`.
   * @param expire - Called for each slot whose time is over, after it was taken off the list.
   */
  constructor(
    clock: Clock,
    idleMs: number,
    order: IdleOrder | null,
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

  /** Adds a buffer that was used just now. */
  push(slot: Slot): void {
    this.#slots.add(slot);
    slot.idleMark = this.#order?.add(this.#store) ?? null;
    if (this.#idleMs === Infinity) return;
    slot.idleSince = this.#clock.now();
    if (this.#timer === null) this.#arm(this.#idleMs);
  }

  /** Takes the most recently used. */
  takeNewest(): Slot | null {
    return this.#take(this.#slots.newest);
  }

  /** Takes the one that has been idle longest. */
  takeOldest(): Slot | null {
    return this.#take(this.#slots.oldest);
  }

  /** Forgets the timer, which would keep a closed pool reachable until it fires. */
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

  // The timer is left running when its slot is taken: setting it anew at each lending would cost more than one callback
  // that finds nothing to do.
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
    for (let oldest = this.#slots.oldest; oldest !== null; oldest = this.#slots.oldest) {
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
