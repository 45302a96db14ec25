/** Slot for one frame or one buffer, with its reference count. No other code writes the count. */
import type { Linked } from '../base/linked-list.ts';
import type { IdleMark } from './budget.ts';
import type { HolderEntry, HolderReport } from './holders.ts';
import { UNNAMED } from './holders.ts';
import type { StorageAdapter } from './storage.ts';

/** State of a slot: `vacant` (no buffer), `idle` (a free buffer), `reserved` (for a permit) or `lent`. */
export type SlotState = 'vacant' | 'idle' | 'reserved' | 'lent';

/**
 * A slot refers neither to its lifeline nor to the clone that the loan reads. Otherwise the registry that watches the lifeline
 * could never fire (see net.ts).
 */
export class Slot implements Linked<Slot> {
  /** Index of the slot in the pool's list. The leak detector stores nothing else. */
  readonly id: number;
  state: SlotState = 'vacant';
  /** Number of the configuration that the content belongs to. */
  generation = 0;
  /** The frame or buffer; null while vacant or reserved. */
  item: object | null = null;
  /** Storage adapter that created `item`; null if `item` is null. The pool's own adapter differs after a new configuration. */
  driver: StorageAdapter | null = null;
  /** Whether `item` is a buffer that has been lent before. */
  used = false;
  /** Bytes of memory that `item` pins, and whether this number is an estimate. */
  bytes = 0;
  estimated = false;
  /** Bytes that the frame of an outstanding permit is expected to pin; 0 otherwise. */
  reservedBytes = 0;
  /** Frames (0 or 1) and bytes of this slot that count as beyond the limits of a shared budget. */
  overFrames = 0;
  overBytes = 0;
  /** Whether the slot was reserved without room in a shared budget, for a first frame of unknown size. */
  isFirstFrame = false;
  /** Timestamp of the current frame in µs. */
  timestamp = 0;
  duration: number | null = null;

  /** Neighbours in the list of idle slots, or in the list of lent and reserved slots. */
  previous: Slot | null = null;
  next: Slot | null = null;
  /** For an idle slot: the start of the idle time in ms, and its entry in the idle order of the budget. */
  idleSince = 0;
  idleMark: IdleMark | null = null;

  #shares = 0;
  // Lists only named or tracked shares. An unnamed share is only counted.
  readonly #entries: HolderEntry[] = [];

  constructor(id: number) {
    this.id = id;
  }

  get shares(): number {
    return this.#shares;
  }

  /** Adds one share. */
  addShare(entry: HolderEntry | undefined): void {
    this.#shares++;
    if (entry !== undefined) this.#entries.push(entry);
  }

  /** Removes one share. Returns the number of remaining shares. */
  dropShare(entry: HolderEntry | undefined): number {
    // In most cases the entry is the newest one. `pop()` avoids the array that `splice()` returns.
    if (entry !== undefined && entry === this.#entries.at(-1)) this.#entries.pop();
    else if (entry !== undefined) this.#entries.splice(this.#entries.indexOf(entry), 1);
    return --this.#shares;
  }

  /** Removes all shares, after their holders disappeared without a release. Returns the names of the holders. */
  dropAllShares(): readonly string[] {
    const names = this.#entries.map(({ holder }) => holder ?? UNNAMED);
    while (names.length < this.#shares) names.push(UNNAMED);
    this.#shares = 0;
    this.#entries.length = 0;
    return names;
  }

  /** Puts a frame or buffer into the slot. */
  fill(item: object, driver: StorageAdapter, bytes: number, estimated: boolean): void {
    this.item = item;
    this.driver = driver;
    this.bytes = bytes;
    this.estimated = estimated;
  }

  /** Clears the content and its metadata, so that the next holder does not see the previous frame's timestamp. */
  empty(): void {
    this.item = null;
    this.driver = null;
    this.used = false;
    this.bytes = 0;
    this.estimated = false;
    this.setTime(0, null);
  }

  setTime(timestamp: number, duration: number | null): void {
    this.timestamp = timestamp;
    this.duration = duration;
  }

  /** Returns one report for each of the first `most` listed shares, and one report for all unlisted shares. */
  reports(pool: string, most = Infinity): HolderReport[] {
    if (this.state !== 'lent' && this.state !== 'reserved') return [];
    const base = { pool, slot: this.id, state: this.state, timestamp: this.timestamp };
    const entries = most < this.#entries.length ? this.#entries.slice(0, most) : this.#entries;
    const reports: HolderReport[] = entries.map((entry) => ({ ...base, ...entry, shares: 1 }));
    const unlisted = this.#shares - this.#entries.length;
    if (unlisted > 0) reports.push({ ...base, holder: undefined, shares: unlisted });
    return reports;
  }
}
