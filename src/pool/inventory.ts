/** A pool's slots and the buffers in them: makes, keeps, reuses and destroys. Lends nothing and tells nobody. */
import type { Clock } from '../clock.ts';
import type { HolderReport } from './holders.ts';
import { IdleList } from './idle.ts';
import type { Ledger } from './ledger.ts';
import type { PoolNotice } from './notices.ts';
import { Slot } from './slot.ts';
import type { BufferAllocator, StorageAdapter } from './storage.ts';
import { isBufferAllocator } from './storage.ts';

/** Slots are made as they are needed and kept: a slot without a buffer is a few numbers. */
export class Inventory {
  /** Which configuration new buffers belong to. */
  generation = 0;
  #driver: StorageAdapter;
  readonly #ledger: Ledger;
  readonly #slots: Slot[] = [];
  readonly #vacant: Slot[] = [];
  readonly #idle: IdleList;

  constructor(ledger: Ledger, clock: Clock, idleMs: number, driver: StorageAdapter) {
    this.#ledger = ledger;
    this.#driver = driver;
    this.#idle = new IdleList(clock, idleMs, (slot) => this.#expire(slot));
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** When the oldest idle buffer became idle, counted over all pools; `Infinity` without one. */
  get oldestIdle(): number {
    return this.#idle.oldest;
  }

  /** The slot with this id, which was given out by this inventory. */
  slot(id: number): Slot {
    return this.#slots[id] as Slot;
  }

  /** The slot with this id, if there is one. */
  find(id: number): Slot | undefined {
    return this.#slots[id];
  }

  /** A slot without content. */
  takeVacant(): Slot {
    const known = this.#vacant.pop();
    if (known !== undefined) return known;
    const slot = new Slot(this.#slots.length);
    this.#slots.push(slot);
    return slot;
  }

  /**
   * A slot with a buffer like new: the most recently used of the idle ones, or a new one.
   *
   * @throws What the storage throws when it cannot make a buffer. Nothing has changed then.
   */
  takeBuffer(): Slot {
    const buffers = this.#buffers();
    for (let slot = this.#idle.takeNewest(); slot !== null; slot = this.#idle.takeNewest()) {
      this.#ledger.addIdleBytes(-slot.bytes);
      const item = slot.item as object;
      if (buffers.isReusable(item)) {
        if (slot.used) {
          this.#prepare(slot, item, buffers);
          this.#ledger.totals.reused++;
        }
        slot.used = true;
        return slot;
      }
      // A context can be lost while nobody uses it.
      this.#prune(slot);
    }
    const slot = this.#fill(buffers.allocate(), buffers);
    slot.used = true;
    return slot;
  }

  /**
   * Makes `count` buffers, or as many as the free slots and so many bytes allow; all or none.
   *
   * @throws What the storage throws when it cannot make a buffer. None was made then.
   */
  make(count: number, driver: StorageAdapter, roomBytes: number): object[] {
    const made: object[] = [];
    if (!isBufferAllocator(driver)) return made;
    const most = Math.min(count, this.#ledger.free, Math.floor(roomBytes / driver.bufferBytes));
    try {
      while (made.length < most) made.push(driver.allocate());
    } catch (error) {
      for (const item of made) driver.free(item);
      throw error;
    }
    return made;
  }

  /** Adds buffers that `make()` made. */
  stock(made: readonly object[]): void {
    if (made.length === 0) return;
    const buffers = this.#buffers();
    for (const item of made) this.#rest(this.#fill(item, buffers));
  }

  /**
   * Takes a slot back that was reserved or lent; the ledger has counted it already.
   *
   * @param reason - What its holders forgot may still be reached by them, and is only let go. Who is lost reaches nothing.
   * @param keeps - Whether the pool keeps buffers now.
   * @returns Whether the content was destroyed where it might have been kept.
   */
  takeBack(slot: Slot, reason: PoolNotice['reason'], keeps: boolean): boolean {
    const current = slot.generation === this.generation;
    const { item } = slot;
    if (item === null) {
      this.#vacate(slot);
      return false;
    }
    const driver = slot.driver as StorageAdapter;
    if (!isBufferAllocator(driver)) {
      driver.free(item);
      this.#vacate(slot);
      return !current || reason === 'lost';
    }
    // After a shrink the slot may have gone with the capacity, and its buffer goes too.
    const wanted = keeps && current && reason === 'released' && this.#idle.length < this.#ledger.free;
    if (wanted && driver.isReusable(item)) {
      slot.setTime(0, null);
      driver.recycle?.(item);
      this.#rest(slot);
      return false;
    }
    if (reason !== 'recovered') driver.free(item);
    this.#vacate(slot);
    return true;
  }

  /** A new configuration: idle buffers go now, and those that are out when they come back. */
  startGeneration(driver: StorageAdapter, made: readonly object[]): void {
    this.freeIdle();
    this.generation++;
    this.#driver = driver;
    this.stock(made);
  }

  /** Gives up idle buffers, the longest unused first, until `keep` are left. */
  freeIdle(keep = 0): void {
    while (this.#idle.length > keep) {
      const slot = this.#idle.takeOldest();
      if (slot !== null) this.#expire(slot);
    }
    if (keep === 0) this.#idle.stop();
  }

  /** Gives up idle buffers until the pool is within `maxBytes` again, as far as idle ones go. */
  freeBytes(): void {
    while (this.#idle.length > 0 && !this.#ledger.hasRoomFor(0)) this.freeIdle(this.#idle.length - 1);
  }

  reports(pool: string): HolderReport[] {
    return this.#slots.flatMap((slot) => slot.reports(pool));
  }

  #prepare(slot: Slot, item: object, buffers: BufferAllocator): void {
    try {
      buffers.reset(item);
    } catch (error) {
      this.#prune(slot);
      throw error;
    }
  }

  #buffers(): BufferAllocator {
    if (!isBufferAllocator(this.#driver)) throw new TypeError('decoded frames are not buffers');
    return this.#driver;
  }

  #fill(item: object, driver: BufferAllocator): Slot {
    const { bufferBytes, estimated } = driver;
    const slot = this.takeVacant();
    slot.fill(item, driver, bufferBytes, estimated);
    slot.generation = this.generation;
    this.#ledger.addBytes(bufferBytes, estimated);
    this.#ledger.totals.allocated++;
    return slot;
  }

  #rest(slot: Slot): void {
    slot.state = 'idle';
    this.#idle.push(slot);
    this.#ledger.addIdleBytes(slot.bytes);
  }

  #expire(slot: Slot): void {
    this.#ledger.addIdleBytes(-slot.bytes);
    this.#prune(slot);
  }

  #prune(slot: Slot): void {
    slot.driver?.free(slot.item as object);
    this.#vacate(slot);
    this.#ledger.totals.pruned++;
  }

  #vacate(slot: Slot): void {
    this.#ledger.dropBytes(slot.bytes, slot.estimated);
    slot.empty();
    slot.state = 'vacant';
    this.#vacant.push(slot);
  }
}
