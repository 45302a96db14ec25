/** Account shared by several pools: their total loans and bytes, and the order of their waiters. Knows pools only as members. */

import type { HolderReport } from './holders.ts';
import { IdleOrder } from './idle-order.ts';
import type { LedgerTotals } from './ledger.ts';
import { LoanSizes } from './loan-sizes.ts';
import type { WaitingPool } from './passed-over.ts';
import { PassedOver } from './passed-over.ts';
import type { Place } from './waiters.ts';
import type { Position } from './waiting-line.ts';
import { WaitingLine } from './waiting-line.ts';

/** The interface of a pool to its budget. */
export interface Member extends WaitingPool {
  /** Returns the oldest waiter that can be served now. Older waiters for which only the budget has no room go to `onNoRoom`. */
  findServable(onNoRoom: (place: Place) => void): Place | null;
  /** Holders of the pool's lent and reserved slots. */
  holders(): HolderReport[];
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
  /** Idle buffers of all pools, freed when a loan needs their bytes. */
  readonly idle = new IdleOrder();
  /** Pools with lent or reserved slots. */
  readonly lending = new Set<Member>();
  readonly #line = new WaitingLine<Member>();
  readonly #passedOver = new PassedOver();
  /** Arrival number of the waiter being served; `Infinity` for a caller that did not wait. */
  #arrival = Infinity;
  #serving = false;

  constructor(maxBytes: number, maxFrames: number) {
    this.maxBytes = maxBytes;
    this.maxFrames = maxFrames;
  }

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

  /** Whether one more loan of `bytes` is within the limits once idle buffers are freed for it. */
  admits(bytes: number): boolean {
    return this.hasFrame(1) && this.fits(bytes + this.reserved);
  }

  /** Whether `count` more loans are within `maxFrames`. */
  hasFrame(count: number): boolean {
    return this.frames - this.overFrames + count <= this.maxFrames;
  }

  /** Whether `bytes` more are within `maxBytes` once idle buffers are freed. Does not count bytes reserved for permits. */
  fits(bytes: number): boolean {
    return this.bytes - this.idleBytes - this.overBytes + bytes <= this.maxBytes;
  }

  /** Whether the largest loan fits beside a loan that adds `bytes`. `frames` is 0 for a frame whose permit counts already. */
  hasRoomBeside(bytes: number, frames: 0 | 1): boolean {
    return (frames === 0 || this.hasFrame(2)) && this.fits(this.reserved + bytes + this.loanSizes.largest);
  }

  /** Whether the budget has no room for some waiter. Optional loans, such as for reading ahead, leave room for that waiter. */
  get isAwaited(): boolean {
    return this.#passedOver.count > 0;
  }

  /** Whether held and reserved bytes are over `maxBytes`: a buffer that is released then is freed, not kept idle. */
  get isOverLimit(): boolean {
    return this.bytes + this.reserved > this.maxBytes;
  }

  /** Frees idle buffers of any pool, the longest idle first, until `bytes` more fit. */
  makeRoom(bytes: number): void {
    while (this.bytes + this.reserved + bytes > this.maxBytes) {
      const { oldest } = this.idle;
      if (oldest === null) return;
      oldest.dropOldestIdle();
    }
  }

  /** Moves a pool to the arrival number of its oldest waiter, after that changed; `Infinity` for no waiter. */
  moveInLine(position: Position<Member>, arrival: number): void {
    this.#line.move(position, arrival);
  }

  /** Records that the budget has no room for a waiter of a pool. */
  noteNoRoom(place: Place, member: Member): void {
    this.#passedOver.add(place, member);
  }

  /**
   * Serves the waiters that fit, in order of arrival over all pools. A waiter that does not fit is passed over: as long as its
   * own pool has no room, but for at most its `starvationMs` if only the budget has no room.
   */
  serve(): void {
    // A granted waiter may change the totals and call this again.
    if (this.#serving) return;
    this.#serving = true;
    try {
      // Skip the search when `maxFrames` is reached.
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
    // If a pool's oldest waiter is passed over, the next one found there may be younger than another pool's waiter.
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

/** The account of each public budget. */
const accounts = new WeakMap<object, Budget>();

/** Registers the account of a public budget. Pools look it up here, because the public class would enlarge every bundle. */
export const noteBudget = (owner: object, account: Budget): void => void accounts.set(owner, account);

/** Returns the account of a public budget; undefined for any other object. */
export const budgetBehind = (owner: object): Budget | undefined => accounts.get(owner);
