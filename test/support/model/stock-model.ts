/** The buffers of a pool: made, kept, reused and given up. Lends nothing. */
import type { ModelBuffer } from './model-loan.ts';
import type { ModelSettings } from './room-model.ts';
import { RoomModel } from './room-model.ts';

export class StockModel extends RoomModel {
  /** Which storage new buffers belong to. */
  generation = 0;
  /** The most that were lent at one time. */
  peak = 0;
  readonly totals = {
    lent: 0,
    released: 0,
    recovered: 0,
    allocated: 0,
    reused: 0,
    discarded: 0,
    pruned: 0,
    refused: 0,
  };

  /** Whether the engine would refuse another buffer. */
  get cannotMake(): boolean {
    return this.character.kind === 'canvas' && this.character.course.isFull;
  }

  /** The most recently used that is whole; those that are not go on the way. */
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

  protected expectBuffers(): void {
    const { budget } = this.character;
    if (!this.isDecoded) budget.largest = Math.max(budget.largest, this.bufferBytes);
  }

  /** Gives up idle buffers, the longest unused first, until so many are left. */
  giveUp(keep: number): void {
    this.totals.pruned += this.idle.splice(0, Math.max(0, this.idle.length - keep)).length;
  }

  /** Time has passed: what nobody used for so long is given up. */
  age(): void {
    const { course, idleMs } = this.character;
    this.giveUp(this.idle.filter(({ idleSince }) => idleSince + idleMs > course.now).length);
  }

  /** New settings; with `isNewStorage` a new generation of buffers. Says the error where the engine cannot make them. */
  protected apply(settings: ModelSettings, isNewStorage: boolean): string | null {
    const out = this.loans.size;
    const old = this.settings;
    this.settings = settings;
    this.capacity = Math.max(settings.capacity, out - this.surplus);
    this.surplus = Math.min(this.surplus, Math.max(0, out - this.capacity));
    if (isNewStorage) {
      // The new buffers are there before the old ones go, or nothing has changed.
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
    this.expectBuffers();
    this.giveUp(Math.max(0, this.free));
    while (this.idle.length > 0 && !this.hasRoomFor(0)) this.giveUp(this.idle.length - 1);
    return null;
  }
}
