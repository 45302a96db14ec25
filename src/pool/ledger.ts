/** Bookkeeping of one pool: numbers of lent and reserved slots, bytes held, and running totals. Pure arithmetic. */

/** Totals since the pool was created. No total ever decreases. */
export interface PoolTotals {
  /** Buffers or frames lent. */
  lent: number;
  /** Slots returned by the release of their last share. */
  released: number;
  /** Slots returned by the leak detector after all holders were garbage-collected without a release. */
  recovered: number;
  /** Slots returned because the thread or window that held them is gone, or could not read the frame. */
  lost: number;
  /** Buffers allocated. */
  allocated: number;
  /** Loans served by a buffer that had been lent before. */
  reused: number;
  /** Buffers and frames destroyed when they were returned: old generation, lost context, recovered, draining. */
  discarded: number;
  /** Idle buffers destroyed: `idleMs`, `trim()`, `configure()`, `decommit()`, `close()`. */
  pruned: number;
  /** Frames closed because the pool had no room for them. */
  refused: number;
  /** Frames of live sources (`trackFrames()`) that were closed because they arrived faster than the consumer read them. */
  dropped: number;
}

/** Contribution of one pool to the sums of a budget. */
export interface LedgerTotals {
  /** Bytes held, lent or idle. */
  readonly bytes: number;
  /** Bytes expected for the frames of outstanding permits. */
  readonly reserved: number;
  /** Of `bytes`, those of idle buffers. */
  readonly idleBytes: number;
  /**
   * Part of `frames` and `bytes` beyond the limits of the budget. A decoder has already produced these frames; they do not block
   * other callers.
   */
  readonly overFrames: number;
  readonly overBytes: number;
  /** First frames of unknown size, or permits for such frames, admitted although the budget had no room. */
  readonly firstFrames: number;
  /** Lent frames and buffers, plus outstanding permits. */
  readonly frames: number;
}

/**
 * `capacity + overcommitted = free + lent + decoding` holds after every method. `overcommitted` is the allowance for a
 * decoder's delay: frames that the decoder produced beyond its permits.
 */
export class Ledger {
  /** Slots in effect. Above `target` while more slots are lent or reserved than a smaller configuration allows. */
  capacity: number;
  /** Requested capacity. */
  target: number;
  maxBytes: number;
  lent = 0;
  decoding = 0;
  overcommitted = 0;
  bytes = 0;
  /** Of `bytes`, those of idle buffers. */
  idleBytes = 0;
  /** Bytes expected for the frames of outstanding permits. */
  reservedBytes = 0;
  /** Part of `out` and `bytes` beyond the limits of a shared budget, because a decoder has already produced these frames. */
  overFrames = 0;
  overBytes = 0;
  /** Part of `out`: first frames of unknown size, or permits for them, admitted although a shared budget had no room. */
  firstFrames = 0;
  /** Number of slots whose bytes are an estimate. */
  estimates = 0;
  /** Largest number of slots lent at the same time. */
  peakLent = 0;
  readonly totals: PoolTotals = {
    lent: 0,
    released: 0,
    recovered: 0,
    lost: 0,
    allocated: 0,
    reused: 0,
    discarded: 0,
    pruned: 0,
    refused: 0,
    dropped: 0,
  };

  /** Called after each change of a count or of bytes; null if the pool shares no budget. */
  onChange: (() => void) | null = null;

  constructor(capacity: number, maxBytes: number) {
    this.capacity = capacity;
    this.target = capacity;
    this.maxBytes = maxBytes;
  }

  /** Slots lent to holders or reserved for decoders. */
  get out(): number {
    return this.lent + this.decoding;
  }

  get free(): number {
    return this.capacity + this.overcommitted - this.out;
  }

  /** Changes the requested capacity. A smaller capacity takes effect as slots are returned. */
  resize(target: number): void {
    this.target = target;
    this.capacity = Math.max(target, this.out - this.overcommitted);
    // Frames beyond the old capacity may be within the new one.
    this.overcommitted = Math.min(this.overcommitted, Math.max(0, this.out - this.capacity));
  }

  lend(beyondCapacity = false): void {
    this.lent++;
    this.totals.lent++;
    if (beyondCapacity && this.out > this.capacity + this.overcommitted) this.overcommitted++;
    if (this.lent > this.peakLent) this.peakLent = this.lent;
    this.onChange?.();
  }

  reserve(bytes = 0): void {
    this.decoding++;
    this.reservedBytes += bytes;
    this.onChange?.();
  }

  /** Turns a permit into a loan. `reservedBytes` are the bytes that the permit reserved. */
  fulfil(reservedBytes = 0): void {
    this.decoding--;
    this.reservedBytes -= reservedBytes;
    this.lend();
  }

  /** Adds frames and bytes beyond the limits of a shared budget. Negative values subtract returned ones. */
  addOverBudget(frames: number, bytes: number): void {
    this.overFrames += frames;
    this.overBytes += bytes;
    this.onChange?.();
  }

  /** Counts a first frame of unknown size that was admitted without room; -1 when it no longer counts. */
  addFirstFrame(count: 1 | -1): void {
    this.firstFrames += count;
    this.onChange?.();
  }

  /** The values that a shared budget adds up. */
  get sharedTotals(): LedgerTotals {
    const { bytes, idleBytes, reservedBytes, overFrames, overBytes, firstFrames, out } = this;
    return { bytes, idleBytes, reserved: reservedBytes, overFrames, overBytes, firstFrames, frames: out };
  }

  /** Counts a returned slot. The return reduces `overcommitted` first, then a capacity above `target`. */
  takeBack(from: 'lent' | 'reserved', reservedBytes = 0): void {
    if (from === 'lent') this.lent--;
    else this.decoding--;
    this.reservedBytes -= reservedBytes;
    if (this.overcommitted > 0) this.overcommitted--;
    else if (this.capacity > this.target) this.capacity--;
    this.onChange?.();
  }

  addBytes(bytes: number, estimated: boolean): void {
    this.bytes += bytes;
    if (estimated) this.estimates++;
    this.onChange?.();
  }

  dropBytes(bytes: number, estimated: boolean): void {
    this.bytes -= bytes;
    if (estimated) this.estimates--;
    this.onChange?.();
  }

  /** Adds bytes that became idle. A negative value subtracts bytes that are no longer idle. */
  addIdleBytes(bytes: number): void {
    this.idleBytes += bytes;
    this.onChange?.();
  }

  /** Whether `bytes` more are within `maxBytes`. */
  hasRoomFor(bytes: number): boolean {
    return this.bytes + bytes <= this.maxBytes;
  }
}
