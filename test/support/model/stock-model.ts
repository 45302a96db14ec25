/**
 * Model of a pool's counts and buffers: sums over plain lists, and the rules by which buffers are made, kept and discarded. It
 * lends nothing.
 */
import type { BudgetModel } from './budget-model.ts';
import type { Course, Kind, ModelBuffer, ModelLoan, ModelPicture, Size, Waiter } from './model-loan.ts';
import { bytesOf, isGivenUp, isSameSize } from './model-loan.ts';

/** Settings of a pool that can be changed. */
export interface ModelSettings {
  readonly capacity: number;
  readonly initial: number;
  readonly maxBytes: number;
  readonly size: Size;
}

/** Properties of a pool that never change. */
export interface ModelCharacter {
  readonly kind: Kind;
  readonly budget: BudgetModel;
  readonly course: Course;
  readonly idleMs: number;
  readonly tracks: boolean;
}

/** A frame of unknown size is expected to be 1080p. */
const UNKNOWN_FRAME_BYTES = 1920 * 1080 * 1.5;

const SLOT_TOTALS = { lent: 0, released: 0, recovered: 0, refused: 0 };
const BUFFER_TOTALS = { allocated: 0, reused: 0, discarded: 0, pruned: 0 };

export class StockModel {
  readonly character: ModelCharacter;
  settings: ModelSettings;
  state: 'active' | 'draining' | 'decommitted' | 'closed' = 'active';
  /** Slots in effect: more than configured while more are out. */
  capacity: number;
  /** Number of loans that decoders made beyond the capacity. */
  overcommitted = 0;
  readonly loans = new Set<ModelLoan>();
  /** Idle buffers, least recently used first. */
  readonly idle: ModelBuffer[] = [];
  readonly queue: Waiter[] = [];
  /** Bytes that the next frame is expected to pin, and whether they come from a real frame. */
  frameBytes: number;
  isFrameKnown = false;
  /** Number of the storage that new buffers belong to. */
  generation = 0;
  /** The largest number of slots that were lent at one time. */
  peak = 0;
  readonly totals = { ...SLOT_TOTALS, ...BUFFER_TOTALS };

  constructor(character: ModelCharacter, settings: ModelSettings) {
    this.character = character;
    this.settings = settings;
    this.capacity = settings.capacity;
    this.frameBytes = Math.min(UNKNOWN_FRAME_BYTES, character.budget.maxBytes);
  }

  get isDecoded(): boolean {
    return this.character.kind === 'decoded';
  }
  get free(): number {
    return this.capacity + this.overcommitted - this.loans.size;
  }
  get lent(): number {
    return [...this.loans].filter(({ kind }) => kind === 'lent').length;
  }
  get idleBytes(): number {
    return this.idle.reduce((sum, { size }) => sum + bytesOf(size), 0);
  }
  get bytes(): number {
    return [...this.loans].reduce((sum, { bytes }) => sum + bytes, this.idleBytes);
  }
  /** Bytes that the frames of permits are expected to pin. */
  get promised(): number {
    return [...this.loans].reduce((sum, { promised }) => sum + promised, 0);
  }
  get bufferBytes(): number {
    return bytesOf(this.settings.size);
  }

  hasRoomFor(bytes: number): boolean {
    return this.bytes + bytes <= this.settings.maxBytes;
  }

  /** Whether this number of bytes could fit if nothing else was held. */
  couldFit(bytes: number): boolean {
    return bytes <= Math.min(this.settings.maxBytes, this.character.budget.maxBytes);
  }

  /** Number of buffers that can be made in advance. */
  get stockable(): number {
    const { budget } = this.character;
    const own = this.settings.maxBytes - this.bytes;
    const room = Math.max(0, Math.min(own, budget.maxBytes - budget.bytes - budget.promised));
    return Math.min(this.settings.initial, this.free, Math.floor(room / this.bufferBytes));
  }

  /**
   * Whether the pool's own limits allow one more loan. A non-null `wanted` is the size that the pool's buffers would change to.
   */
  hasOwnRoom(wanted: Size | null): boolean {
    if (this.state !== 'active' || this.free <= 0) return false;
    if (wanted !== null) return this.hasRoomFor(bytesOf(wanted) - this.idleBytes);
    if (!this.isDecoded) return this.idle.length > 0 || this.hasRoomFor(this.bufferBytes);
    if (this.settings.maxBytes === Infinity && this.character.budget.maxBytes === Infinity) return true;
    // One frame is always allowed. More are allowed once their size is known.
    if (this.loans.size === 0) return true;
    return this.isFrameKnown && this.hasRoomFor(this.promised + this.frameBytes);
  }

  /** Whether no waiter of this pool has priority. A caller passes only waiters for which just the budget has no room. */
  get isUnclaimed(): boolean {
    return this.queue.every((waiter) => isGivenUp(waiter) || this.#isPassedOver(waiter));
  }

  /** The first waiter, if it has room. It is not passed while it waits for room of the pool itself. */
  get servable(): Waiter | null {
    const first = this.queue.find((waiter) => !isGivenUp(waiter) && !this.#isPassedOver(waiter));
    return first !== undefined && this.hasOwnRoom(this.wantedBy(first.picture)) ? first : null;
  }

  #isPassedOver({ picture }: Waiter): boolean {
    return this.hasOwnRoom(this.wantedBy(picture)) && !this.isAdmitted(picture);
  }

  /** Whether the budget has room, or admits a first frame of unknown size beyond its limits. */
  isAdmitted(picture: ModelPicture | null): boolean {
    const { budget } = this.character;
    if (budget.admits(this.needOf(picture))) return true;
    return this.isDecoded && !this.isFrameKnown && budget.hasFrame(1) && !budget.hasFirstFrame;
  }

  /** Bytes of the pool's next loan, as far as they are known. */
  get loanSize(): number {
    if (this.state !== 'active') return 0;
    return this.isDecoded ? (this.isFrameKnown ? this.frameBytes : 0) : this.bufferBytes;
  }

  /** Bytes that the next loan adds. */
  needOf(picture: ModelPicture | null): number {
    if (this.isDecoded) return this.frameBytes;
    return bytesOf(this.wantedBy(picture) ?? this.settings.size);
  }

  /** The buffer size that a picture requires, if it differs from the current size. Otherwise null. */
  wantedBy(picture: ModelPicture | null): Size | null {
    if (picture === null || picture.sizeChange !== 'reconfigure') return null;
    const fits = isSameSize(picture.size, this.settings.size) || !this.isLendable(picture.size);
    return fits ? null : picture.size;
  }

  /** Whether a picture fits into this pool's buffers, if necessary after a change of their size. */
  suits(picture: ModelPicture | null): boolean {
    if (picture === null || picture.sizeChange === 'scale') return true;
    if (isSameSize(picture.size, this.settings.size)) return true;
    return picture.sizeChange === 'reconfigure' && this.isLendable(picture.size);
  }

  /** Whether buffers of this size could ever be lent. If not, the size is rejected. */
  isLendable(size: Size, maxBytes = this.settings.maxBytes): boolean {
    return this.isDecoded || bytesOf(size) <= Math.min(maxBytes, this.character.budget.maxBytes);
  }

  /** Whether a caller gets a slot now, with buffers of the size that it requires. */
  hasRoom(picture: ModelPicture | null): boolean {
    return this.isUnclaimed && this.hasOwnRoom(this.wantedBy(picture)) && this.isAdmitted(picture);
  }

  /** Whether there is room beside the source of a copy. A copy does not wait for the slot of its own source. */
  hasRoomBeside(picture: ModelPicture | null): boolean {
    const loan = picture?.loan ?? null;
    if (loan === null) return true;
    const { capacity, maxBytes } = this.settings;
    const { budget } = this.character;
    const both = loan.bytes + this.needOf(picture);
    if (this.loans.has(loan) && (capacity === 1 || both > maxBytes)) return false;
    return loan.pool.character.budget !== budget || (budget.maxFrames > 1 && both <= budget.maxBytes);
  }

  /** Whether a frame fits. Bytes promised to permits count as taken. A frame on a permit uses the promise of that permit. */
  fits(bytes: number, promised: number, isFirstFrame = false): boolean {
    const { budget } = this.character;
    const own = this.isFrameKnown ? this.promised - promised : 0;
    if (!this.hasRoomFor(bytes + own) || !this.couldFit(bytes)) return false;
    return isFirstFrame || budget.fits(bytes + budget.promised - promised);
  }

  /** Whether a returned buffer is kept. Beyond the limits no buffer is. */
  keeps(buffer: ModelBuffer): boolean {
    const { budget } = this.character;
    const bytes = bytesOf(buffer.size);
    const within = this.hasRoomFor(bytes) && budget.bytes + bytes + budget.promised <= budget.maxBytes;
    const current = buffer.generation === this.generation && !buffer.harmed;
    return this.state === 'active' && within && current && this.idle.length < this.free;
  }

  // ---- buffers ----

  /** Whether the engine would reject another buffer. */
  get cannotMake(): boolean {
    return this.character.kind === 'canvas' && this.character.course.isFull;
  }

  /** Takes the most recently used intact buffer. Damaged buffers before it are discarded. */
  protected takeIdle(): ModelBuffer | null {
    for (let buffer = this.idle.pop(); buffer !== undefined; buffer = this.idle.pop()) {
      if (!buffer.harmed) {
        if (buffer.used) this.totals.reused++;
        return buffer;
      }
      this.totals.pruned++;
    }
    return null;
  }

  protected rest(buffer: ModelBuffer): void {
    buffer.idleSince = this.character.course.now;
    buffer.restOrder = ++this.character.course.rests;
    this.idle.push(buffer);
  }

  protected made(): ModelBuffer {
    this.totals.allocated++;
    const fresh = { used: false, harmed: false, idleSince: 0, restOrder: 0, real: null };
    return { size: this.settings.size, generation: this.generation, ...fresh };
  }

  protected stock(count: number): void {
    for (let made = 0; made < count && !this.isDecoded; made++) this.rest(this.made());
  }

  /** Discards idle buffers, least recently used first, until this number is left. */
  giveUp(keep: number): void {
    this.totals.pruned += this.idle.splice(0, Math.max(0, this.idle.length - keep)).length;
  }

  /** Discards the buffers that were idle for too long. */
  age(): void {
    const { course, idleMs } = this.character;
    this.giveUp(this.idle.filter(({ idleSince }) => idleSince + idleMs > course.now).length);
  }

  /**
   * Applies new settings. `isNewStorage` starts a new generation of buffers. Returns the name of the error if the engine cannot
   * make the buffers.
   */
  protected apply(settings: ModelSettings, isNewStorage: boolean): string | null {
    const out = this.loans.size;
    const old = this.settings;
    this.settings = settings;
    this.capacity = Math.max(settings.capacity, out - this.overcommitted);
    this.overcommitted = Math.min(this.overcommitted, Math.max(0, out - this.capacity));
    if (isNewStorage) {
      // The new buffers are made before the old ones are discarded. If that fails, nothing changes.
      const count = this.state === 'active' ? this.stockable : 0;
      if (count > 0 && this.cannotMake) {
        this.settings = old;
        this.capacity = Math.max(old.capacity, out);
        return 'QuotaExceededError';
      }
      this.giveUp(0);
      this.generation++;
      this.stock(count);
    }
    this.giveUp(Math.max(0, this.free));
    while (this.idle.length > 0 && !this.hasRoomFor(0)) this.giveUp(this.idle.length - 1);
    return null;
  }
}
