/** Decides on loans: by the pool's own room, by the budget that it shares, and by the order of those that wait. */
import type { Clock } from '../clock.ts';
import type { Budget, Member } from './budget.ts';
import { FrameSize } from './frame-size.ts';
import type { HolderReport } from './holders.ts';
import type { Inventory } from './inventory.ts';
import type { Ledger, LedgerTotals } from './ledger.ts';
import type { LoanSize } from './loan-sizes.ts';
import type { BufferAllocator, StorageAdapter } from './storage.ts';
import { isBufferAllocator } from './storage.ts';
import type { Change, Place, Waiter } from './waiters.ts';
import { isGivenUp, Waiters } from './waiters.ts';
import { newPosition } from './waiting-line.ts';

/** What admission asks of its pool. */
interface AdmissionHost {
  readonly name: string;
  readonly clock: Clock;
  readonly state: string;
  readonly driver: StorageAdapter;
  readonly ledger: Ledger;
  readonly inventory: Inventory;
  holders(): HolderReport[];
}

/**
 * What a loan is asked for: bytes of a frame that is there already, buffers that are to become the pool's, or null for the loan that the
 * pool makes for every caller.
 */
export type Asked = number | BufferAllocator | null;

const asked = ({ bytes, wanted }: Waiter): Asked => bytes ?? wanted?.() ?? null;

/** A pool's side of the budget, or of nothing but its own limits if it shares none. */
export class Admission implements Member {
  readonly waiters: Waiters;
  readonly #pool: AdmissionHost;
  readonly #budget: Budget | null;
  readonly #position = newPosition<Member>(this);
  readonly #loanSize: LoanSize | null;
  #sums: LedgerTotals;
  readonly #frameSize: FrameSize;
  #serving = false;

  constructor(pool: AdmissionHost, budget: Budget | null) {
    this.#pool = pool;
    this.#budget = budget;
    this.#sums = pool.ledger.sums;
    this.#loanSize = budget?.loanSizes.enter(this) ?? null;
    this.#frameSize = new FrameSize(budget?.maxBytes ?? Infinity);
    this.waiters = new Waiters((change) => this.#onQueueChanged(change));
    if (budget !== null) pool.ledger.onChange = () => this.#account();
  }

  get name(): string {
    return this.#pool.name;
  }
  get clock(): Clock {
    return this.#pool.clock;
  }

  // ---- questions: they change nothing ----

  /** Bytes of the last frame, or a guess before the first: for so many a permit is granted. */
  get frameBytes(): number {
    return this.#frameSize.bytes;
  }

  /** Whether a caller that comes now gets a loan of the usual size. */
  get hasRoom(): boolean {
    return this.canGrantNow(null);
  }

  /** Whether a caller that comes now gets what it asks for. */
  canGrantNow(what: Asked): boolean {
    return this.isUnclaimed && this.#hasOwnRoom(what) && this.#isAdmitted(what);
  }

  /** As `hasHeadroom()`, for a loan of the usual size. */
  get hasRoomToSpare(): boolean {
    return this.hasHeadroom(this.#needOf(null));
  }

  /**
   * Whether a shared budget has room for one loan more, the largest that any of its pools makes, besides one of so many bytes. A caller
   * that takes what it needs later asks for that: others may hold something, and need one more to give it back.
   */
  hasHeadroom(bytes: number): boolean {
    const budget = this.#budget;
    return budget === null || (!budget.isAwaited && budget.hasRoomBeside(bytes, 1));
  }

  /** Whether a frame of so many bytes more, on a permit or not, leaves a shared budget room for the largest loan. */
  leavesHeadroom(bytes: number, isNew: boolean): boolean {
    return this.#budget?.hasRoomBeside(bytes, isNew ? 1 : 0) !== false;
  }

  /** Whether a caller that comes now passes no waiter but those for which only a shared budget has no room. */
  get isUnclaimed(): boolean {
    for (let place = this.waiters.first; place !== null; place = place.next) {
      if (isGivenUp(place)) continue;
      const standing = this.#standingOf(place);
      if (standing === 'servable' || standing === 'no room in the pool') return false;
      if (this.waiters.isUniform) return true;
    }
    return true;
  }

  /** Whether a slot is free for a frame that is there already; `fits()` asks for its bytes. */
  get hasFreeSlot(): boolean {
    return this.isUnclaimed && this.#pool.ledger.free > 0 && this.#budget?.hasFrame(1) !== false;
  }

  /**
   * Whether a frame of so many bytes may be kept.
   *
   * @param promised - Bytes for which its permit was granted; 0 without one.
   * @param mayGoBeyondBudget - Whether the permit is for a first frame of unknown size: then the limits of the pool alone count.
   */
  fits(bytes: number, promised = 0, mayGoBeyondBudget = false): boolean {
    const { ledger } = this.#pool;
    // What was promised to the permits that are out is not to be had; a frame on one of them is what its promise was for.
    const own = this.#frameSize.isKnown ? ledger.reservedBytes - promised : 0;
    if (!ledger.hasRoomFor(bytes + own) || !this.fitsWhenIdle(bytes)) return false;
    const shared = (this.#budget?.reserved ?? 0) - promised;
    return mayGoBeyondBudget || this.#budget?.fits(bytes + shared) !== false;
  }

  /** Whether so many bytes can be lent once all else has come back. */
  fitsWhenIdle(bytes: number): boolean {
    return bytes <= this.#pool.ledger.maxBytes && bytes <= (this.#budget?.maxBytes ?? Infinity);
  }

  /** Whether so many bytes can be lent beside those of a slot of that pool, once all else has come back. */
  fitsBeside(other: Admission, held: number, bytes: number): boolean {
    const { ledger } = this.#pool;
    const own = other !== this || (ledger.target > 1 && held + bytes <= ledger.maxBytes);
    const budget = this.#budget;
    const shared =
      budget === null ||
      budget !== other.#budget ||
      (budget.maxFrames > 1 && held + bytes <= budget.maxBytes);
    return own && shared;
  }

  /** Whether what is held and promised is beyond the limits: nothing is kept then that comes back. */
  get isOverLimit(): boolean {
    return !this.#pool.ledger.hasRoomFor(0) || this.#budget?.isOverLimit === true;
  }

  /** Whether a permit for it goes beyond the budget, for the first frame of a stream whose size is not known. */
  isBeyondBudget(what: Asked): boolean {
    return this.#budget?.admits(this.#needOf(what)) === false;
  }

  /** Bytes that may be added without giving anything up. */
  get roomBytes(): number {
    const { maxBytes, bytes } = this.#pool.ledger;
    const budget = this.#budget;
    const shared = budget === null ? Infinity : budget.maxBytes - budget.bytes - budget.reserved;
    return Math.max(0, Math.min(maxBytes - bytes, shared));
  }

  /** Holders of what could be waited for: in this pool, and in those that share its budget. */
  holdersInReach(): HolderReport[] {
    const own = this.#pool.holders();
    if (this.#budget === null) return own;
    const others = [...this.#budget.lending].filter((member) => member !== this);
    return [...own, ...others.flatMap((member) => member.holders())];
  }

  /** Slots that are out in this pool and in those that share its budget. */
  get outInReach(): number {
    return this.#budget?.frames ?? this.#pool.ledger.out;
  }

  holders(): HolderReport[] {
    return this.#pool.holders();
  }

  // ---- commands ----

  /**
   * Serves those that a waiter of the pool was in the way of, if it gave up in this very task: an older listener of its signal is at work,
   * and the caller that comes from there came after them.
   */
  serveAfterAbort(): void {
    const { head } = this.waiters;
    if (head !== null && isGivenUp(head)) this.serve();
  }

  /** Gives up idle buffers, of any pool of a shared budget, for so many bytes more than are held and promised. */
  giveUpIdle(bytes: number): void {
    this.#budget?.makeRoom(Math.max(0, bytes));
  }

  /** Gives up idle buffers for the next loan. */
  makeRoom(bytes = this.frameBytes): void {
    const { driver, inventory } = this.#pool;
    if (!isBufferAllocator(driver)) {
      this.giveUpIdle(bytes);
      return;
    }
    // The buffer that would have served may be the one that goes.
    for (let last = -1; last !== inventory.idleCount;) {
      last = inventory.idleCount;
      this.giveUpIdle(last > 0 ? 0 : driver.bufferBytes);
    }
  }

  /**
   * Refuses buffers that could never be lent.
   *
   * @throws `RangeError` if one is larger than all that the pool, or all pools of its budget, may hold.
   */
  requireLendable(driver: StorageAdapter, maxBytes: number): void {
    if (!isBufferAllocator(driver)) return;
    const { bufferBytes } = driver;
    if (bufferBytes > maxBytes) {
      throw new RangeError(`maxBytes must be at least one buffer's ${bufferBytes} bytes, got ${maxBytes}`);
    }
    const shared = this.#budget?.maxBytes ?? Infinity;
    if (bufferBytes > shared) {
      throw new RangeError(
        `the budget's maxBytes must be at least one buffer's ${bufferBytes} bytes, got ${shared}`,
      );
    }
  }

  /** Tells a shared budget how large the pool's next loan is. To be called when its buffers, its frames or its state have changed. */
  noteLoanSize(): void {
    if (this.#loanSize === null) return;
    const { state, driver } = this.#pool;
    const isKnown = isBufferAllocator(driver) || this.#frameSize.isKnown;
    this.#budget?.loanSizes.change(this.#loanSize, state === 'active' && isKnown ? this.#needOf(null) : 0);
  }

  /** What a decoder's configuration tells of its frames, as long as nothing is known from a frame. */
  expectFrames(config: VideoDecoderConfig): void {
    if (this.#frameSize.expect(config)) this.serve();
  }

  /** A frame has come: the next ones are taken to be as large. */
  learnFrame(bytes: number): void {
    if (this.#frameSize.learn(bytes)) this.noteLoanSize();
  }

  /** Serves those that wait, as far as there is room. */
  serve(): void {
    if (this.#budget !== null) {
      this.#budget.serve();
      return;
    }
    // What is granted may ask to be served again.
    if (this.#serving) return;
    this.#serving = true;
    try {
      for (let next = this.findServable(); next !== null; next = this.findServable())
        this.waiters.grant(next);
    } finally {
      this.#serving = false;
    }
  }

  findServable(onNoRoom?: (place: Place) => void): Place | null {
    if (this.#pool.state !== 'active' || this.#pool.ledger.free <= 0) return null;
    for (let place = this.waiters.first; place !== null; place = place.next) {
      if (isGivenUp(place)) continue;
      const standing = this.#standingOf(place);
      if (standing === 'servable') return place;
      if (standing === 'no room in the pool') return null;
      if (standing === 'no room in the budget') onNoRoom?.(place);
      if (this.waiters.isUniform) return null;
    }
    return null;
  }

  // ---- the parts ----

  #standingOf({ waiter }: Place) {
    const what = asked(waiter);
    if (!this.#hasOwnRoom(what)) return 'no room in the pool';
    if (waiter.leavesRoom?.() === true && !this.hasRoomToSpare) return 'holds back';
    return this.#isAdmitted(what) ? 'servable' : 'no room in the budget';
  }

  /** Whether the pool itself has room. */
  #hasOwnRoom(what: Asked): boolean {
    const { ledger, driver, inventory } = this.#pool;
    if (ledger.free <= 0) return false;
    if (typeof what === 'object' && what !== null)
      return ledger.hasRoomFor(what.bufferBytes - ledger.idleBytes);
    if (isBufferAllocator(driver)) return inventory.idleCount > 0 || ledger.hasRoomFor(driver.bufferBytes);
    if (ledger.maxBytes === Infinity && (this.#budget?.maxBytes ?? Infinity) === Infinity) return true;
    // One frame may always come: whether it fits is seen when it is there.
    if (ledger.out === 0) return true;
    // Before the first frame no second one is let in by a guess.
    if (what === null && !this.#frameSize.isKnown) return false;
    return ledger.hasRoomFor(ledger.reservedBytes + (what ?? this.frameBytes));
  }

  /** Whether a shared budget has room, or lets a first frame of unknown size go beyond it. */
  #isAdmitted(what: Asked): boolean {
    const budget = this.#budget;
    if (budget === null || budget.admits(this.#needOf(what))) return true;
    const isFirst = what === null && !this.#frameSize.isKnown && !isBufferAllocator(this.#pool.driver);
    return isFirst && budget.hasFrame(1) && budget.firstFrames === 0;
  }

  #needOf(what: Asked): number {
    const { driver } = this.#pool;
    if (typeof what === 'number') return what;
    return isBufferAllocator(driver) ? (what ?? driver).bufferBytes : this.frameBytes;
  }

  #onQueueChanged(change: Change): void {
    const budget = this.#budget;
    budget?.moveInLine(this.#position, this.waiters.head?.arrival ?? Infinity);
    if (change === 'gave up') this.serve();
    // The newest only: those before have been looked at when they came, or when room came back.
    else if (change === 'joined' && budget !== null) this.#noteNewest(budget);
  }

  #noteNewest(budget: Budget): void {
    const { newest } = this.waiters;
    if (newest === null || this.#pool.state !== 'active') return;
    if (this.#standingOf(newest) === 'no room in the budget') budget.noteNoRoom(newest, this);
  }

  #account(): void {
    const budget = this.#budget;
    if (budget === null) return;
    const { sums } = this.#pool.ledger;
    budget.change(this.#sums, sums);
    this.#sums = sums;
    if (sums.frames > 0) budget.lending.add(this);
    else budget.lending.delete(this);
  }
}
