/** Who may have a slot: the pool's own room, the budget that it shares, and the order of those who wait. */
import type { Budget, Member, Share } from './budget.ts';
import type { HolderReport } from './holders.ts';
import type { Inventory } from './inventory.ts';
import type { Ledger } from './ledger.ts';
import type { BufferAllocator, StorageAdapter } from './storage.ts';
import type { Slot } from './slot.ts';
import { isBufferAllocator } from './storage.ts';
import type { Change } from './waiters.ts';
import { Waiters } from './waiters.ts';

/** What admission asks of its pool. */
interface Gatekeeper {
  readonly state: string;
  readonly driver: StorageAdapter;
  readonly ledger: Ledger;
  readonly inventory: Inventory;
  holders(): HolderReport[];
}

/** What a frame of unknown size is taken for: 1080p at four bytes a pixel, as Firefox and GPUs hold it. */
const UNKNOWN_FRAME_BYTES = 1920 * 1080 * 4;

const NOTHING: Share = { bytes: 0, reserved: 0, idleBytes: 0, allowed: 0, allowedBytes: 0, frames: 0 };

/** A pool's side of the budget, or of nothing but its own limits where it shares none. */
export class Admission implements Member {
  readonly waiters: Waiters;
  readonly #pool: Gatekeeper;
  readonly #budget: Budget | null;
  #share = NOTHING;
  /** What the last frame pinned: the best guess for the next one, on which permits are granted where bytes are limited. */
  frameBytes: number;
  #frameBytesKnown = false;
  #serving = false;

  constructor(pool: Gatekeeper, budget: Budget | null) {
    this.#pool = pool;
    this.#budget = budget;
    this.frameBytes = this.#guess(UNKNOWN_FRAME_BYTES);
    this.waiters = new Waiters((change) => this.#onQueueChanged(change));
    if (budget !== null) pool.ledger.onChange = () => this.#account();
  }

  /** Whether the next one to ask may have a slot at once. Nobody passes those who wait. */
  get hasRoom(): boolean {
    // All pools are looked at only where there is something to have. Who goes then makes no room, but others may take it.
    return this.#hasRoomLeft && this.isUnclaimed && this.#hasRoomLeft;
  }

  /** As `hasRoom`, for buffers of another storage than the pool has: its idle ones would go for them. */
  hasRoomForOneOf(wanted: BufferAllocator): boolean {
    return this.isUnclaimed && this.#ownRoom(wanted) && this.#budget?.admits(wanted.bufferBytes) !== false;
  }

  /**
   * Whether a shared budget has room for one more besides the next one, of whatever pool. Who takes what is needed later
   * keeps to that: others may hold something, and need one more to let it go.
   */
  get hasRoomToSpare(): boolean {
    if (!this.#hasRoomForTwo) return false;
    this.#budget?.dismiss();
    return this.#hasRoomForTwo;
  }

  /** Whether a shared budget has room for one more besides a frame of so many bytes more, on a permit or not. */
  hasRoomBeside(bytes: number, isNew: boolean): boolean {
    return this.#budget?.hasRoomBeside(bytes, isNew ? 1 : 0) !== false;
  }

  /** Whether nobody waits before whoever comes now. One whose signal has fired waits no more, whoever hears of it first. */
  get isUnclaimed(): boolean {
    // The budget is asked first: who goes in another pool may let those be served who wait in this one.
    return this.#budget?.isQueued !== true && this.waiters.first === null;
  }

  /** As `hasRoom`, for a frame that is there already: its own size is asked by `fits()`. */
  get hasFreeSlot(): boolean {
    const budget = this.#budget;
    if (!this.isUnclaimed || this.#pool.ledger.free <= 0) return false;
    return budget === null || budget.hasFrame(1);
  }

  /** Whether a frame of so many bytes may be kept, in this slot that a permit reserved, and what must go for it is given up then. */
  fits(bytes: number, reserved: Slot | null): boolean {
    const { ledger } = this.#pool;
    // Nobody takes what was promised to the permits that are out; a frame on one of them is what its promise was for.
    const promised = reserved?.reservedBytes ?? 0;
    const own = this.#frameBytesKnown ? ledger.reservedBytes - promised : 0;
    const shared = (this.#budget?.reserved ?? 0) - promised;
    if (!ledger.hasRoomFor(bytes + own) || this.#budget?.fits(bytes + shared) === false) return false;
    this.giveUpIdle(bytes - promised);
    return true;
  }

  /** Whether so many bytes can ever be lent, when all else has come back. */
  couldFit(bytes: number): boolean {
    return bytes <= this.#pool.ledger.maxBytes && bytes <= (this.#budget?.maxBytes ?? Infinity);
  }

  /** Whether so many bytes can ever be lent beside those of a slot of that pool, when all else has come back. */
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

  /** Whether what is held and promised is within the limits: beyond them nothing is kept that comes back. */
  get isWithin(): boolean {
    const budget = this.#budget;
    return (
      this.#pool.ledger.hasRoomFor(0) &&
      (budget === null || budget.bytes + budget.reserved <= budget.maxBytes)
    );
  }

  /** Gives up idle buffers, of any pool of a shared budget, for so many bytes more than are held and promised. */
  giveUpIdle(bytes: number): void {
    this.#budget?.makeRoom(Math.max(0, bytes));
  }

  /** Gives up idle buffers for the next loan. */
  makeRoom(): void {
    const { driver, inventory } = this.#pool;
    if (!isBufferAllocator(driver)) {
      this.giveUpIdle(this.frameBytes);
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
   * @throws `RangeError` where one is larger than all that the pool, or all pools of its budget, may hold.
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

  /** These are the buffers that the pool makes from now on. */
  expectBuffers(driver: StorageAdapter): void {
    if (isBufferAllocator(driver)) this.#expectLoan(driver.bufferBytes);
  }

  /** Bytes that may be added without giving anything up. */
  get roomBytes(): number {
    const { maxBytes, bytes } = this.#pool.ledger;
    const shared =
      this.#budget === null ? Infinity : this.#budget.maxBytes - this.#budget.bytes - this.#budget.reserved;
    return Math.max(0, Math.min(maxBytes - bytes, shared));
  }

  /** What a decoder's configuration says of its frames, as far as nothing is known from a frame. */
  expectFrames({ codedWidth = NaN, codedHeight = NaN }: VideoDecoderConfig): void {
    const pixels = codedWidth * codedHeight;
    // What a fake decoder takes need not be what the platform takes.
    if (this.#frameBytesKnown || !(pixels > 0 && pixels < Infinity)) return;
    this.frameBytes = this.#guess(pixels * 4);
    this.serve();
  }

  /** A frame has come: the next ones are taken to be as large. */
  learnFrame(bytes: number): void {
    if (bytes === this.frameBytes && this.#frameBytesKnown) return;
    this.frameBytes = this.#guess(bytes);
    this.#frameBytesKnown = true;
    this.#expectLoan(bytes);
  }

  /** Gives what is free to those who wait. */
  serve(): void {
    if (this.#budget !== null) {
      this.#budget.serve();
      return;
    }
    // What is granted may ask to be served again.
    if (this.#serving) return;
    this.#serving = true;
    try {
      while (this.firstArrival < Infinity) this.grantFirst();
    } finally {
      this.#serving = false;
    }
  }

  /** Who holds what could be waited for: in this pool, and in those that share its budget. */
  holdersInReach(): HolderReport[] {
    const own = this.#pool.holders();
    if (this.#budget === null) return own;
    return [
      ...own,
      ...[...this.#budget.members].flatMap((member) => (member === this ? [] : member.holders())),
    ];
  }

  /** Slots that are out in this pool and in those that share its budget. */
  get outInReach(): number {
    return this.#budget?.frames ?? this.#pool.ledger.out;
  }

  // ---- what the budget asks ----

  get firstArrival(): number {
    const { first } = this.waiters;
    if (this.#pool.state !== 'active' || first === null) return Infinity;
    if (!this.#ownRoom(first.wanted?.() ?? null)) return Infinity;
    if (first.leavesRoom?.() === true && !this.#hasRoomForTwo) return Infinity;
    return this.waiters.firstArrival;
  }

  dismiss(): void {
    this.waiters.dismiss();
  }

  get need(): number {
    return this.#needOf(this.waiters.first?.wanted?.() ?? null);
  }

  get oldestIdle(): number {
    return this.#pool.inventory.oldestIdle;
  }

  grantFirst(): void {
    this.waiters.grantFirst();
  }

  dropOldestIdle(): void {
    const { inventory } = this.#pool;
    inventory.freeIdle(inventory.idleCount - 1);
  }

  holders(): HolderReport[] {
    return this.#pool.holders();
  }

  /** Whether the pool itself has room for one more, or for one of a storage that is to be its own. */
  #ownRoom(wanted: BufferAllocator | null = null): boolean {
    const { ledger, driver, inventory } = this.#pool;
    if (ledger.free <= 0) return false;
    if (wanted !== null) return ledger.hasRoomFor(wanted.bufferBytes - ledger.idleBytes);
    if (isBufferAllocator(driver)) return inventory.idleCount > 0 || ledger.hasRoomFor(driver.bufferBytes);
    if (ledger.maxBytes === Infinity && (this.#budget?.maxBytes ?? Infinity) === Infinity) return true;
    // One frame may always come: whether it fits is seen when it is there. Before the first, nobody knows its size.
    if (ledger.out === 0) return true;
    return this.#frameBytesKnown && ledger.hasRoomFor(ledger.reservedBytes + this.frameBytes);
  }

  /** Whether there is room, whoever waits for it. */
  get #hasRoomLeft(): boolean {
    return this.#ownRoom() && this.#budget?.admits(this.#needOf(null)) !== false;
  }

  #needOf(wanted: BufferAllocator | null): number {
    const { driver } = this.#pool;
    return isBufferAllocator(driver) ? (wanted ?? driver).bufferBytes : this.frameBytes;
  }

  /** Asked of each pool in turn, and so lets nobody go. */
  get #hasRoomForTwo(): boolean {
    return this.#budget?.hasRoomBeside(this.need, 1) !== false;
  }

  #guess(bytes: number): number {
    return Math.min(bytes, this.#budget?.maxBytes ?? Infinity);
  }

  #expectLoan(bytes: number): void {
    if (this.#budget !== null) this.#budget.largest = Math.max(this.#budget.largest, bytes);
  }

  #onQueueChanged(change: Change): void {
    this.#account();
    if (change === 'gave up') this.serve();
  }

  #account(): void {
    const budget = this.#budget;
    if (budget === null) return;
    const { bytes, idleBytes, reservedBytes, allowed, allowedBytes, out } = this.#pool.ledger;
    const share = { bytes, idleBytes, reserved: reservedBytes, allowed, allowedBytes, frames: out };
    budget.change(this.#share, share);
    this.#share = share;
    if (out > 0 || idleBytes > 0 || this.waiters.length > 0) budget.members.add(this);
    else budget.members.delete(this);
  }
}
