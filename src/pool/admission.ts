/** Who may have a slot: the pool's own room, the budget that it shares, and the order of those who wait. */
import type { Budget, Member, Share } from './budget.ts';
import type { HolderReport } from './holders.ts';
import type { Inventory } from './inventory.ts';
import type { Ledger } from './ledger.ts';
import type { Driver } from './storage.ts';
import { isBufferDriver } from './storage.ts';
import { Waiters } from './waiters.ts';

/** What admission asks of its pool. */
interface Gatekeeper {
  readonly state: string;
  readonly driver: Driver;
  readonly ledger: Ledger;
  readonly inventory: Inventory;
  holders(): HolderReport[];
}

/** What a frame of unknown size is taken for: 1080p at four bytes a pixel, as Firefox and GPUs hold it. */
const UNKNOWN_FRAME_BYTES = 1920 * 1080 * 4;

const NOTHING: Share = { bytes: 0, reserved: 0, idleBytes: 0, frames: 0 };

/** A pool's side of the budget, or of nothing but its own limits where it shares none. */
export class Admission implements Member {
  readonly waiters: Waiters;
  readonly #pool: Gatekeeper;
  readonly #budget: Budget | null;
  #share = NOTHING;
  // What the last frame pinned: the best guess for the next one, on which permits are granted where bytes are limited.
  #frameBytes: number;
  #frameBytesKnown = false;

  constructor(pool: Gatekeeper, budget: Budget | null) {
    this.#pool = pool;
    this.#budget = budget;
    this.#frameBytes = this.#guess(UNKNOWN_FRAME_BYTES);
    this.waiters = new Waiters((change) => this.#onQueueChanged(change));
    if (budget !== null) pool.ledger.onChange = () => this.#account();
  }

  /** Whether the next one to ask may have a slot at once. Nobody passes those who wait. */
  get hasRoom(): boolean {
    return this.isUnclaimed && this.admitsOne;
  }

  /** Whether nobody waits before whoever comes now. */
  get isUnclaimed(): boolean {
    return this.waiters.length === 0 && this.#budget?.isQueued !== true;
  }

  /** Whether there is room for one more, whoever is the next to have it. */
  get admitsOne(): boolean {
    return this.#ownRoom && this.#budget?.admits(this.need) !== false;
  }

  /** As `hasRoom`, for a frame that is there already: its own size is asked by `fits()`. */
  get hasFreeSlot(): boolean {
    const budget = this.#budget;
    if (!this.isUnclaimed || this.#pool.ledger.free <= 0) return false;
    return budget === null || budget.frames < budget.maxFrames;
  }

  /** Whether a frame of so many bytes may be kept, and what must go for it is given up then. */
  fits(bytes: number, onPermit: boolean): boolean {
    const { ledger } = this.#pool;
    // What comes without a permit leaves alone what was promised to those that are out.
    const own = onPermit || !this.#frameBytesKnown ? 0 : ledger.decoding * this.#frameBytes;
    const shared = onPermit ? 0 : (this.#budget?.reserved ?? 0);
    if (!ledger.hasRoomFor(bytes + own) || this.#budget?.fits(bytes + shared) === false) return false;
    this.makeRoom(onPermit ? bytes - this.#frameBytes : bytes);
    return true;
  }

  /** Whether what is held and promised is within the limits: beyond them nothing is kept that comes back. */
  get isWithin(): boolean {
    const budget = this.#budget;
    return (
      this.#pool.ledger.hasRoomFor(0) &&
      (budget === null || budget.bytes + budget.reserved <= budget.maxBytes)
    );
  }

  /** Gives up idle buffers for so many bytes, or for what the next loan adds. */
  makeRoom(bytes = this.need): void {
    if (bytes > 0) this.#budget?.makeRoom(bytes);
  }

  /**
   * Refuses buffers that could never be lent.
   *
   * @throws `RangeError` where one is larger than all that the pool, or all pools of its budget, may hold.
   */
  requireLendable(driver: Driver, maxBytes: number): void {
    if (!isBufferDriver(driver)) return;
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

  /** Bytes that may be added without giving anything up. */
  get roomBytes(): number {
    const { maxBytes, bytes } = this.#pool.ledger;
    const shared =
      this.#budget === null ? Infinity : this.#budget.maxBytes - this.#budget.bytes - this.#budget.reserved;
    return Math.max(0, Math.min(maxBytes - bytes, shared));
  }

  /** What a decoder's configuration says of its frames, as far as nothing is known from a frame. */
  expectFrames({ codedWidth, codedHeight }: VideoDecoderConfig): void {
    if (this.#frameBytesKnown || codedWidth === undefined || codedHeight === undefined) return;
    this.#frameBytes = this.#guess(codedWidth * codedHeight * 4);
    this.#account();
    this.serve();
  }

  /** A frame has come: the next ones are taken to be as large. */
  learnFrame(bytes: number): void {
    if (bytes === this.#frameBytes && this.#frameBytesKnown) return;
    this.#frameBytes = this.#guess(bytes);
    this.#frameBytesKnown = true;
    this.#account();
  }

  /** Gives what is free to those who wait. */
  serve(): void {
    if (this.#budget === null) while (this.firstArrival < Infinity) this.grantFirst();
    else this.#budget.serve();
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
    return this.#pool.state === 'active' && this.#ownRoom ? this.waiters.firstArrival : Infinity;
  }

  get need(): number {
    const { driver, inventory } = this.#pool;
    if (!isBufferDriver(driver)) return this.#budget === null ? 0 : this.#frameBytes;
    return inventory.idleCount > 0 ? 0 : driver.bufferBytes;
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

  get #ownRoom(): boolean {
    const { ledger, driver, inventory } = this.#pool;
    if (ledger.free <= 0) return false;
    if (isBufferDriver(driver)) return inventory.idleCount > 0 || ledger.hasRoomFor(driver.bufferBytes);
    if (ledger.maxBytes === Infinity && (this.#budget?.maxBytes ?? Infinity) === Infinity) return true;
    // One frame may always come: whether it fits is seen when it is there. Before the first, nobody knows its size.
    if (ledger.out === 0) return true;
    return this.#frameBytesKnown && ledger.hasRoomFor((ledger.decoding + 1) * this.#frameBytes);
  }

  #guess(bytes: number): number {
    return Math.min(bytes, this.#budget?.maxBytes ?? Infinity);
  }

  #onQueueChanged(change: 'joined' | 'left'): void {
    if (this.#budget === null) return;
    this.#account();
    // Who left may have been the one whose frame had no room, with others behind him.
    if (change === 'left') this.#budget.serve();
  }

  #account(): void {
    const budget = this.#budget;
    if (budget === null) return;
    const { bytes, idleBytes, decoding, out } = this.#pool.ledger;
    const share = { bytes, idleBytes, reserved: decoding * this.#frameBytes, frames: out };
    budget.change(this.#share, share);
    this.#share = share;
    if (out > 0 || idleBytes > 0 || this.waiters.length > 0) budget.members.add(this);
    else budget.members.delete(this);
  }
}
