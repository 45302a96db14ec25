/** Implementation of a pool: lends slots and takes them back. The public class (pool.ts) checks arguments and calls it. */
import { captureCall, currentCall } from '../base/call-site.ts';
import type { Clock } from '../base/clock.ts';
import { aborted, invalidState, quotaExceeded } from '../base/errors.ts';
import { Admission } from './admission.ts';
import type { Budget } from './budget.ts';
import { Decommits } from './decommits.ts';
import { frameBytes } from './frames.ts';
import { groundOf, watchGround } from './ground.ts';
import type { FrameHandle } from './handle.ts';
import { loanOf } from './handle.ts';
import type { HolderEntry, HolderReport } from './holders.ts';
import { NOBODY } from './holders.ts';
import type { PermitHome } from './home.ts';
import { Inventory } from './inventory.ts';
import { Ledger } from './ledger.ts';
import type { Lifeline, Revocation } from './lifeline.ts';
import { noteOwned, recallFrame } from './lifeline.ts';
import { Limits } from './limits.ts';
import { Loans } from './loans.ts';
import type { PoolNotice } from './notices.ts';
import { Notices } from './notices.ts';
import { FramePermit } from './permit.ts';
import type { Slot } from './slot.ts';
import type { OwnedSource } from './source.ts';
import type { BufferAllocator, CopyOptions, StorageAdapter, Ground, Storage } from './storage.ts';

/**
 * `'active'`: lends. `'draining'`: decommitted, with slots still out. `'decommitted'`: holds nothing and lends nothing until
 * `commit()`. `'closed'`: final.
 */
export type PoolState = 'active' | 'draining' | 'decommitted' | 'closed';

/** Validated settings of a core. */
export interface CoreSettings {
  readonly name: string;
  readonly clock: Clock;
  readonly driver: StorageAdapter;
  readonly capacity: number;
  readonly initial: number;
  readonly maxBytes: number;
  readonly budget: Budget | null;
  readonly idleMs: number;
  readonly trackHolders: boolean;
}

/** The settings that a new configuration can change. */
export type Configuration = Pick<CoreSettings, 'capacity' | 'initial' | 'maxBytes' | 'driver'>;

/** Holder of a loan, and timestamp and duration of the frame that the loan will hold, in µs. */
export interface Loan {
  readonly holder?: string | undefined;
  readonly timestamp?: number;
  readonly duration?: number | null;
}

/** Core of a pool. Every method leaves the ledger consistent before it calls code outside the pool. */
export class PoolCore implements PermitHome {
  readonly name: string;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly limits: Limits;
  readonly admission: Admission;
  readonly notices: Notices;
  readonly inventory: Inventory;
  state: PoolState = 'active';
  initial: number;
  driver: StorageAdapter;
  readonly #loans: Loans;
  readonly #trackHolders: boolean;
  readonly #decommits = new Decommits();
  #warned = false;

  constructor(settings: CoreSettings) {
    this.name = settings.name;
    this.clock = settings.clock;
    this.driver = settings.driver;
    this.initial = settings.initial;
    this.#trackHolders = settings.trackHolders;
    this.ledger = new Ledger(settings.capacity, settings.maxBytes);
    this.notices = new Notices();
    const { clock, idleMs, driver, budget } = settings;
    this.inventory = new Inventory(this.ledger, clock, idleMs, driver, budget?.idle ?? null);
    this.limits = new Limits(this, budget);
    this.admission = new Admission(this, budget);
    this.limits.requireLendable(driver, settings.maxBytes);
    this.limits.noteLoanSize();
    this.#loans = new Loans(this, (id) => this.#recover(id));
    this.#stock();
    watchGround(this);
  }

  // ---- lending ----

  requireActive(call: string): void {
    if (this.state !== 'active') throw invalidState(`${call}: pool "${this.name}" is ${this.state}`);
  }

  /** Lends a buffer. The caller must check for room first. */
  lend({ holder, timestamp = 0, duration = null }: Loan): FrameHandle<Storage> {
    this.limits.makeRoomForBuffer();
    const slot = this.inventory.takeBuffer();
    slot.setTime(timestamp, duration);
    slot.state = 'lent';
    this.ledger.lend();
    return this.#driverOf(slot).wrap(this.#begin(slot), holder);
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
    const { bytes, estimated } = frameBytes(frame);
    if (!beyondCapacity && !this.admission.hasFreeSlot) throw this.refuse(frame, 'every slot is taken');
    const why = this.#tooLarge(bytes, beyondCapacity, 0, false);
    if (why !== null) throw this.refuse(frame, why);
    const slot = this.inventory.takeVacant();
    if (beyondCapacity) this.#keepBeyondBudget(slot, bytes, 1);
    this.limits.makeRoomForFrame(bytes);
    this.ledger.lend(beyondCapacity);
    return this.#hold(this.#begin(slot), frame, bytes, estimated, holder);
  }

  fulfil(
    line: Lifeline,
    frame: VideoFrame,
    holder: string | undefined,
    beyondBytes: boolean,
  ): FrameHandle<Storage> {
    const { bytes, estimated } = frameBytes(frame);
    const { slot } = line;
    if (this.state === 'closed') {
      this.comeHome(line, 'released', NOBODY);
      frame.close();
      throw invalidState(`adopt(): pool "${this.name}" is closed; the frame was closed`);
    }
    const { reservedBytes: promised, isFirstFrame } = slot;
    const why = this.#tooLarge(bytes, beyondBytes, promised, isFirstFrame);
    if (why !== null) {
      this.comeHome(line, 'released', NOBODY);
      throw this.refuse(frame, why);
    }
    const mayGoBeyond = beyondBytes || isFirstFrame;
    if (mayGoBeyond && bytes > promised) this.#keepBeyondBudget(slot, bytes, 0);
    if (!mayGoBeyond || bytes > promised) this.limits.makeRoomForFrame(bytes - promised);
    this.ledger.fulfil(promised);
    slot.reservedBytes = 0;
    if (slot.overBytes === 0) this.#endFirstFrame(slot);
    return this.#hold(line, frame, bytes, estimated, holder);
  }

  /** Returns the reason to reject a frame of `bytes`, or null. With `isBeyond` only a frame that can never fit is rejected. */
  #tooLarge(bytes: number, isBeyond: boolean, promised: number, isFirstFrame: boolean): string | null {
    const { limits } = this;
    if (!isBeyond && limits.fitsNow(bytes, { reservedBytes: promised, isFirstFrame })) return null;
    if (!isBeyond) return `its ${bytes} bytes do not fit`;
    return limits.fitsWhenIdle(bytes) ? null : `its ${bytes} bytes are more than all that it may hold`;
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
    line: Lifeline,
    frame: VideoFrame,
    bytes: number,
    estimated: boolean,
    holder: string | undefined,
  ): FrameHandle<Storage> {
    const { slot } = line;
    slot.state = 'lent';
    slot.fill(frame, this.driver, bytes, estimated);
    noteOwned(frame);
    slot.setTime(frame.timestamp, frame.duration);
    this.ledger.addBytes(bytes, estimated);
    this.limits.learnFrame(bytes);
    const handle = this.driver.wrap(line, holder);
    // If bytes are limited, the size of the first frame shows how many more permits fit.
    this.admission.serve();
    return handle;
  }

  #begin(slot: Slot): Lifeline {
    this.inventory.begin(slot);
    return this.#loans.begin(slot);
  }

  /**
   * Resolves with the handle once its buffer is allocated; returns null if the buffer needs no wait. If the allocation fails, the
   * promise rejects with the storage's error and the handle is released.
   */
  settled<T extends FrameHandle<Storage>>(handle: T): Promise<T> | null {
    const { driver, item } = loanOf(handle, 'acquire()').slot;
    const allocated = (driver as BufferAllocator).allocated?.(item as object);
    if (allocated === undefined) return null;
    return allocated.then(
      () => handle,
      (error: unknown) => {
        handle.release();
        throw error;
      },
    );
  }

  /** Copies a picture into the buffer of a handle of this pool. */
  capture(handle: FrameHandle<Storage>, picture: OwnedSource, options: CopyOptions): void | Promise<void> {
    const { driver, item } = loanOf(handle, 'copyFrom()').slot;
    const buffers = driver as BufferAllocator;
    // Open a frame even if the canvas is drawn: for a tainted canvas the browser throws here, instead of tainting the copy.
    const frame = picture.open();
    const canvas = buffers.copyCanvas === undefined ? null : picture.canvas();
    return canvas === null
      ? buffers.capture(item as object, frame, options)
      : buffers.copyCanvas?.(item as object, canvas, options);
  }

  // ---- calls from handles ----

  entryFor(holder: string | undefined): HolderEntry | undefined {
    if (!this.#trackHolders) return holder === undefined ? undefined : { holder };
    return { holder, since: this.clock.now(), acquiredAt: currentCall() ?? captureCall() };
  }

  /** Stack of the app's call in progress, for shares that are made for it later; undefined without `trackHolders`. */
  noteCall(): string | undefined {
    return this.#trackHolders ? (currentCall() ?? captureCall()) : undefined;
  }

  share(line: Lifeline, holder: string | undefined): FrameHandle<Storage> {
    return this.#driverOf(line.slot).wrap(line, holder);
  }

  toVideoFrame({ slot }: Lifeline, init: VideoFrameInit | undefined): VideoFrame {
    return this.#frameOf(slot, init);
  }

  /** Returns the caller's own frame of a lent slot's content; null if the slot is not lent or its content is elsewhere. */
  peek(id: number): VideoFrame | null {
    const slot = this.inventory.find(id);
    if (slot?.state !== 'lent' || slot.item === null) return null;
    try {
      return this.#frameOf(slot, undefined);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'InvalidStateError') return null;
      throw error;
    }
  }

  #frameOf(slot: Slot, init: VideoFrameInit | undefined): VideoFrame {
    const { timestamp, duration } = slot;
    const time: VideoFrameInit = duration === null ? { timestamp } : { timestamp, duration };
    return this.#driverOf(slot).toVideoFrame(slot.item as object, { ...time, ...init });
  }

  // After a new configuration, slots that are out keep the driver that filled them.
  #driverOf(slot: Slot): StorageAdapter {
    return slot.driver ?? this.driver;
  }

  // ---- returns ----

  comeHome(line: Lifeline, reason: PoolNotice['reason'], holders: readonly string[]): void {
    this.#loans.end(line);
    recallFrame(line);
    if (reason === 'recovered') this.#warn(holders);
    this.#takeBack(line.slot, reason, holders);
  }

  /** Ends a loan for all its holders at once. A read through one of their handles throws an error that names the revocation. */
  revoke(line: Lifeline, revocation: Revocation): void {
    line.revoked = revocation;
    line.slot.dropAllShares();
    this.#loans.revoke(line);
    recallFrame(line);
    this.#takeBack(line.slot, 'released', NOBODY);
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
    this.#finishDecommit();
    if (this.state !== 'closed') {
      this.notices.tell({ reason, discarded, freeCount: this.ledger.free, holders });
    }
  }

  // ---- life cycle ----

  /** Applies validated settings, with `newStorage` as a new generation, and serves waiters. If it throws, nothing has changed. */
  reconfigure(settings: Configuration, newStorage: boolean): void {
    this.apply(settings, newStorage);
    this.admission.serve();
  }

  /** As `reconfigure()`, but serves no waiter. */
  apply({ capacity, initial, maxBytes, driver }: Configuration, newStorage: boolean): void {
    const { ledger, inventory } = this;
    this.limits.requireLendable(driver, maxBytes);
    const old = { target: ledger.target, maxBytes: ledger.maxBytes };
    ledger.resize(capacity);
    ledger.maxBytes = maxBytes;
    try {
      // Steps that can fail come first: the new buffers are allocated before the old ones are freed.
      const { roomBytes } = this.limits;
      const made = this.state === 'active' && newStorage ? inventory.make(initial, driver, roomBytes) : [];
      if (newStorage) inventory.startGeneration(driver, made);
    } catch (error) {
      ledger.resize(old.target);
      ledger.maxBytes = old.maxBytes;
      throw error;
    }
    this.initial = initial;
    const before = groundOf(this.driver);
    this.driver = driver;
    this.limits.noteLoanSize();
    if (groundOf(driver) !== before) watchGround(this);
    inventory.freeIdle(Math.max(0, ledger.free));
    inventory.freeBytes();
  }

  /** Handles loss of the device behind the buffers: frees idle buffers, rejects waiters, frees lent buffers at their return. */
  loseGround(ground: Ground): void {
    if (groundOf(this.driver) !== ground) return;
    this.inventory.freeIdle();
    this.admission.waiters.rejectAll(() => ground.loss);
    this.admission.serve();
  }

  commit(): void {
    if (this.state === 'closed') throw invalidState(`commit(): pool "${this.name}" is closed`);
    if (this.state === 'active') return;
    if (this.state === 'decommitted') this.#stock();
    this.state = 'active';
    this.limits.noteLoanSize();
    this.#decommits.settle(false);
  }

  #stock(): void {
    this.inventory.stock(this.inventory.make(this.initial, this.driver, this.limits.roomBytes));
  }

  decommit(): Promise<boolean> {
    if (this.state === 'active') {
      this.state = 'draining';
      this.limits.noteLoanSize();
      this.inventory.freeIdle();
      this.admission.waiters.rejectAll(() => aborted(`the wait ended: pool "${this.name}" was decommitted`));
      this.admission.serve();
    }
    const outcome = this.#decommits.outcome();
    this.#finishDecommit();
    return outcome;
  }

  close(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.limits.noteLoanSize();
    this.notices.setListener(null);
    this.inventory.freeIdle();
    this.admission.waiters.rejectAll(() => aborted(`the wait ended: pool "${this.name}" was closed`));
    this.admission.serve();
    this.#finishDecommit();
  }

  #finishDecommit(): void {
    if (this.state === 'active' || this.ledger.out > 0) return;
    if (this.state === 'draining') this.state = 'decommitted';
    this.#decommits.settle(true);
  }

  holders(): HolderReport[] {
    return this.inventory.reports(this.name);
  }
}
