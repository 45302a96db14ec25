/** A pool's slots and their buffers: allocates, stores, reuses and destroys them. It makes no loans and sends no notices. */
import type { Clock } from '../base/clock.ts';
import { LinkedList } from '../base/linked-list.ts';
import type { IdleMark, IdleStore } from './budget.ts';
import type { HolderReport } from './holders.ts';
import { nameHolders } from './holders.ts';
import { IdleList } from './idle.ts';
import type { Ledger } from './ledger.ts';
import type { PoolNotice } from './notices.ts';
import { Slot } from './slot.ts';
import type { BufferAllocator, StorageAdapter } from './storage.ts';
import { isBufferAllocator } from './storage.ts';

/** Maximum number of holders named in an error: enough to locate a leak. */
const FEW = 8;

/** Slots are created on demand and are never destroyed: a slot without a buffer is only a few numbers. */
export class Inventory implements IdleStore {
  /** Number of the configuration that new buffers belong to. */
  generation = 0;
  #driver: StorageAdapter;
  readonly #ledger: Ledger;
  readonly #slots: Slot[] = [];
  readonly #vacant: Slot[] = [];
  readonly #idle: IdleList;
  /** Slots that are lent or reserved, oldest first. */
  readonly #out = new LinkedList<Slot>();

  /** @param idleOrder - Idle buffers of all pools of the budget; null for a pool without a budget. */
  constructor(
    ledger: Ledger,
    clock: Clock,
    idleMs: number,
    driver: StorageAdapter,
    idleOrder: LinkedList<IdleMark> | null,
  ) {
    this.#ledger = ledger;
    this.#driver = driver;
    this.#idle = new IdleList(clock, idleMs, idleOrder, this, (slot) => this.#expire(slot));
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  /** The slot with this id. The id must come from this inventory. */
  slot(id: number): Slot {
    return this.#slots[id] as Slot;
  }

  /** The slot with this id; undefined if there is none. */
  find(id: number): Slot | undefined {
    return this.#slots[id];
  }

  /** Returns a slot without content. Creates one if none is vacant. */
  takeVacant(): Slot {
    const known = this.#vacant.pop();
    if (known !== undefined) return known;
    const slot = new Slot(this.#slots.length);
    this.#slots.push(slot);
    return slot;
  }

  /**
   * Returns a slot with a clean buffer: the most recently used idle buffer, after a reset, or a new buffer.
   *
   * @throws The storage's error if it cannot allocate or reset a buffer. No slot is taken then.
   */
  takeBuffer(): Slot {
    const buffers = this.#buffers();
    for (let slot = this.#idle.takeNewest(); slot !== null; slot = this.#idle.takeNewest()) {
      this.#ledger.addIdleBytes(-slot.bytes);
      const item = slot.item as object;
      if (buffers.isReusable(item)) {
        if (slot.used) {
          this.#reset(slot, item, buffers);
          this.#ledger.totals.reused++;
        }
        slot.used = true;
        return slot;
      }
      // A context can be lost while its buffer is idle.
      this.#prune(slot);
    }
    const slot = this.#fill(buffers.allocate(), buffers);
    slot.used = true;
    return slot;
  }

  /** Marks a taken slot as lent or reserved, until `takeBack()`. */
  begin(slot: Slot): void {
    slot.generation = this.generation;
    this.#out.add(slot);
  }

  /**
   * Allocates `count` buffers, or fewer if the free slots or `roomBytes` do not suffice. If one allocation fails, all buffers are
   * freed. For a storage that does not allocate buffers the result is empty.
   *
   * @throws The storage's error if it cannot allocate a buffer. No buffer remains allocated.
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

  /** Adds the buffers that `make()` returned. */
  stock(made: readonly object[]): void {
    if (made.length === 0) return;
    const buffers = this.#buffers();
    for (const item of made) this.#addIdle(this.#fill(item, buffers));
  }

  /**
   * Takes back a slot that was reserved or lent. The ledger has already counted the return.
   *
   * @param reason - After `'recovered'` the buffer is dropped and not freed, because its former holders may still reach it.
   *   After `'lost'` it is freed, because a lost thread or window reaches nothing.
   * @param keeps - Whether the pool keeps buffers now.
   * @returns Whether the content was destroyed although the pool might have kept it.
   */
  takeBack(slot: Slot, reason: PoolNotice['reason'], keeps: boolean): boolean {
    this.#out.remove(slot);
    const isCurrent = slot.generation === this.generation;
    const { item } = slot;
    if (item === null) {
      this.#vacate(slot);
      return false;
    }
    const driver = slot.driver as StorageAdapter;
    if (!isBufferAllocator(driver)) {
      driver.free(item);
      this.#vacate(slot);
      return !isCurrent || reason === 'lost';
    }
    // After the capacity shrinks there may be no free slot for this buffer. The buffer is destroyed then.
    const isKept = keeps && isCurrent && reason === 'released' && this.#idle.length < this.#ledger.free;
    if (isKept && driver.isReusable(item)) {
      slot.setTime(0, null);
      driver.recycle?.(item);
      this.#addIdle(slot);
      return false;
    }
    if (reason !== 'recovered') driver.free(item);
    this.#vacate(slot);
    return true;
  }

  /** Starts a new configuration: destroys idle buffers now, and lent buffers when they are returned. */
  startGeneration(driver: StorageAdapter, made: readonly object[]): void {
    this.freeIdle();
    this.generation++;
    this.#driver = driver;
    this.stock(made);
  }

  /** Destroys idle buffers, least recently used first, until `keep` remain. */
  freeIdle(keep = 0): void {
    while (this.#idle.length > keep) {
      const slot = this.#idle.takeOldest();
      if (slot !== null) this.#expire(slot);
    }
    if (keep === 0) this.#idle.stop();
  }

  dropOldestIdle(): void {
    this.freeIdle(this.idleCount - 1);
  }

  /** Destroys idle buffers until the pool is within `maxBytes` again or no idle buffer remains. */
  freeBytes(): void {
    while (this.#idle.length > 0 && !this.#ledger.hasRoomFor(0)) this.freeIdle(this.#idle.length - 1);
  }

  reports(pool: string): HolderReport[] {
    return this.#slots.flatMap((slot) => slot.reports(pool));
  }

  /**
   * Names a few holders of lent or reserved slots, longest-held slots first. The cost does not depend on the number of slots.
   *
   * @returns Text for an error message.
   */
  describeHolders(pool: string): string {
    const reports: HolderReport[] = [];
    let slots = this.#out.length;
    for (let slot = this.#out.first; slot !== null && reports.length < FEW; slot = slot.next) {
      reports.push(...slot.reports(pool, FEW));
      slots--;
    }
    return `${nameHolders(reports)}${slots > 0 ? `, and others in ${slots} more slots` : ''}`;
  }

  #reset(slot: Slot, item: object, buffers: BufferAllocator): void {
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

  #addIdle(slot: Slot): void {
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
