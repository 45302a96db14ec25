/** Lender: lends the slots of a pool, and takes them back. The pool's core adds the states and the configuration. */
import { captureCall, currentCall } from '../base/call-site.ts';
import type { Clock } from '../base/clock.ts';
import { invalidState, quotaExceeded } from '../base/errors.ts';
import { Admission } from './admission.ts';
import { frameBytes } from './frames.ts';
import type { FrameHandle } from './handle.ts';
import { newShare } from './handle.ts';
import type { HolderEntry, HolderReport } from './holders.ts';
import { NO_HOLDERS } from './holders.ts';
import { Inventory } from './inventory.ts';
import { Ledger } from './ledger.ts';
import { Limits } from './limits.ts';
import type { Revocation } from './loan.ts';
import { LeakDetector, Loan, noteOwned } from './loan.ts';
import type { PoolNotice } from './notices.ts';
import { Notices } from './notices.ts';
import type { PermitOwner } from './permit.ts';
import { FramePermit } from './permit.ts';
import type { PoolSettings } from './settings.ts';
import type { Slot } from './slot.ts';
import type { Storage, StorageAdapter } from './storage.ts';

/**
 * `'active'`: lends. `'draining'`: decommitted, with slots still out. `'decommitted'`: holds nothing and lends nothing until
 * `commit()`. `'closed'`: final.
 */
export type PoolState = 'active' | 'draining' | 'decommitted' | 'closed';

/** Holder of a loan, and timestamp and duration of the frame that the loan will hold, in µs. */
export interface LendOptions {
  readonly holder?: string | undefined;
  readonly timestamp?: number;
  readonly duration?: number | null;
}

/** Every method leaves the ledger consistent before it calls code outside the pool. */
export abstract class Lender implements PermitOwner {
  readonly name: string;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly limits: Limits;
  readonly admission: Admission;
  readonly notices = new Notices();
  readonly inventory: Inventory;
  state: PoolState = 'active';
  adapter: StorageAdapter;
  readonly #leaks: LeakDetector;
  readonly #trackHolders: boolean;
  #warned = false;

  constructor(settings: PoolSettings) {
    const { clock, idleMs, adapter, budget } = settings;
    this.name = settings.name;
    this.clock = clock;
    this.adapter = adapter;
    this.#trackHolders = settings.trackHolders;
    this.ledger = new Ledger(settings.capacity, settings.maxBytes);
    this.inventory = new Inventory(this.ledger, clock, idleMs, adapter, budget?.idle ?? null);
    this.limits = new Limits(this, budget);
    this.admission = new Admission(this, budget);
    this.limits.requireLendable(adapter, settings.maxBytes);
    this.limits.noteLoanSize();
    this.#leaks = new LeakDetector((id) => this.#recover(id));
  }

  /** Completes a pending decommit if every slot is returned. */
  protected abstract finishDecommit(): void;

  requireActive(call: string): void {
    if (this.state !== 'active') throw invalidState(`${call}: pool "${this.name}" is ${this.state}`);
  }

  /** Lends a buffer. The caller must check for room first. */
  lend({ holder, timestamp = 0, duration = null }: LendOptions): FrameHandle<Storage> {
    this.limits.makeRoomForBuffer();
    const slot = this.inventory.takeBuffer();
    slot.setTime(timestamp, duration);
    slot.state = 'lent';
    this.ledger.lend();
    return newShare(this.#begin(slot), holder);
  }

  /**
   * Grants a permit. The caller must check for room first.
   *
   * @param bytes - Bytes of the frame that the permit is for, if the frame exists already; null for the pool's guess.
   */
  reserve(holder: string | undefined, bytes: number | null = null): FramePermit {
    const { limits, ledger } = this;
    const isFirstFrame = limits.exceedsBudget(bytes);
    const reserved = isFirstFrame ? 0 : (bytes ?? limits.frameBytes);
    limits.makeRoomForFrame(reserved);
    const slot = this.inventory.takeVacant();
    slot.state = 'reserved';
    slot.isFirstFrame = isFirstFrame;
    if (isFirstFrame) ledger.addFirstFrame(1);
    slot.reservedBytes = reserved;
    ledger.reserve(reserved);
    return new FramePermit(this.#begin(slot), this, holder);
  }

  /**
   * Puts a frame into a slot of its own.
   *
   * @param beyondCapacity - Whether to admit the frame without room, because a decoder has already produced it.
   * @throws `QuotaExceededError` if the frame does not fit, or with `beyondCapacity` if it can never fit; the frame is closed.
   */
  admit(frame: VideoFrame, holder: string | undefined, beyondCapacity = false): FrameHandle<Storage> {
    const { bytes, isEstimated } = frameBytes(frame);
    if (!beyondCapacity && !this.admission.hasFreeSlot) throw this.refuse(frame, 'every slot is taken');
    const why = this.#tooLarge(bytes, beyondCapacity, 0, false);
    if (why !== null) throw this.refuse(frame, why);
    const slot = this.inventory.takeVacant();
    if (beyondCapacity) this.#keepBeyondBudget(slot, bytes, 1);
    this.limits.makeRoomForFrame(bytes);
    this.ledger.lend(beyondCapacity);
    return this.#hold(this.#begin(slot), frame, bytes, isEstimated, holder);
  }

  fulfil(
    loan: Loan,
    frame: VideoFrame,
    holder: string | undefined,
    beyondBytes: boolean,
  ): FrameHandle<Storage> {
    const { bytes, isEstimated } = frameBytes(frame);
    const { slot } = loan;
    if (this.state === 'closed') {
      this.onLastShareReleased(loan, 'released', NO_HOLDERS);
      frame.close();
      throw invalidState(`adopt(): pool "${this.name}" is closed; the frame was closed`);
    }
    const { reservedBytes: promised, isFirstFrame } = slot;
    const why = this.#tooLarge(bytes, beyondBytes, promised, isFirstFrame);
    if (why !== null) {
      this.onLastShareReleased(loan, 'released', NO_HOLDERS);
      throw this.refuse(frame, why);
    }
    const mayGoBeyond = beyondBytes || isFirstFrame;
    if (mayGoBeyond && bytes > promised) this.#keepBeyondBudget(slot, bytes, 0);
    if (!mayGoBeyond || bytes > promised) this.limits.makeRoomForFrame(bytes - promised);
    this.ledger.fulfil(promised);
    slot.reservedBytes = 0;
    if (slot.overBytes === 0) this.#endFirstFrame(slot);
    return this.#hold(loan, frame, bytes, isEstimated, holder);
  }

  /** Returns the reason to reject a frame of `bytes`, or null. With `isBeyond` only a frame that can never fit is rejected. */
  #tooLarge(bytes: number, isBeyond: boolean, promised: number, isFirstFrame: boolean): string | null {
    const { limits } = this;
    if (!isBeyond && limits.fitsNow(bytes, { reservedBytes: promised, isFirstFrame })) return null;
    if (!isBeyond) return `its ${bytes} bytes do not fit`;
    return limits.fitsWhenIdle(bytes) ? null : `its ${bytes} bytes exceed the limit`;
  }

  /** The decoder has already produced this frame, so it is admitted over the limit. Over the budget it makes no caller wait. */
  #keepBeyondBudget(slot: Slot, bytes: number, frames: 0 | 1): void {
    if (this.limits.leavesHeadroom(bytes - slot.reservedBytes, frames)) return;
    slot.overFrames = frames;
    slot.overBytes = bytes;
    this.ledger.addOverBudget(frames, bytes);
  }

  /** Allows the next first frame of unknown size to exceed the budget, because this one ended or fits. */
  #endFirstFrame(slot: Slot): void {
    if (slot.isFirstFrame) this.ledger.addFirstFrame(-1);
    slot.isFirstFrame = false;
  }

  /** Closes a frame for which there is no room, and returns the error. */
  refuse(frame: VideoFrame, why: string): DOMException {
    this.ledger.totals.refused++;
    frame.close();
    const limit =
      this.ledger.maxBytes === Infinity ? '' : `, ${this.ledger.bytes} of ${this.ledger.maxBytes} bytes`;
    return quotaExceeded(
      `adopt(): pool "${this.name}" has no room for the frame: ${why} ` +
        `(${this.ledger.out} of ${this.ledger.capacity} slots${limit}); held by ${this.inventory.describeHolders(this.name)}. ` +
        `The frame was closed`,
    );
  }

  #hold(
    loan: Loan,
    frame: VideoFrame,
    bytes: number,
    isEstimated: boolean,
    holder: string | undefined,
  ): FrameHandle<Storage> {
    const { slot } = loan;
    slot.state = 'lent';
    slot.fill(frame, this.adapter, bytes, isEstimated);
    noteOwned(frame);
    slot.setTime(frame.timestamp, frame.duration);
    this.ledger.addBytes(bytes, isEstimated);
    this.limits.learnFrame(bytes);
    const handle = newShare(loan, holder);
    // If bytes are limited, the size of the first frame shows how many more permits fit.
    this.admission.serve();
    return handle;
  }

  #begin(slot: Slot): Loan {
    this.inventory.begin(slot);
    const loan = new Loan(this, slot);
    this.#leaks.watch(loan);
    return loan;
  }

  // ---- holders ----

  entryFor(holder: string | undefined): HolderEntry | undefined {
    if (!this.#trackHolders) return holder === undefined ? undefined : { holder };
    return { holder, since: this.clock.now(), acquiredAt: currentCall() ?? captureCall() };
  }

  /** Stack of the app's call in progress, for shares that are made for it later; undefined without `trackHolders`. */
  noteCall(): string | undefined {
    return this.#trackHolders ? (currentCall() ?? captureCall()) : undefined;
  }

  holders(): HolderReport[] {
    return this.inventory.reports(this.name);
  }

  // ---- returns ----

  onLastShareReleased(loan: Loan, reason: PoolNotice['reason'], holders: readonly string[]): void {
    if (reason === 'recovered') this.#warn(holders);
    this.#endLoan(loan, reason, holders);
  }

  /** Ends a loan for all its holders at once. A read through one of their handles throws an error that names the revocation. */
  revoke(loan: Loan, revocation: Revocation): void {
    loan.revoked = revocation;
    loan.slot.dropAllShares();
    this.#endLoan(loan, 'released', NO_HOLDERS);
  }

  #endLoan(loan: Loan, reason: PoolNotice['reason'], holders: readonly string[]): void {
    this.#leaks.unwatch(loan);
    loan.end();
    this.#takeBack(loan.slot, reason, holders);
  }

  #recover(slotId: number): void {
    const slot = this.inventory.slot(slotId);
    const holders = slot.dropAllShares();
    this.#warn(holders);
    this.#takeBack(slot, 'recovered', holders);
  }

  /** Logs one warning for each pool, if the pool has no listener. */
  #warn(holders: readonly string[]): void {
    if (this.notices.listener === null && !this.#warned) {
      this.#warned = true;
      console.warn(
        `video-frame-pool: pool "${this.name}" recovered a frame that was never released, held by ${holders.join(', ')}. ` +
          `setListener() reports every one; this warning appears once`,
      );
    }
  }

  // The order is the one of ReleaseBuffer of a Windows memory allocator: the free list, then the waiters, then a pending
  // decommit, and the notice last.
  #takeBack(slot: Slot, reason: PoolNotice['reason'], holders: readonly string[]): void {
    if (slot.overBytes > 0) this.ledger.addOverBudget(-slot.overFrames, -slot.overBytes);
    slot.overFrames = 0;
    slot.overBytes = 0;
    this.#endFirstFrame(slot);
    this.ledger.takeBack(slot.state === 'reserved' ? 'reserved' : 'lent', slot.reservedBytes);
    slot.reservedBytes = 0;
    const keeps = this.state === 'active' && !this.limits.isOverLimit;
    const discarded = this.inventory.takeBack(slot, reason, keeps);
    this.ledger.totals[reason]++;
    if (discarded) this.ledger.totals.discarded++;
    this.admission.serve();
    this.finishDecommit();
    if (this.state !== 'closed') {
      this.notices.notify({ reason, discarded, freeCount: this.ledger.free, holders });
    }
  }
}
