/** The strip of slots: of each its state, who holds it, and the picture that was seen of it last. */
import './slots.css';
import type { FrameHandle, HolderReport, VideoFramePool } from '../../src/index.ts';
import { element } from '../view/elements.ts';
import { restOf } from './calm.ts';
import { SlotCell } from './slot-cell.ts';
import type { Rotation } from './small-picture.ts';

/** Least time between two pictures of a film that plays: they take time from the player, which draws on the same thread. */
const PICTURE_MS = 100;

/**
 * Cells for the slots that are out.
 *
 * A pool may number its slots beyond its capacity (after a larger one, or for a decoder's lag), so cells are given to slots
 * as they come out, the first free one first, and kept while they are out.
 */
export class SlotStrip {
  readonly #list = element('slots', HTMLOListElement);
  readonly #pool: VideoFramePool;
  readonly #cells: SlotCell[] = [];
  readonly #cellOf = new Map<number, number>();
  #nextAt = 0;

  constructor(pool: VideoFramePool) {
    this.#pool = pool;
  }

  /**
   * A frame passes, on its way to the screen; it is read during the call. What decoders have put out and nobody has shown
   * yet cannot be seen: the pool tells who holds a slot, and shows no picture of it.
   *
   * @param stays - Whether somebody keeps it: then its picture must not be missed.
   */
  offer(handle: FrameHandle, rotation: Rotation, stays: boolean): void {
    const now = performance.now();
    if (document.visibilityState !== 'visible' || (now < this.#nextAt && !stays)) return;
    this.#nextAt = now + restOf(PICTURE_MS);
    for (const cell of this.#arrange().filter(
      (_, index) => this.#reportsOf(index)[0]?.timestamp === handle.timestamp,
    ))
      cell.draw(handle, rotation);
  }

  /** Shows the slots as they are now. */
  update(): void {
    const cells = this.#arrange();
    for (const [index, cell] of cells.entries()) cell.show(this.#reportsOf(index));
  }

  /** Forgets the pictures: another film has the same times. */
  clear(): void {
    for (const cell of this.#cells) cell.clear();
  }

  #reports: readonly HolderReport[] = [];

  #reportsOf(cell: number): readonly HolderReport[] {
    return this.#reports.filter(({ slot }) => this.#cellOf.get(slot) === cell);
  }

  /** Gives each slot that is out a cell, and makes as many cells as there are slots. */
  #arrange(): readonly SlotCell[] {
    const { capacity } = this.#pool;
    this.#reports = this.#pool.holders();
    const out = new Set(this.#reports.map(({ slot }) => slot));
    for (const [slot, cell] of this.#cellOf)
      if (!out.has(slot) || cell >= capacity) this.#cellOf.delete(slot);
    for (const slot of out) if (!this.#cellOf.has(slot)) this.#cellOf.set(slot, this.#firstFree());
    const most = Math.max(capacity, ...[...this.#cellOf.values()].map((cell) => cell + 1));
    for (const cell of this.#cells.splice(most)) cell.item.remove();
    while (this.#cells.length < most) {
      const cell = new SlotCell();
      this.#cells.push(cell);
      this.#list.append(cell.item);
    }
    return this.#cells;
  }

  #firstFree(): number {
    const taken = new Set(this.#cellOf.values());
    let cell = 0;
    while (taken.has(cell)) cell++;
    return cell;
  }
}
