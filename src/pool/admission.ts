/** Admission control of a pool: grants loans by the pool's own limits, its shared budget and the order of the waiters. */
import type { Clock } from '../base/clock.ts';
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

/** The parts of a pool that admission needs. */
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
 * The subject of a request: the bytes of an existing frame, a storage whose buffers should replace the pool's, or null for a loan
 * of the pool's usual size.
 */
export type Asked = number | BufferAllocator | null;

const asked = ({ bytes, wanted }: Waiter): Asked => bytes ?? wanted?.() ?? null;

/** A pool's admission control, and its membership in a shared budget. Without a budget only the pool's own limits apply. */
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

  // ---- queries: they change no state ----

  /** Bytes for which a permit is granted: those of the last frame, or a guess before the first frame. */
  get frameBytes(): number {
    return this.#frameSize.bytes;
  }

  /** Whether a new caller gets a loan of the usual size without a wait. */
  get hasRoom(): boolean {
    return this.canGrantNow(null);
  }

  /** Whether a new caller's request can be granted without a wait. */
  canGrantNow(what: Asked): boolean {
    return this.isUnclaimed && this.#hasOwnRoom(what) && this.#isAdmitted(what);
  }

  /** As `hasHeadroom()`, for a loan of the usual size. */
  get hasRoomToSpare(): boolean {
    return this.hasHeadroom(this.#needOf(null));
  }

  /**
   * Whether a shared budget has room for a loan of `bytes` and for one more loan, the largest that any of its pools makes.
   * Callers that read ahead check this: other holders may need one more loan before they can release the loans that they have.
   */
  hasHeadroom(bytes: number): boolean {
    const budget = this.#budget;
    return budget === null || (!budget.isAwaited && budget.hasRoomBeside(bytes, 1));
  }

  /** Whether a shared budget still has room for the largest loan once a frame adds `bytes`. `isNew`: the frame has no permit. */
  leavesHeadroom(bytes: number, isNew: boolean): boolean {
    return this.#budget?.hasRoomBeside(bytes, isNew ? 1 : 0) !== false;
  }

  /** Whether a new caller would pass no waiter, except waiters for which only a shared budget has no room. */
  get isUnclaimed(): boolean {
    for (let place = this.waiters.first; place !== null; place = place.next) {
      if (isGivenUp(place)) continue;
      const standing = this.#standingOf(place);
      if (standing === 'servable' || standing === 'no room in the pool') return false;
      if (this.waiters.isUniform) return true;
    }
    return true;
  }

  /** Whether a slot is free for an existing frame; `fits()` checks the bytes of the frame. */
  get hasFreeSlot(): boolean {
    return this.isUnclaimed && this.#pool.ledger.free > 0 && this.#budget?.hasFrame(1) !== false;
  }

  /**
   * Whether a frame of `bytes` is within the limits.
   *
   * @param promised - Bytes for which the frame's permit was granted; 0 without a permit.
   * @param mayGoBeyondBudget - Whether the permit is for a first frame of unknown size: then only the pool's own limits apply.
   */
  fits(bytes: number, promised = 0, mayGoBeyondBudget = false): boolean {
    const { ledger } = this.#pool;
    // Bytes reserved for outstanding permits are unavailable; those of the frame's own permit are for this frame.
    const own = this.#frameSize.isKnown ? ledger.reservedBytes - promised : 0;
    if (!ledger.hasRoomFor(bytes + own) || !this.fitsWhenIdle(bytes)) return false;
    const shared = (this.#budget?.reserved ?? 0) - promised;
    return mayGoBeyondBudget || this.#budget?.fits(bytes + shared) !== false;
  }

  /** Whether `bytes` can be lent once every other loan is released. */
  fitsWhenIdle(bytes: number): boolean {
    return bytes <= this.#pool.ledger.maxBytes && bytes <= (this.#budget?.maxBytes ?? Infinity);
  }

  /** Whether `bytes` can be lent beside a slot of `other` that holds `held` bytes, once every other loan is released. */
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

  /** Whether held and reserved bytes are over a limit: a buffer that is released then is freed, not kept idle. */
  get isOverLimit(): boolean {
    return !this.#pool.ledger.hasRoomFor(0) || this.#budget?.isOverLimit === true;
  }

  /** Whether a permit would exceed the budget, as one for a stream's first frame of unknown size may. */
  isBeyondBudget(what: Asked): boolean {
    return this.#budget?.admits(this.#needOf(what)) === false;
  }

  /** Bytes that can be added without freeing an idle buffer. */
  get roomBytes(): number {
    const { maxBytes, bytes } = this.#pool.ledger;
    const budget = this.#budget;
    const shared = budget === null ? Infinity : budget.maxBytes - budget.bytes - budget.reserved;
    return Math.max(0, Math.min(maxBytes - bytes, shared));
  }

  /** Holders whose release can end a wait: those of this pool and of the pools that share its budget. */
  holdersInReach(): HolderReport[] {
    const own = this.#pool.holders();
    if (this.#budget === null) return own;
    const others = [...this.#budget.lending].filter((member) => member !== this);
    return [...own, ...others.flatMap((member) => member.holders())];
  }

  /** Number of slots lent or reserved in this pool and in the pools that share its budget. */
  get outInReach(): number {
    return this.#budget?.frames ?? this.#pool.ledger.out;
  }

  holders(): HolderReport[] {
    return this.#pool.holders();
  }

  // ---- commands ----

  /**
   * Serves the waiters behind an aborted waiter before a new caller is considered. The caller may be an abort listener that was
   * added before the queue's own: the aborted waiter is still queued then, and the waiters behind it arrived before the caller.
   */
  serveAfterAbort(): void {
    const { head } = this.waiters;
    if (head !== null && isGivenUp(head)) this.serve();
  }

  /** Frees idle buffers of any pool of a shared budget until `bytes` fit beside the held and reserved bytes. */
  giveUpIdle(bytes: number): void {
    this.#budget?.makeRoom(Math.max(0, bytes));
  }

  /** Frees idle buffers to make room for the next loan. */
  makeRoom(bytes = this.frameBytes): void {
    const { driver, inventory } = this.#pool;
    if (!isBufferAllocator(driver)) {
      this.giveUpIdle(bytes);
      return;
    }
    // A freed buffer may be this pool's last idle one, which the loan would have used: check again.
    for (let last = -1; last !== inventory.idleCount;) {
      last = inventory.idleCount;
      this.giveUpIdle(last > 0 ? 0 : driver.bufferBytes);
    }
  }

  /**
   * Rejects buffers that could never be lent.
   *
   * @throws `RangeError` if one buffer is larger than the `maxBytes` of the pool or of its budget.
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

  /** Reports the size of the pool's next loan to a shared budget. Call it after its buffers, frame size or state change. */
  noteLoanSize(): void {
    if (this.#loanSize === null) return;
    const { state, driver } = this.#pool;
    const isKnown = isBufferAllocator(driver) || this.#frameSize.isKnown;
    this.#budget?.loanSizes.change(this.#loanSize, state === 'active' && isKnown ? this.#needOf(null) : 0);
  }

  /** Takes a guess of the frame size from a decoder's configuration. Ignored once a frame's size is known. */
  expectFrames(config: VideoDecoderConfig): void {
    if (this.#frameSize.expect(config)) this.serve();
  }

  /** Records the size of a frame; the next frames are expected to have the same size. */
  learnFrame(bytes: number): void {
    if (this.#frameSize.learn(bytes)) this.noteLoanSize();
  }

  /** Serves waiters in order as long as there is room. */
  serve(): void {
    if (this.#budget !== null) {
      this.#budget.serve();
      return;
    }
    // A granted waiter may call this again.
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

  // ---- internals ----

  #standingOf({ waiter }: Place) {
    const what = asked(waiter);
    if (!this.#hasOwnRoom(what)) return 'no room in the pool';
    if (waiter.leavesRoom?.() === true && !this.hasRoomToSpare) return 'holds back';
    return this.#isAdmitted(what) ? 'servable' : 'no room in the budget';
  }

  /** Whether the pool's own limits allow the loan. */
  #hasOwnRoom(what: Asked): boolean {
    const { ledger, driver, inventory } = this.#pool;
    if (ledger.free <= 0) return false;
    if (typeof what === 'object' && what !== null)
      return ledger.hasRoomFor(what.bufferBytes - ledger.idleBytes);
    if (isBufferAllocator(driver)) return inventory.idleCount > 0 || ledger.hasRoomFor(driver.bufferBytes);
    if (ledger.maxBytes === Infinity && (this.#budget?.maxBytes ?? Infinity) === Infinity) return true;
    // While no slot is out, the pool always allows one frame: whether it fits is checked when it exists.
    if (ledger.out === 0) return true;
    // Until the first frame shows the size, a guess is not enough for a second permit.
    if (what === null && !this.#frameSize.isKnown) return false;
    return ledger.hasRoomFor(ledger.reservedBytes + (what ?? this.frameBytes));
  }

  /** Whether a shared budget has room, or allows a first frame of unknown size to exceed it. */
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
    // Only the newest: earlier waiters were checked when they joined or when room became free.
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
