/** Limits of a pool and of its shared budget, in slots and bytes, and the room that they leave. */
import type { Budget, LoanSize } from './budget.ts';
import { FrameSize } from './frame-size.ts';
import type { Inventory } from './inventory.ts';
import type { Ledger } from './ledger.ts';
import type { StorageAdapter } from './storage.ts';
import { isBufferAllocator } from './storage.ts';

/** The parts of a pool that its limits apply to. */
export interface LimitedPool {
  readonly state: string;
  readonly adapter: StorageAdapter;
  readonly ledger: Ledger;
  readonly inventory: Inventory;
}

/**
 * The room that a caller requests: the bytes of an existing frame, a storage whose buffers should replace the pool's, or null for
 * a loan of the pool's usual size.
 */
export type LoanRequest = number | { readonly bufferBytes: number } | null;

/** Permit of a frame, as its slot describes it. */
type PermittedSlot = { readonly reservedBytes: number; readonly isFirstFrame: boolean };

const WITHOUT_PERMIT: PermittedSlot = { reservedBytes: 0, isFirstFrame: false };

/** Limits of one pool and its budget. Independent of callers and waiters. Without a budget only the pool's own limits apply. */
export class Limits {
  readonly #pool: LimitedPool;
  readonly #budget: Budget | null;
  readonly #loanSize: LoanSize | null;
  readonly #frameSize: FrameSize;

  constructor(pool: LimitedPool, budget: Budget | null) {
    this.#pool = pool;
    this.#budget = budget;
    this.#loanSize = budget?.loanSizes.enter(this) ?? null;
    this.#frameSize = new FrameSize(budget?.maxBytes ?? Infinity);
  }

  // ---- questions: they change no state ----

  /** Whether the pool's own limits allow a loan now. */
  fitsPool(request: LoanRequest): boolean {
    const { ledger, adapter, inventory } = this.#pool;
    if (ledger.free <= 0) return false;
    if (typeof request === 'object' && request !== null)
      return ledger.hasRoomFor(request.bufferBytes - ledger.idleBytes);
    if (isBufferAllocator(adapter)) return inventory.idleCount > 0 || ledger.hasRoomFor(adapter.bufferBytes);
    if (ledger.maxBytes === Infinity && (this.#budget?.maxBytes ?? Infinity) === Infinity) return true;
    // While no slot is out, the pool always allows one frame: whether it fits is checked when it exists.
    if (ledger.out === 0) return true;
    // Until the first frame shows the size, a guess is not enough for a second permit.
    if (request === null && !this.#frameSize.isKnown) return false;
    return ledger.hasRoomFor(ledger.reservedBytes + (request ?? this.frameBytes));
  }

  /** Whether the shared budget allows a loan now. A first frame of unknown size may exceed it, one such frame at a time. */
  fitsBudget(request: LoanRequest): boolean {
    const budget = this.#budget;
    if (budget === null || !this.exceedsBudget(request)) return true;
    const isFirst = request === null && !this.#frameSize.isKnown && !isBufferAllocator(this.#pool.adapter);
    return isFirst && budget.hasSlots(1) && budget.firstFrames === 0;
  }

  /** Whether the shared budget has no room for a loan now, also if it is for a first frame of unknown size. */
  exceedsBudget(request: LoanRequest): boolean {
    return this.#budget?.canLend(this.bytesOf(request)) === false;
  }

  /**
   * Whether the bytes of an existing frame are within the limits now.
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

  /** Whether `bytes` can be lent once every loan is released but one: of `held` bytes, in the pool that `other` applies to. */
  fitsBeside(other: Limits, held: number, bytes: number): boolean {
    const { ledger } = this.#pool;
    const budget = this.#budget;
    if (other === this && (ledger.target === 1 || held + bytes > ledger.maxBytes)) return false;
    if (budget === null || budget !== other.#budget) return true;
    return budget.maxFrames > 1 && held + bytes <= budget.maxBytes;
  }

  /** Whether the budget still has room for its largest loan after a frame adds `bytes`. `frames` is 0 for one with a permit. */
  leavesHeadroom(bytes: number, frames: 0 | 1): boolean {
    return this.#budget?.leavesHeadroom(bytes, frames) !== false;
  }

  /** Whether held and reserved bytes are over a limit: a buffer that is released then is freed, not kept idle. */
  get isOverLimit(): boolean {
    return !this.#pool.ledger.hasRoomFor(0) || this.#budget?.isOverLimit === true;
  }

  /** Bytes for which a permit is granted: those of the last frame, or a guess before the first frame. */
  get frameBytes(): number {
    return this.#frameSize.bytes;
  }

  /** Bytes that a loan adds, as far as they are known. */
  bytesOf(request: LoanRequest): number {
    const { adapter } = this.#pool;
    if (typeof request === 'number') return request;
    return isBufferAllocator(adapter) ? (request ?? adapter).bufferBytes : this.frameBytes;
  }

  /** Bytes that can be added without freeing an idle buffer. */
  get roomBytes(): number {
    const { maxBytes, bytes } = this.#pool.ledger;
    const budget = this.#budget;
    const shared = budget === null ? Infinity : budget.maxBytes - budget.bytes - budget.reserved;
    return Math.max(0, Math.min(maxBytes - bytes, shared));
  }

  /** @throws `RangeError` if one buffer of the storage is larger than `maxBytes` or than the budget. */
  requireLendable(adapter: StorageAdapter, maxBytes: number): void {
    if (!isBufferAllocator(adapter)) return;
    const { bufferBytes } = adapter;
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

  // ---- commands ----

  /** Frees idle buffers of any pool of the budget until `bytes` fit beside the held and reserved bytes. */
  makeRoomForFrame(bytes: number): void {
    this.#budget?.makeRoom(Math.max(0, bytes));
  }

  /** Frees idle buffers of any pool of the budget to make room for the next buffer. */
  makeRoomForBuffer(): void {
    const { inventory } = this.#pool;
    // A freed buffer may be this pool's last idle one, which the loan would have used: check again.
    for (let last = -1; last !== inventory.idleCount;) {
      last = inventory.idleCount;
      this.#budget?.makeRoom(last > 0 ? 0 : this.bytesOf(null));
    }
  }

  /** Reports the size of the pool's next loan to the budget. Call it after the pool's buffers, frame size or state change. */
  noteLoanSize(): void {
    if (this.#loanSize === null) return;
    const { state, adapter } = this.#pool;
    const isKnown = isBufferAllocator(adapter) || this.#frameSize.isKnown;
    this.#budget?.loanSizes.change(this.#loanSize, state === 'active' && isKnown ? this.bytesOf(null) : 0);
  }

  /**
   * Takes a guess of the frame size from a decoder's configuration, unless a frame's size is known.
   *
   * @returns Whether the guess has changed.
   */
  expectFrames(config: VideoDecoderConfig): boolean {
    return this.#frameSize.expect(config);
  }

  /** Records the size of a frame; the next frames are expected to have the same size. */
  learnFrame(bytes: number): void {
    if (this.#frameSize.learn(bytes)) this.noteLoanSize();
  }
}
