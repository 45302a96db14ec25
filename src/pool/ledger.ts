/** The pool's account: how many slots are out, how many bytes, and what has happened so far. Pure arithmetic. */

/** What has happened since the pool was made. Each only grows. */
export interface PoolTotals {
  /** Buffers or frames lent. */
  lent: number;
  /** Slots that came back because their last holder released. */
  released: number;
  /** Slots that the net brought back. */
  recovered: number;
  /** Slots that came back because the side that held them died. */
  lost: number;
  /** Buffers made. */
  allocated: number;
  /** Lendings served by a buffer that had been lent before. */
  reused: number;
  /** Buffers and frames destroyed at return: old generation, lost context, recovered, draining. */
  discarded: number;
  /** Idle buffers given up: `idleMs`, `trim()`, `configure()`, `decommit()`, `close()`. */
  pruned: number;
  /** Frames closed because there was no room for them. */
  refused: number;
  /** Frames of live sources (`trackFrames()`) that were closed because they came faster than they were taken. */
  dropped: number;
}

/** What one pool's ledger adds to the sums of a budget. */
export interface LedgerTotals {
  /** Bytes held, lent or idle. */
  readonly bytes: number;
  /** Bytes expected for the permits that are out. */
  readonly reserved: number;
  /** Of `bytes`, those of idle buffers. */
  readonly idleBytes: number;
  /** Of `frames` and `bytes`, those beyond the limits: a decoder has produced them, and they make no caller wait. */
  readonly overFrames: number;
  readonly overBytes: number;
  /** First frames of unknown size, or permits for one, for which the budget had no room. */
  readonly firstFrames: number;
  /** Frames and buffers lent, and permits out. */
  readonly frames: number;
}

/**
 * `capacity + surplus = free + lent + decoding` holds after every method. `surplus` is the lag allowance: frames that a
 * decoder put out beyond its permits.
 */
export class Ledger {
  /** The slots in effect. Above `target` while more is out than a smaller configuration allows. */
  capacity: number;
  /** What was asked for. */
  target: number;
  maxBytes: number;
  lent = 0;
  decoding = 0;
  surplus = 0;
  bytes = 0;
  /** Of `bytes`, those of idle buffers. */
  idleBytes = 0;
  /** What the frames are expected to pin that permits are out for. */
  reservedBytes = 0;
  /** Of `out` and `bytes`: frames beyond the limits of a shared budget, because a decoder has produced them already. */
  overFrames = 0;
  overBytes = 0;
  /** Of `out`: a first frame of unknown size, or the permit for it, for which a shared budget had no room. */
  firstFrames = 0;
  /** How many slots count with estimated bytes. */
  estimates = 0;
  /** The most slots that were lent at one time. */
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

  /** Told after each change of a count or of bytes, where an account is kept over several pools. */
  onChange: (() => void) | null = null;

  constructor(capacity: number, maxBytes: number) {
    this.capacity = capacity;
    this.target = capacity;
    this.maxBytes = maxBytes;
  }

  /** Slots in the hands of holders and decoders. */
  get out(): number {
    return this.lent + this.decoding;
  }

  get free(): number {
    return this.capacity + this.surplus - this.out;
  }

  /** A smaller capacity takes effect as slots come back. */
  resize(target: number): void {
    this.target = target;
    this.capacity = Math.max(target, this.out - this.surplus);
    // What was beyond the old capacity may be within the new one.
    this.surplus = Math.min(this.surplus, Math.max(0, this.out - this.capacity));
  }

  lend(beyondCapacity = false): void {
    this.lent++;
    this.totals.lent++;
    if (beyondCapacity && this.out > this.capacity + this.surplus) this.surplus++;
    if (this.lent > this.peakLent) this.peakLent = this.lent;
    this.onChange?.();
  }

  reserve(bytes = 0): void {
    this.decoding++;
    this.reservedBytes += bytes;
    this.onChange?.();
  }

  /** A permit that was reserved for so many bytes became a frame. */
  fulfil(reservedBytes = 0): void {
    this.decoding--;
    this.reservedBytes -= reservedBytes;
    this.lend();
  }

  /** So many frames and bytes are beyond the limits of a shared budget; below 0 they are back. */
  addOverBudget(frames: number, bytes: number): void {
    this.overFrames += frames;
    this.overBytes += bytes;
    this.onChange?.();
  }

  /** A first frame of unknown size is let in without room, or is over. */
  addFirstFrame(count: 1 | -1): void {
    this.firstFrames += count;
    this.onChange?.();
  }

  /** What a shared budget adds up. */
  get sums(): LedgerTotals {
    const { bytes, idleBytes, reservedBytes, overFrames, overBytes, firstFrames, out } = this;
    return { bytes, idleBytes, reserved: reservedBytes, overFrames, overBytes, firstFrames, frames: out };
  }

  /** A slot is back: what is beyond the capacity goes first, then what a smaller configuration does not want. */
  takeBack(from: 'lent' | 'reserved', reservedBytes = 0): void {
    if (from === 'lent') this.lent--;
    else this.decoding--;
    this.reservedBytes -= reservedBytes;
    if (this.surplus > 0) this.surplus--;
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

  /** Of the bytes that are held, so many became idle, or fewer where it is below 0. */
  addIdleBytes(bytes: number): void {
    this.idleBytes += bytes;
    this.onChange?.();
  }

  /** Whether so many bytes more are within `maxBytes`. */
  hasRoomFor(bytes: number): boolean {
    return this.bytes + bytes <= this.maxBytes;
  }
}
