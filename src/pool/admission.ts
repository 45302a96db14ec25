/** Admission control of a pool: grants loans by the pool's own limits, its shared budget and the order of the waiters. */
import type { Clock } from '../base/clock.ts';
import type { Budget, LinePlace, LoanSize, Member } from './budget.ts';
import { FrameSize } from './frame-size.ts';
import type { HolderReport } from './holders.ts';
import type { Inventory } from './inventory.ts';
import type { Ledger, LedgerTotals } from './ledger.ts';
import type { StorageAdapter } from './storage.ts';
import { isBufferAllocator } from './storage.ts';
import type { QueueChange, QueueEntry, Waiter } from './wait-queue.ts';
import { WaitQueue } from './wait-queue.ts';

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
 * The room that a caller requests: the bytes of an existing frame, a storage whose buffers should replace the pool's, or null for
 * a loan of the pool's usual size.
 */
type LoanRequest = number | { readonly bufferBytes: number } | null;

/**
 * What a waiter waits for. `'nothing'`: it can be granted. `'pool'`: room in its own pool. `'headroom'`: room in the budget for one
 * more loan besides its own. `'budget'`: room in the budget.
 */
type AwaitedRoom = 'nothing' | 'pool' | 'headroom' | 'budget';

/** Permit of a frame, as its slot describes it. */
type PermittedSlot = { readonly reservedBytes: number; readonly isFirstFrame: boolean };

const WITHOUT_PERMIT: PermittedSlot = { reservedBytes: 0, isFirstFrame: false };

/** A pool's admission control, and its membership in a shared budget. Without a budget only the pool's own limits apply. */
export class Admission implements Member {
  readonly waiters: WaitQueue;
  readonly #pool: AdmissionHost;
  readonly #budget: Budget | null;
  readonly #place: LinePlace = { member: this, arrival: Infinity, previous: null, next: null };
  readonly #loanSize: LoanSize | null;
  #totals: LedgerTotals;
  readonly #frameSize: FrameSize;
  #isServing = false;

  constructor(pool: AdmissionHost, budget: Budget | null) {
    this.#pool = pool;
    this.#budget = budget;
    this.#totals = pool.ledger.sums;
    this.#loanSize = budget?.loanSizes.enter(this) ?? null;
    this.#frameSize = new FrameSize(budget?.maxBytes ?? Infinity);
    this.waiters = new WaitQueue((change) => this.#onQueueChange(change));
    if (budget !== null) pool.ledger.onChange = () => this.#account(budget);
  }

  get name(): string {
    return this.#pool.name;
  }
  get clock(): Clock {
    return this.#pool.clock;
  }

  // ---- questions: they change no state ----

  /** Whether a new caller's request can be granted without a wait. Call `pruneAborted()` first. */
  canGrantNow(request: LoanRequest = null): boolean {
    return !this.hasPriorWaiter && this.#poolHasRoom(request) && this.#budgetHasRoom(request);
  }

  /** Whether a new caller has to wait for a waiter of this pool. Waiters for which only the budget has no room are overtaken. */
  get hasPriorWaiter(): boolean {
    return this.#front() !== null;
  }

  /** Whether a slot is free for an existing frame; `fitsNow()` checks the bytes of the frame. */
  get hasFreeSlot(): boolean {
    return !this.hasPriorWaiter && this.#pool.ledger.free > 0 && this.#budget?.hasSlots(1) !== false;
  }

  /**
   * Whether a frame of `bytes` is within the limits.
   *
   * @param slot - Slot of the frame's permit. The permit of a first frame of unknown size may exceed the budget.
   */
  fitsNow(bytes: number, { reservedBytes, isFirstFrame } = WITHOUT_PERMIT): boolean {
    const { ledger } = this.#pool;
    // Bytes reserved for outstanding permits are unavailable; those of the frame's own permit are for this frame.
    const own = this.#frameSize.isKnown ? ledger.reservedBytes - reservedBytes : 0;
    if (!ledger.hasRoomFor(bytes + own) || !this.fitsWhenIdle(bytes)) return false;
    const shared = (this.#budget?.reserved ?? 0) - reservedBytes;
    return isFirstFrame || this.#budget?.hasRoomFor(bytes + shared) !== false;
  }

  /** Whether `bytes` can be lent once every other loan is released. */
  fitsWhenIdle(bytes: number): boolean {
    return bytes <= this.#pool.ledger.maxBytes && bytes <= (this.#budget?.maxBytes ?? Infinity);
  }

  /** Whether `bytes` can be lent beside a slot of `other` that holds `held` bytes, once every other loan is released. */
  fitsBeside(other: Admission, held: number, bytes: number): boolean {
    const { ledger } = this.#pool;
    const budget = this.#budget;
    if (other === this && (ledger.target === 1 || held + bytes > ledger.maxBytes)) return false;
    if (budget === null || budget !== other.#budget) return true;
    return budget.maxFrames > 1 && held + bytes <= budget.maxBytes;
  }

  /**
   * Whether a caller may read ahead: whether a shared budget has room for a loan of `bytes` and for one more loan, the largest that
   * any of its pools makes. Other holders may need one more loan before they can release the loans that they have.
   */
  hasHeadroom(bytes = this.#bytesOf(null)): boolean {
    return this.#budget?.isAwaited !== true && this.leavesHeadroom(bytes, 1);
  }

  /** Whether a shared budget still has room for the largest loan after a frame adds `bytes`. `frames` is 0 for one with a permit. */
  leavesHeadroom(bytes: number, frames: 0 | 1): boolean {
    return this.#budget?.leavesHeadroom(bytes, frames) !== false;
  }

  /** Whether held and reserved bytes are over a limit: a buffer that is released then is freed, not kept idle. */
  get isOverLimit(): boolean {
    return !this.#pool.ledger.hasRoomFor(0) || this.#budget?.isOverLimit === true;
  }

  /** Whether a permit would exceed the budget, as one for a stream's first frame of unknown size may. */
  exceedsBudget(request: LoanRequest): boolean {
    return this.#budget?.canLend(this.#bytesOf(request)) === false;
  }

  /** Bytes for which a permit is granted: those of the last frame, or a guess before the first frame. */
  get frameBytes(): number {
    return this.#frameSize.bytes;
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

  nextGrantable(onNoRoom?: (entry: QueueEntry) => void): QueueEntry | null {
    if (this.#pool.state !== 'active') return null;
    const front = this.#front(onNoRoom);
    return front !== null && this.#poolHasRoom(requestOf(front.waiter)) ? front : null;
  }

  // ---- commands ----

  /** Frees idle buffers of any pool of a shared budget until `bytes` fit beside the held and reserved bytes. */
  makeRoomForFrame(bytes: number): void {
    this.#budget?.makeRoom(Math.max(0, bytes));
  }

  /** Frees idle buffers of any pool of a shared budget to make room for the next buffer. */
  makeRoomForBuffer(): void {
    const { inventory } = this.#pool;
    // A freed buffer may be this pool's last idle one, which the loan would have used: check again.
    for (let last = -1; last !== inventory.idleCount;) {
      last = inventory.idleCount;
      this.#budget?.makeRoom(last > 0 ? 0 : this.#bytesOf(null));
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
    this.#budget?.loanSizes.change(this.#loanSize, state === 'active' && isKnown ? this.#bytesOf(null) : 0);
  }

  /** Takes a guess of the frame size from a decoder's configuration. Ignored once a frame's size is known. */
  expectFrames(config: VideoDecoderConfig): void {
    if (this.#frameSize.expect(config)) this.serve();
  }

  /** Records the size of a frame; the next frames are expected to have the same size. */
  learnFrame(bytes: number): void {
    if (this.#frameSize.learn(bytes)) this.noteLoanSize();
  }

  /**
   * Rejects aborted waiters that a new caller must not overtake, and serves the waiters behind them. The caller may be an abort
   * listener that was added before the queue's own: the aborted waiter is still queued then.
   *
   * @returns Whether there was such a waiter.
   */
  pruneAborted(): boolean {
    let hasPruned = false;
    for (let front = this.#front(); front !== null && this.waiters.pruneAborted(front); front = this.#front())
      hasPruned = true;
    return hasPruned;
  }

  /** Serves waiters in order as long as there is room. */
  serve(): void {
    if (this.#budget !== null) {
      this.#budget.serve();
      return;
    }
    // A granted waiter may call this again.
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      let isDone = false;
      while (!isDone) isDone = !this.#serveNext();
    } finally {
      this.#isServing = false;
    }
  }

  // ---- internals ----

  /** Serves one waiter. Returns false if there is none. */
  #serveNext(): boolean {
    this.pruneAborted();
    const next = this.nextGrantable();
    if (next !== null) this.waiters.wake(next);
    return next !== null;
  }

  /** The oldest waiter that no later caller overtakes: it can be granted now, or waits for room in the pool. */
  #front(onNoRoom?: (entry: QueueEntry) => void): QueueEntry | null {
    for (let entry = this.waiters.first; entry !== null; entry = entry.next) {
      const room = this.#roomAwaitedBy(entry.waiter);
      if (room === 'nothing' || room === 'pool') return entry;
      if (room === 'budget') onNoRoom?.(entry);
      if (this.waiters.isUniform) return null;
    }
    return null;
  }

  #roomAwaitedBy(waiter: Waiter): AwaitedRoom {
    const request = requestOf(waiter);
    if (!this.#poolHasRoom(request)) return 'pool';
    if (waiter.keepsHeadroom?.() === true && !this.hasHeadroom()) return 'headroom';
    return this.#budgetHasRoom(request) ? 'nothing' : 'budget';
  }

  /** Whether the pool's own limits allow the loan. */
  #poolHasRoom(request: LoanRequest): boolean {
    const { ledger, driver, inventory } = this.#pool;
    if (ledger.free <= 0) return false;
    if (typeof request === 'object' && request !== null)
      return ledger.hasRoomFor(request.bufferBytes - ledger.idleBytes);
    if (isBufferAllocator(driver)) return inventory.idleCount > 0 || ledger.hasRoomFor(driver.bufferBytes);
    if (ledger.maxBytes === Infinity && (this.#budget?.maxBytes ?? Infinity) === Infinity) return true;
    // While no slot is out, the pool always allows one frame: whether it fits is checked when it exists.
    if (ledger.out === 0) return true;
    // Until the first frame shows the size, a guess is not enough for a second permit.
    if (request === null && !this.#frameSize.isKnown) return false;
    return ledger.hasRoomFor(ledger.reservedBytes + (request ?? this.frameBytes));
  }

  /** Whether a shared budget has room, or allows a first frame of unknown size to exceed it. */
  #budgetHasRoom(request: LoanRequest): boolean {
    const budget = this.#budget;
    if (budget === null || budget.canLend(this.#bytesOf(request))) return true;
    const isFirst = request === null && !this.#frameSize.isKnown && !isBufferAllocator(this.#pool.driver);
    return isFirst && budget.hasSlots(1) && budget.firstFrames === 0;
  }

  #bytesOf(request: LoanRequest): number {
    const { driver } = this.#pool;
    if (typeof request === 'number') return request;
    return isBufferAllocator(driver) ? (request ?? driver).bufferBytes : this.frameBytes;
  }

  #onQueueChange(change: QueueChange): void {
    const budget = this.#budget;
    budget?.moveInLine(this.#place, this.waiters.first?.arrival ?? Infinity);
    if (change === 'cancelled') this.serve();
    // Only the newest: earlier waiters were checked when they were enqueued or when room became free.
    else if (change === 'enqueued' && budget !== null) this.#noteNewest(budget);
  }

  #noteNewest(budget: Budget): void {
    const { last } = this.waiters;
    if (last === null || this.#pool.state !== 'active') return;
    if (this.#roomAwaitedBy(last.waiter) === 'budget') budget.noteNoRoom(last, this);
  }

  #account(budget: Budget): void {
    const { sums } = this.#pool.ledger;
    budget.change(this.#totals, sums);
    this.#totals = sums;
    if (sums.frames > 0) budget.lending.add(this);
    else budget.lending.delete(this);
  }
}

const requestOf = ({ bytesNeeded, targetStorage }: Waiter): LoanRequest =>
  bytesNeeded ?? targetStorage?.() ?? null;
