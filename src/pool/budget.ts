/** One account for several pools: what they hold together, and who of them is served next. Knows pools as members only. */

import type { HolderReport } from './holders.ts';

/** A pool, as the budget sees it. */
export interface Member {
  /** When the one who has waited longest there arrived, if the pool itself could serve him; `Infinity` otherwise. */
  readonly firstArrival: number;
  /** Lets those go whose signal has fired, which may serve others. */
  dismiss(): void;
  /** Bytes that the next loan takes from what is not lent: a new buffer's, or those of an idle one. */
  readonly need: number;
  /** When its oldest idle buffer became idle, counted over all pools; `Infinity` without one. */
  readonly oldestIdle: number;
  /** Serves the one who has waited longest. */
  grantFirst(): void;
  /** Destroys its oldest idle buffer. */
  dropOldestIdle(): void;
  /** Who holds what there. */
  holders(): HolderReport[];
}

/** What one pool's ledger adds to the sums. */
export interface Share {
  /** Bytes held, lent or idle. */
  readonly bytes: number;
  /** Bytes expected for the permits that are out. */
  readonly reserved: number;
  /** Of `bytes`, those of idle buffers. */
  readonly idleBytes: number;
  /** Of `frames` and `bytes`, those that came on an allowance: a decoder made them, and nobody has to wait for them. */
  readonly allowed: number;
  readonly allowedBytes: number;
  /** Frames and buffers lent, and permits out. */
  readonly frames: number;
}

/**
 * The sums are kept up by the members' ledgers. Members are referred to only while they have an idle buffer, somebody
 * waiting or something out, so a pool that was dropped is not kept alive.
 */
export class Budget {
  readonly maxBytes: number;
  readonly maxFrames: number;
  bytes = 0;
  reserved = 0;
  idleBytes = 0;
  allowed = 0;
  allowedBytes = 0;
  frames = 0;
  /** Bytes of the largest loan that any of the pools has made or may make: to be kept free for it. */
  largest = 0;
  readonly members = new Set<Member>();
  #serving = false;

  constructor(maxBytes: number, maxFrames: number) {
    this.maxBytes = maxBytes;
    this.maxFrames = maxFrames;
  }

  /** Takes a ledger's change into the sums. */
  change(before: Share, after: Share): void {
    this.bytes += after.bytes - before.bytes;
    this.reserved += after.reserved - before.reserved;
    this.idleBytes += after.idleBytes - before.idleBytes;
    this.allowed += after.allowed - before.allowed;
    this.allowedBytes += after.allowedBytes - before.allowedBytes;
    this.frames += after.frames - before.frames;
  }

  /** Whether one loan more that adds so many bytes is within the limits, once idle buffers have been given up for it. */
  admits(need: number): boolean {
    return this.hasFrame(1) && this.fits(need + this.reserved);
  }

  /** Whether so many loans more are within `maxFrames`. */
  hasFrame(count: number): boolean {
    return this.frames - this.allowed + count <= this.maxFrames;
  }

  /** Whether so many bytes more fit, permits that are out left aside. */
  fits(bytes: number): boolean {
    return this.bytes - this.idleBytes - this.allowedBytes + bytes <= this.maxBytes;
  }

  /** Whether the largest loan fits besides a loan, or a frame on a permit (`frames` 0), that adds so many bytes. */
  hasRoomBeside(need: number, frames: 0 | 1): boolean {
    return this.hasFrame(frames + 1) && this.fits(this.reserved + need + this.largest);
  }

  /** Whether somebody waits whose own pool has room: who comes now stands behind him, in whatever pool. */
  get isQueued(): boolean {
    return this.#next() !== null;
  }

  /** Gives up idle buffers, those of any pool that nobody used for longest first, until so many bytes fit. */
  makeRoom(bytes: number): void {
    while (this.bytes + this.reserved + bytes > this.maxBytes) {
      let oldest: Member | null = null;
      for (const member of this.members) {
        if (member.oldestIdle < (oldest?.oldestIdle ?? Infinity)) oldest = member;
      }
      if (oldest === null) return;
      oldest.dropOldestIdle();
    }
  }

  /**
   * Serves those who wait, in the order in which they came to any of the pools. One whose own pool is full is passed over;
   * one for whom only the budget has no room is not, or larger frames would wait for ever behind smaller ones.
   */
  serve(): void {
    // What is granted may change the sums, and ask to be served again.
    if (this.#serving) return;
    this.#serving = true;
    try {
      // Where no frame may be added, nobody is looked for.
      while (this.hasFrame(1)) {
        const next = this.#next();
        if (next === null || !this.admits(next.need)) return;
        next.grantFirst();
      }
    } finally {
      this.#serving = false;
    }
  }

  /** Lets those go whose signal has fired, before anything is read: others may be served then, in any of the pools. */
  dismiss(): void {
    for (const member of this.members) member.dismiss();
  }

  #next(): Member | null {
    this.dismiss();
    let next: Member | null = null;
    for (const member of this.members) {
      if (member.firstArrival < (next?.firstArrival ?? Infinity)) next = member;
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
