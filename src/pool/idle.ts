/** Free buffers, most recently used first: that keeps caches warm and lets the rest age out at the other end. */
import type { Clock } from '../clock.ts';
import type { Slot } from './slot.ts';

/** Timers of more than 31 bits fire at once, in browsers and in Node. */
const MAX_TIMER_MS = 2 ** 31 - 1;

// Counted over all pools, so that a shared budget can tell which buffer nobody used for longest.
let rests = 0;

/** A list linked through the slots, with one timer for its oldest member. */
export class IdleList {
  #newest: Slot | null = null;
  #oldest: Slot | null = null;
  #length = 0;
  #timer: unknown = null;
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #expire: (slot: Slot) => void;

  /**
   * @param idleMs - How long a buffer may stay idle, `Infinity` for ever.
   * @param expire - Told of each slot whose time is over, after it was taken off the list.
   */
  constructor(clock: Clock, idleMs: number, expire: (slot: Slot) => void) {
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#expire = expire;
  }

  get length(): number {
    return this.#length;
  }

  /** When the oldest was added, counted over all lists; `Infinity` without one. */
  get oldest(): number {
    return this.#oldest?.restOrder ?? Infinity;
  }

  /** Adds a buffer that was used just now. */
  push(slot: Slot): void {
    slot.restOrder = ++rests;
    slot.older = this.#newest;
    if (this.#newest === null) this.#oldest = slot;
    else this.#newest.newer = slot;
    this.#newest = slot;
    this.#length++;
    if (this.#idleMs === Infinity) return;
    slot.idleSince = this.#clock.now();
    if (this.#timer === null) this.#arm(this.#idleMs);
  }

  /** Takes the most recently used. */
  takeNewest(): Slot | null {
    const slot = this.#newest;
    if (slot === null) return null;
    this.#newest = slot.older;
    if (slot.older === null) this.#oldest = null;
    else slot.older.newer = null;
    return this.#unlinked(slot);
  }

  /** Takes the one that has been idle longest. */
  takeOldest(): Slot | null {
    const slot = this.#oldest;
    if (slot === null) return null;
    this.#oldest = slot.newer;
    if (slot.newer === null) this.#newest = null;
    else slot.newer.older = null;
    return this.#unlinked(slot);
  }

  /** Forgets the timer, which would keep a closed pool reachable until it fires. */
  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #unlinked(slot: Slot): Slot {
    slot.newer = null;
    slot.older = null;
    this.#length--;
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
    while (this.#oldest !== null) {
      const left = this.#oldest.idleSince + this.#idleMs - now;
      if (left > 0) {
        this.#arm(left);
        return;
      }
      const slot = this.takeOldest();
      if (slot !== null) this.#expire(slot);
    }
  }
}
