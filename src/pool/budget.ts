/** One account for several pools: what they hold together, and which waiter of them is served next. Knows pools as members only. */

import type { HolderReport } from './holders.ts';
import { IdleOrder } from './idle-order.ts';
import type { LedgerTotals } from './ledger.ts';
import { LoanSizes } from './loan-sizes.ts';
import type { WaitingPool } from './passed-over.ts';
import { PassedOver } from './passed-over.ts';
import type { Place } from './waiters.ts';
import type { Position } from './waiting-line.ts';
import { WaitingLine } from './waiting-line.ts';

/** A pool, as the budget sees it. */
export interface Member extends WaitingPool {
  /** Looks for the oldest waiter that has room now. Those for which only the budget has none are reported on the way. */
  findServable(onNoRoom: (place: Place) => void): Place | null;
  /** Holders of what is out there. */
  holders(): HolderReport[];
}

/**
 * The sums are kept up by the members' ledgers. Members are referred to only while they have an idle buffer, a waiter or something out,
 * so a pool that was dropped is not kept alive.
 */
export class Budget {
  readonly maxBytes: number;
  readonly maxFrames: number;
  bytes = 0;
  reserved = 0;
  idleBytes = 0;
  overFrames = 0;
  overBytes = 0;
  /** First frames of unknown size for which there was no room: one at a time. */
  firstFrames = 0;
  frames = 0;
  /** Sizes of the next loans of the pools: room for the largest is kept free by those that read ahead. */
  readonly loanSizes = new LoanSizes();
  /** Idle buffers, which are given up for loans. */
  readonly idle = new IdleOrder();
  /** Pools that have something out. */
  readonly lending = new Set<Member>();
  readonly #line = new WaitingLine<Member>();
  readonly #passedOver = new PassedOver();
  /** Arrival of the waiter that is served now; `Infinity` for callers that have not waited. */
  #arrival = Infinity;
  #serving = false;

  constructor(maxBytes: number, maxFrames: number) {
    this.maxBytes = maxBytes;
    this.maxFrames = maxFrames;
  }

  /** Takes a ledger's change into the sums. */
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

  /** Whether one loan more that adds so many bytes is within the limits, once idle buffers have been given up for it. */
  admits(bytes: number): boolean {
    return this.hasFrame(1) && this.fits(bytes + this.reserved);
  }

  /** Whether so many loans more are within `maxFrames`. */
  hasFrame(count: number): boolean {
    return this.frames - this.overFrames + count <= this.maxFrames;
  }

  /** Whether so many bytes more fit, permits that are out left aside. */
  fits(bytes: number): boolean {
    return this.bytes - this.idleBytes - this.overBytes + bytes <= this.maxBytes;
  }

  /** Whether the largest loan fits besides a loan, or a frame on a permit (`frames` 0), that adds so many bytes. */
  hasRoomBeside(bytes: number, frames: 0 | 1): boolean {
    return (frames === 0 || this.hasFrame(2)) && this.fits(this.reserved + bytes + this.loanSizes.largest);
  }

  /** Whether a waiter has no room in the budget. Loans that nobody waits for leave the room to it. */
  get isAwaited(): boolean {
    return this.#passedOver.count > 0;
  }

  /** Whether what is held and promised is beyond `maxBytes`: nothing is kept then that comes back. */
  get isOverLimit(): boolean {
    return this.bytes + this.reserved > this.maxBytes;
  }

  /** Gives up idle buffers, of whatever pool, those that were idle for longest first, until so many bytes fit. */
  makeRoom(bytes: number): void {
    while (this.bytes + this.reserved + bytes > this.maxBytes) {
      const { oldest } = this.idle;
      if (oldest === null) return;
      oldest.dropOldestIdle();
    }
  }

  /** The oldest waiter of a pool is another one now; `Infinity` for none. */
  moveInLine(position: Position<Member>, arrival: number): void {
    this.#line.move(position, arrival);
  }

  /** A waiter of that pool has no room in the budget. */
  noteNoRoom(place: Place, member: Member): void {
    this.#passedOver.add(place, member);
  }

  /**
   * Serves the waiters that fit, in the order in which they came to any of the pools. Those that do not are passed over: for as long as
   * their own pool has no room, and for at most their `starvationMs` if it is the budget that has none.
   */
  serve(): void {
    // What is granted may change the sums, and ask to be served again.
    if (this.#serving) return;
    this.#serving = true;
    try {
      // If no frame may be added, no waiter is looked for.
      while (this.hasFrame(1)) {
        const next = this.#findNext();
        if (next === null) return;
        this.#arrival = next.place.arrival;
        next.member.waiters.grant(next.place);
      }
    } finally {
      this.#serving = false;
      this.#arrival = Infinity;
    }
  }

  #findNext(): { member: Member; place: Place } | null {
    let next: { member: Member; place: Place } | null = null;
    // A pool's oldest waiter may be passed over, and the one found there younger than another pool's.
    for (
      let at = this.#line.first;
      at !== null && at.arrival < (next?.place.arrival ?? Infinity);
      at = at.next
    ) {
      const { pool: member } = at;
      const place = member.findServable((passed) => this.#passedOver.add(passed, member));
      if (place !== null && place.arrival < (next?.place.arrival ?? Infinity)) next = { member, place };
    }
    return next;
  }
}

/** The accounts behind public budgets. */
const accounts = new WeakMap<object, Budget>();

/** Notes whose account it is. Pools look it up here, not in the public class, which they would all bring along. */
export const noteBudget = (owner: object, account: Budget): void => void accounts.set(owner, account);

/** The account behind a budget; undefined for what is none. */
export const budgetBehind = (owner: object): Budget | undefined => accounts.get(owner);
