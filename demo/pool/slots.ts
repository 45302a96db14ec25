/** List of the pool's slots with state, holders and thumbnail. */
import './slots.css';
import type { HolderReport, VideoFramePool } from '../../src/index.ts';
import { element } from '../view/elements.ts';
import type { Orientation } from '../view/upright.ts';
import { redrawInterval } from './reduced-motion.ts';
import { SlotCell } from './slot-cell.ts';

/** Minimum interval between two thumbnails in ms: drawing them takes time from the player on the same thread. */
const PICTURE_MS = 190;

/**
 * Cells for the slots in use.
 *
 * A pool can number its slots beyond its capacity (after the capacity was reduced, or for the decoder's delay). So each
 * slot gets the first free cell when it is taken, and keeps it while it is in use.
 */
export class SlotStrip {
  readonly #list = element('slots', HTMLOListElement);
  readonly #pool: VideoFramePool;
  readonly #cells: SlotCell[] = [];
  readonly #cellOf = new Map<number, number>();
  readonly #orientation: () => Orientation;
  #nextAt = 0;
  /** Cell to check first for the next thumbnail. */
  #next = 0;

  /** @param orientation - Returns the orientation of the current video. */
  constructor(pool: VideoFramePool, orientation: () => Orientation) {
    this.#pool = pool;
    this.#orientation = orientation;
  }

  /** Shows the current state of the slots. */
  update(): void {
    const cells = this.#arrange();
    this.#drawNext(cells);
    for (const [index, cell] of cells.entries()) cell.show(this.#reportsOf(index));
  }

  /** Clears the thumbnails: another video has the same timestamps. */
  clear(): void {
    for (const cell of this.#cells) cell.clear();
  }

  /** Draws the next slot without a current thumbnail. */
  #drawNext(cells: readonly SlotCell[]): void {
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

  /** Assigns a cell to each slot in use, and adjusts the number of cells to the capacity. */
  #arrange(): readonly SlotCell[] {
    const { capacity } = this.#pool;
    this.#reports = this.#pool.holders();
    const inUse = new Set(this.#reports.map(({ slot }) => slot));
    for (const [slot, cell] of this.#cellOf)
      if (!inUse.has(slot) || cell >= capacity) this.#cellOf.delete(slot);
    for (const slot of inUse) if (!this.#cellOf.has(slot)) this.#cellOf.set(slot, this.#firstFree());
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
