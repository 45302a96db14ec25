/** The strip of slots: of each its state, who holds it, and its picture. */
import './slots.css';
import type { HolderReport, VideoFramePool } from '../../src/index.ts';
import { element } from '../view/elements.ts';
import type { Orientation } from '../view/upright.ts';
import { redrawInterval } from './reduced-motion.ts';
import { SlotCell } from './slot-cell.ts';

/** Least time between two pictures: they take time from the player, which draws on the same thread. */
const PICTURE_MS = 190;

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
  readonly #orientation: () => Orientation;
  #nextAt = 0;
  /** The cell that is looked at first. */
  #next = 0;

  /** @param orientation - How the video that is shown is turned and mirrored. */
  constructor(pool: VideoFramePool, orientation: () => Orientation) {
    this.#pool = pool;
    this.#orientation = orientation;
  }

  /** Shows the slots as they are now. */
  update(): void {
    const cells = this.#arrange();
    this.#look(cells);
    for (const [index, cell] of cells.entries()) cell.show(this.#reportsOf(index));
  }

  /** Forgets the pictures: another video has the same times. */
  clear(): void {
    for (const cell of this.#cells) cell.clear();
  }

  /** Draws the next slot whose picture was not drawn yet. */
  #look(cells: readonly SlotCell[]): void {
    const now = performance.now();
    if (document.visibilityState !== 'visible' || now < this.#nextAt) return;
    this.#nextAt = now + redrawInterval(PICTURE_MS);
    const first = this.#next;
    for (let at = first; at < first + cells.length; at++) {
      const index = at % cells.length;
      const cell = cells[index];
      const report = this.#reportsOf(index)[0];
      if (cell === undefined || report?.state !== 'lent' || report.timestamp === cell.drawn) continue;
      const frame = this.#pool.peek(report.slot);
      if (frame === null) continue;
      cell.draw(frame, report.timestamp, this.#orientation());
      frame.close();
      this.#next = index + 1;
      return;
    }
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
