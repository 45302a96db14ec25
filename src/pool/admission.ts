/** Admission control of a pool: grants loans by the limits and in the order of the waiters. */
import type { Clock } from '../base/clock.ts';
import type { Budget, LinePlace, Member } from './budget.ts';
import type { HolderReport } from './holders.ts';
import type { LedgerTotals } from './ledger.ts';
import type { LimitedPool, Limits, LoanRequest } from './limits.ts';
import type { QueueChange, QueueEntry, Waiter } from './wait-queue.ts';
import { WaitQueue } from './wait-queue.ts';

/** The parts of a pool that admission needs. */
interface AdmissionHost extends LimitedPool {
  readonly name: string;
  readonly clock: Clock;
  readonly limits: Limits;
  holders(): HolderReport[];
}

/**
 * The room that a waiter still lacks: in its own pool, in the budget for one more loan besides its own, or in the budget. `null` if
 * the waiter can be served.
 */
type LackingRoom = 'pool' | 'headroom' | 'budget' | null;

/** A pool's queue of waiters, and the pool's membership in a shared budget. */
export class Admission implements Member {
  readonly waiters: WaitQueue;
  readonly #pool: AdmissionHost;
  readonly #budget: Budget | null;
  readonly #place: LinePlace = { member: this, arrival: Infinity, previous: null, next: null };
  #totals: LedgerTotals;
  #isServing = false;

  constructor(pool: AdmissionHost, budget: Budget | null) {
    this.#pool = pool;
    this.#budget = budget;
    this.#totals = pool.ledger.sharedTotals;
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

  get isFull(): boolean {
    const { state, ledger } = this.#pool;
    return state !== 'active' || ledger.free <= 0;
  }

  /** Whether a new caller's request can be granted without a wait. Call `pruneAborted()` first. */
  canGrantNow(request: LoanRequest = null): boolean {
    const { limits } = this.#pool;
    return !this.hasPriorWaiter && limits.fitsPool(request) && limits.fitsBudget(request);
  }

  /** Whether a slot is free for an existing frame. `limits.fitsNow()` checks the bytes of the frame. */
  get hasFreeSlot(): boolean {
    return !this.hasPriorWaiter && this.#pool.ledger.free > 0 && this.#budget?.hasSlots(1) !== false;
  }

  /** Whether a new caller has to wait for a waiter of this pool. Waiters for which only the budget has no room are overtaken. */
  get hasPriorWaiter(): boolean {
    return this.#front() !== null;
  }

  /**
   * Whether a caller may read ahead: whether a shared budget has room for a loan of `bytes` and for one more loan, the largest that
   * any of its pools makes. Other holders may need one more loan before they can release the loans that they have.
   */
  hasHeadroom(bytes = this.#pool.limits.bytesOf(null)): boolean {
    return this.#budget?.isAwaited !== true && this.#pool.limits.leavesHeadroom(bytes, 1);
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
    if (this.isFull) return null;
    const front = this.#front(onNoRoom);
    return front !== null && this.#pool.limits.fitsPool(requestOf(front.waiter)) ? front : null;
  }

  // ---- commands ----

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

  /** Takes a guess of the frame size from a decoder's configuration. Waiters may have room then. */
  expectFrames(config: VideoDecoderConfig): void {
    if (this.#pool.limits.expectFrames(config)) this.serve();
  }

  // ---- internals ----

  /** The oldest waiter that no later caller overtakes: it can be served now, or waits for room in its own pool. */
  #front(onNoRoom?: (entry: QueueEntry) => void): QueueEntry | null {
    for (let entry = this.waiters.first; entry !== null; entry = entry.next) {
      const room = this.#roomLackedBy(entry.waiter);
      if (room === null || room === 'pool') return entry;
      if (room === 'budget') onNoRoom?.(entry);
      if (this.waiters.isUniform) return null;
    }
    return null;
  }

  #roomLackedBy(waiter: Waiter): LackingRoom {
    const { limits } = this.#pool;
    const request = requestOf(waiter);
    if (!limits.fitsPool(request)) return 'pool';
    if (waiter.keepsHeadroom?.() === true && !this.hasHeadroom()) return 'headroom';
    return limits.fitsBudget(request) ? null : 'budget';
  }

  /** Serves one waiter. Returns false if there is none. */
  #serveNext(): boolean {
    this.pruneAborted();
    const next = this.nextGrantable();
    if (next !== null) this.waiters.wake(next);
    return next !== null;
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
    if (this.#roomLackedBy(last.waiter) === 'budget') budget.noteNoRoom(last, this);
  }

  #account(budget: Budget): void {
    const { sharedTotals } = this.#pool.ledger;
    budget.change(this.#totals, sharedTotals);
    this.#totals = sharedTotals;
    if (sharedTotals.frames > 0) budget.lending.add(this);
    else budget.lending.delete(this);
  }
}

const requestOf = ({ bytesNeeded, targetStorage }: Waiter): LoanRequest =>
  bytesNeeded ?? targetStorage?.() ?? null;
