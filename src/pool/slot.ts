/** Room for one frame or one buffer, and its share count: the only code that writes a count. */
import type { HolderEntry, HolderReport } from './holders.ts';
import { UNNAMED } from './holders.ts';
import type { StorageAdapter } from './storage.ts';

/** A slot is `vacant` (no buffer), `idle` (a free buffer), `reserved` (a permit is out) or `lent`. */
export type SlotState = 'vacant' | 'idle' | 'reserved' | 'lent';

/**
 * A slot refers neither to its lifeline nor to the frame that it lent: if it did, the registry that watches the
 * lifeline could never fire (see net.ts).
 */
export class Slot {
  /** Its index in the pool's list: all that the net keeps of it. */
  readonly id: number;
  state: SlotState = 'vacant';
  /** The configuration that its content belongs to. */
  generation = 0;
  /** The frame or buffer; null while vacant or reserved. */
  item: object | null = null;
  /** Knows what `item` is: after a new configuration the pool's own driver is another one. Null while `item` is. */
  driver: StorageAdapter | null = null;
  /** Whether `item` is a buffer that was lent before. */
  used = false;
  /** What `item` pins, and whether that is an estimate. */
  bytes = 0;
  estimated = false;
  /** While a permit is out: what its frame is expected to pin. */
  reservedBytes = 0;
  /** Whether its frame came on an allowance, beyond the limits of a shared budget. */
  isAllowed = false;
  /** µs, of the frame that it holds now. */
  timestamp = 0;
  duration: number | null = null;

  /** Neighbours in the list of idle buffers (idle.ts), and when it became idle: in ms, and counted over all pools. */
  newer: Slot | null = null;
  older: Slot | null = null;
  idleSince = 0;
  restOrder = 0;

  #shares = 0;
  // Only named or tracked shares are listed: an unnamed share costs a number.
  readonly #entries: HolderEntry[] = [];

  constructor(id: number) {
    this.id = id;
  }

  get shares(): number {
    return this.#shares;
  }

  /** One holder more. */
  addShare(entry: HolderEntry | undefined): void {
    this.#shares++;
    if (entry !== undefined) this.#entries.push(entry);
  }

  /** One holder less. Returns how many are left. */
  dropShare(entry: HolderEntry | undefined): number {
    // The newest most often, and without the list that `splice()` would give.
    if (entry !== undefined && entry === this.#entries.at(-1)) this.#entries.pop();
    else if (entry !== undefined) this.#entries.splice(this.#entries.indexOf(entry), 1);
    return --this.#shares;
  }

  /** All holders are gone without a word: forgets them, and returns their names. */
  dropAllShares(): readonly string[] {
    const names = this.#entries.map(({ holder }) => holder ?? UNNAMED);
    while (names.length < this.#shares) names.push(UNNAMED);
    this.#shares = 0;
    this.#entries.length = 0;
    return names;
  }

  /** Puts a frame or buffer in. */
  fill(item: object, driver: StorageAdapter, bytes: number, estimated: boolean): void {
    this.item = item;
    this.driver = driver;
    this.bytes = bytes;
    this.estimated = estimated;
  }

  /** Forgets what it held and every word about it: the next holder must not see the last one's time. */
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

  /** One report for each listed share, and one for all that are not. */
  reports(pool: string): HolderReport[] {
    if (this.state !== 'lent' && this.state !== 'reserved') return [];
    const base = { pool, slot: this.id, state: this.state, timestamp: this.timestamp };
    const reports: HolderReport[] = this.#entries.map((entry) => ({ ...base, ...entry, shares: 1 }));
    const unlisted = this.#shares - this.#entries.length;
    if (unlisted > 0) reports.push({ ...base, holder: undefined, shares: unlisted });
    return reports;
  }
}
