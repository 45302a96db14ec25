/** Account shared by several pools: their total loans and bytes, and the order of their waiters. Knows pools only as members. */
import type { Linked } from '../base/linked-list.ts';
import { LinkedList } from '../base/linked-list.ts';
import type { HolderReport } from './holders.ts';
import type { LedgerTotals } from './ledger.ts';
import type { WaitingPool } from './passed-over.ts';
import { PassedOver } from './passed-over.ts';
import type { QueueEntry } from './wait-queue.ts';

/** The interface of a pool to its budget. */
export interface Member extends WaitingPool {
  /** Whether the pool has no slot for any waiter. */
  readonly isFull: boolean;
  /** Rejects aborted waiters that later waiters must not overtake. Returns whether there was one. */
  pruneAborted(): boolean;
  /** Returns the oldest waiter that can be served now. Older waiters for which only the budget has no room go to `onNoRoom`. */
  nextGrantable(onNoRoom: (entry: QueueEntry) => void): QueueEntry | null;
  /** Holders of the pool's lent and reserved slots. */
  holders(): HolderReport[];
}

/** Place of a pool in the line of pools with waiters. `arrival` is `Infinity` while the pool is not in the line. */
export interface LinePlace extends Linked<LinePlace> {
  readonly member: Member;
  /** Arrival number of the pool's oldest waiter. */
  arrival: number;
}

/** A pool's store of idle buffers. */
export interface IdleStore {
  /** Destroys the buffer that has been idle for the longest time. */
  dropOldestIdle(): void;
}

/** Entry of one idle buffer in the order over all pools. */
export interface IdleMark extends Linked<IdleMark> {
  readonly store: IdleStore;
}

/** Size of one pool's next loan in bytes; 0 while the pool does not lend. */
export interface LoanSize {
  bytes: number;
}

/**
 * Combined totals of the member pools, updated by their ledgers. The budget refers to a member only while the member has an idle
 * buffer, a waiter or a slot out, so it does not keep an unused pool alive.
 */
export class Budget {
  readonly maxBytes: number;
  readonly maxFrames: number;
  bytes = 0;
  reserved = 0;
  idleBytes = 0;
  overFrames = 0;
  overBytes = 0;
  /** First frames of unknown size, or permits for them, admitted without room: at most one at a time. */
  firstFrames = 0;
  frames = 0;
  /** Sizes of the next loan of each pool. Callers that read ahead keep room free for the largest. */
  readonly loanSizes = new LoanSizes();
  /** Idle buffers of all pools, the longest idle first. They are freed when a loan needs their bytes. */
  readonly idle = new LinkedList<IdleMark>();
  /** Pools with lent or reserved slots. */
  readonly lending = new Set<Member>();
  /** Pools with waiters, ordered by the arrival of each pool's oldest waiter. */
  readonly #line = new LinkedList<LinePlace>();
  readonly #passedOver = new PassedOver();
  /** Arrival number of the waiter being served; `Infinity` for a caller that did not wait. */
  #arrival = Infinity;
  #isServing = false;

  constructor(maxBytes: number, maxFrames: number) {
    this.maxBytes = maxBytes;
    this.maxFrames = maxFrames;
  }

  // ---- questions: they change no state ----

  /** Whether `count` more loans are within `maxFrames`. */
  hasSlots(count: number): boolean {
    return this.frames - this.overFrames + count <= this.maxFrames;
  }

  /** Whether `bytes` more are within `maxBytes` once idle buffers are freed. Does not count bytes reserved for permits. */
  hasRoomFor(bytes: number): boolean {
    return this.bytes - this.idleBytes - this.overBytes + bytes <= this.maxBytes;
  }

  /** Whether one more loan of `bytes` is within both limits once idle buffers are freed for it. */
  canLend(bytes: number): boolean {
    return this.hasSlots(1) && this.hasRoomFor(bytes + this.reserved);
  }

  /** Whether the largest loan still has room after a loan adds `bytes` and `frames` (0 for a frame whose permit counts already). */
  leavesHeadroom(bytes: number, frames: 0 | 1): boolean {
    return (
      (frames === 0 || this.hasSlots(2)) && this.hasRoomFor(this.reserved + bytes + this.loanSizes.largest)
    );
  }

  /** Whether the budget has no room for some waiter. Optional loans, such as for reading ahead, leave room for that waiter. */
  get isAwaited(): boolean {
    return this.#passedOver.count > 0;
  }

  /** Whether held and reserved bytes are over `maxBytes`: a buffer that is released then is freed, not kept idle. */
  get isOverLimit(): boolean {
    return this.bytes + this.reserved > this.maxBytes;
  }

  // ---- commands ----

  /** Applies a change of one member's totals. */
  change(before: LedgerTotals, after: LedgerTotals): void {
    this.bytes += after.bytes - before.bytes;
    this.reserved += after.reserved - before.reserved;
    this.idleBytes += after.idleBytes - before.idleBytes;
    this.overFrames += after.overFrames - before.overFrames;
    this.overBytes += after.overBytes - before.overBytes;
    this.firstFrames += after.firstFrames - before.firstFrames;
    this.frames += after.frames - before.frames;
    if (after.frames > before.frames && this.#passedOver.count > 0) this.#passedOver.onLoan(this.#arrival);
  }

  /** Frees idle buffers of any pool, the longest idle first, until `bytes` more fit. */
  makeRoom(bytes: number): void {
    while (this.bytes + this.reserved + bytes > this.maxBytes) {
      const { first } = this.idle;
      if (first === null) return;
      first.store.dropOldestIdle();
    }
  }

  /**
   * Moves a pool to the arrival number of its oldest waiter, after that changed; `Infinity` for no waiter. A pool joins at the end
   * of the line. Only a pool with several waiters moves later, always toward the end.
   */
  moveInLine(place: LinePlace, arrival: number): void {
    if (place.arrival === arrival) return;
    let { previous: after, next } = place;
    if (place.arrival !== Infinity) this.#line.remove(place);
    place.arrival = arrival;
    if (arrival === Infinity) return;
    const { last } = this.#line;
    if (next === null || (last !== null && last.arrival < arrival)) {
      after = last;
      next = null;
    }
    for (; next !== null && next.arrival < arrival; next = next.next) after = next;
    this.#line.add(place, after);
  }

  /** Records that the budget has no room for a waiter of a pool. */
  noteNoRoom(entry: QueueEntry, member: Member): void {
    this.#passedOver.add(entry, member);
  }

  /**
   * Serves the waiters that fit, in order of arrival over all pools. A waiter that does not fit is passed over: as long as its
   * own pool has no room, but for at most its `starvationMs` if only the budget has no room.
   */
  serve(): void {
    // A granted waiter may change the totals and call this again.
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      // Skip the search when `maxFrames` is reached.
      let isDone = false;
      while (!isDone && this.hasSlots(1)) isDone = !this.#serveNext();
    } finally {
      this.#isServing = false;
      this.#arrival = Infinity;
    }
  }

  /** Serves one waiter, or rejects aborted ones. Returns false if there is none. */
  #serveNext(): boolean {
    let found: { member: Member; entry: QueueEntry } | null = null;
    let arrival = Infinity;
    // If a pool's oldest waiter is passed over, the next one found there may be younger than another pool's waiter.
    for (let place = this.#line.first; place !== null && place.arrival < arrival; place = place.next) {
      const { member } = place;
      if (member.isFull) continue;
      // The removed waiters have moved the pools.
      if (member.pruneAborted()) return true;
      const entry = member.nextGrantable((passed) => this.#passedOver.add(passed, member));
      if (entry === null || entry.arrival >= arrival) continue;
      found = { member, entry };
      ({ arrival } = entry);
    }
    if (found === null) return false;
    this.#arrival = arrival;
    found.member.waiters.wake(found.entry);
    return true;
  }
}

/** Counts pools by the size of their next loan, so that `largest` decreases again when the last pool of that size changes. */
class LoanSizes {
  /** The largest size in bytes; 0 without pools. */
  largest = 0;
  readonly #pools = new Map<number, number>();
  // Created with the first pool, because a budget without pools needs none. It holds sizes, which do not refer to their pools.
  #dropped: FinalizationRegistry<LoanSize> | null = null;

  /** Registers a pool. A pool that is not closed is removed when it is garbage-collected. */
  enter(pool: object): LoanSize {
    const size = { bytes: 0 };
    this.#dropped ??= new FinalizationRegistry((left) => this.change(left, 0));
    this.#dropped.register(pool, size);
    return size;
  }

  /** Sets the size of a pool's next loan in bytes; 0 if the pool does not lend. */
  change(size: LoanSize, bytes: number): void {
    const before = size.bytes;
    if (bytes === before) return;
    size.bytes = bytes;
    if (bytes > 0) this.#pools.set(bytes, (this.#pools.get(bytes) ?? 0) + 1);
    if (bytes > this.largest) this.largest = bytes;
    if (before === 0) return;
    const left = (this.#pools.get(before) ?? 0) - 1;
    if (left > 0) {
      this.#pools.set(before, left);
      return;
    }
    this.#pools.delete(before);
    if (before === this.largest) this.largest = Math.max(0, ...this.#pools.keys());
  }
}

/** The account of each public budget. */
const accounts = new WeakMap<object, Budget>();

/** Registers the account of a public budget. Pools look it up here, because the public class would enlarge every bundle. */
export const noteBudget = (owner: object, account: Budget): void => void accounts.set(owner, account);

/** Returns the account of a public budget; undefined for any other object. */
export const budgetBehind = (owner: object): Budget | undefined => accounts.get(owner);
