/** A pool's account and what it says to who asks: sums over lists, made anew at each question. Changes nothing. */
import type { BudgetModel } from './budget-model.ts';
import type { Course, Kind, ModelBuffer, ModelLoan, ModelPicture, Size, Waiter } from './model-loan.ts';
import { bytesOf, isSameSize } from './model-loan.ts';

/** What can be changed of a pool. */
export interface ModelSettings {
  readonly capacity: number;
  readonly initial: number;
  readonly maxBytes: number;
  readonly size: Size;
}

/** What stays as it is. */
export interface ModelCharacter {
  readonly kind: Kind;
  readonly budget: BudgetModel;
  readonly course: Course;
  readonly idleMs: number;
  readonly tracks: boolean;
}

/** A frame whose size nobody told yet is taken for 1080p. */
const UNKNOWN_FRAME_BYTES = 1920 * 1080 * 4;

export class RoomModel {
  readonly character: ModelCharacter;
  settings: ModelSettings;
  state: 'active' | 'draining' | 'decommitted' | 'closed' = 'active';
  /** Slots in effect: more than asked for while more are out. */
  capacity: number;
  /** Of those that are out, what decoders made beyond the capacity. */
  surplus = 0;
  readonly loans = new Set<ModelLoan>();
  /** Longest unused first. */
  readonly idle: ModelBuffer[] = [];
  readonly queue: Waiter[] = [];
  /** What the next frame will probably pin, and whether a frame has told. */
  frameBytes: number;
  isFrameKnown = false;

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
    return this.capacity + this.surplus - this.loans.size;
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
  /** What the frames of permits will probably pin. */
  get promised(): number {
    return [...this.loans].reduce((sum, { promised }) => sum + promised, 0);
  }
  get bufferBytes(): number {
    return bytesOf(this.settings.size);
  }

  hasRoomFor(bytes: number): boolean {
    return this.bytes + bytes <= this.settings.maxBytes;
  }

  /** Whether so many bytes can ever be held, by themselves. */
  couldFit(bytes: number): boolean {
    return bytes <= Math.min(this.settings.maxBytes, this.character.budget.maxBytes);
  }

  /** How many buffers may be made in advance. */
  get stockable(): number {
    const { budget } = this.character;
    const own = this.settings.maxBytes - this.bytes;
    const room = Math.max(0, Math.min(own, budget.maxBytes - budget.bytes - budget.promised));
    return Math.min(this.settings.initial, this.free, Math.floor(room / this.bufferBytes));
  }

  /** Whether the pool's own limits allow one loan more, of buffers of that size where they are to be its own. */
  hasOwnRoom(wanted: Size | null): boolean {
    if (this.state !== 'active' || this.free <= 0) return false;
    if (wanted !== null) return this.hasRoomFor(bytesOf(wanted) - this.idleBytes);
    if (!this.isDecoded) return this.idle.length > 0 || this.hasRoomFor(this.bufferBytes);
    if (this.settings.maxBytes === Infinity && this.character.budget.maxBytes === Infinity) return true;
    // One frame may always come; further ones once their size is known.
    if (this.loans.size === 0) return true;
    return this.isFrameKnown && this.hasRoomFor(this.promised + this.frameBytes);
  }

  /** Nobody passes those who wait: in this pool, or in another one of the budget where there would be room. */
  get isUnclaimed(): boolean {
    return this.queue.length === 0 && this.character.budget.next === null;
  }

  /** Bytes that the next loan adds. */
  needOf(picture: ModelPicture | null): number {
    if (this.isDecoded) return this.frameBytes;
    return bytesOf(this.wantedBy(picture) ?? this.settings.size);
  }

  /** The size that the pool's buffers are to have for a picture, where it is another than they have. */
  wantedBy(picture: ModelPicture | null): Size | null {
    if (picture === null || picture.sizeChange !== 'reconfigure') return null;
    const fits = isSameSize(picture.size, this.settings.size) || !this.isLendable(picture.size);
    return fits ? null : picture.size;
  }

  /** Whether a picture can come into this pool's buffers, if need be into others than it has now. */
  suits(picture: ModelPicture | null): boolean {
    if (picture === null || picture.sizeChange === 'fit') return true;
    if (isSameSize(picture.size, this.settings.size)) return true;
    return picture.sizeChange === 'reconfigure' && this.isLendable(picture.size);
  }

  /** Buffers that could never be lent are refused. */
  isLendable(size: Size, maxBytes = this.settings.maxBytes): boolean {
    return this.isDecoded || bytesOf(size) <= Math.min(maxBytes, this.character.budget.maxBytes);
  }

  /** Whether one may be had now, by who wants it of that size. */
  hasRoom(picture: ModelPicture | null): boolean {
    if (!this.isUnclaimed || !this.hasOwnRoom(this.wantedBy(picture))) return false;
    return this.character.budget.admits(this.needOf(picture));
  }

  /** A copy does not wait for the very slot that it is to be made from. */
  hasRoomBeside(picture: ModelPicture | null): boolean {
    const loan = picture?.loan ?? null;
    if (loan === null) return true;
    const { capacity, maxBytes } = this.settings;
    const { budget } = this.character;
    const both = loan.bytes + this.needOf(picture);
    if (this.loans.has(loan) && (capacity === 1 || both > maxBytes)) return false;
    return loan.pool.character.budget !== budget || (budget.maxFrames > 1 && both <= budget.maxBytes);
  }

  /** Nobody takes what was promised to permits; a frame on one of them is what its promise was for. */
  fits(bytes: number, promised: number): boolean {
    const { budget } = this.character;
    const own = this.isFrameKnown ? this.promised - promised : 0;
    return this.hasRoomFor(bytes + own) && budget.fits(bytes + budget.promised - promised);
  }

  /** Whether a buffer that comes back is kept: beyond the limits nothing is. */
  keeps(buffer: ModelBuffer, generation: number): boolean {
    const { budget } = this.character;
    const bytes = bytesOf(buffer.size);
    const within = this.hasRoomFor(bytes) && budget.bytes + bytes + budget.promised <= budget.maxBytes;
    const current = buffer.generation === generation && !buffer.harmed;
    return this.state === 'active' && within && current && this.idle.length < this.free;
  }
}
