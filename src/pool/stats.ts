/** `PoolStats`, the statistics of a pool for apps. */
import type { PoolCore } from './core.ts';
import type { PoolState } from './lender.ts';
import type { PoolTotals } from './ledger.ts';

/** Snapshot of a pool's statistics. */
export interface PoolStats extends Readonly<PoolTotals> {
  /** Same as `pool.state`. */
  readonly state: PoolState;
  /** Slots in effect. */
  readonly capacity: number;
  /** Number of slots that can still be lent. */
  readonly freeCount: number;
  /** Number of frames and buffers that are lent to holders. */
  readonly lentCount: number;
  /** Number of outstanding permits. */
  readonly decodingCount: number;
  /** Number of buffers that are allocated and free. */
  readonly idleCount: number;
  /** Number of callers that wait for a slot. */
  readonly waitingCount: number;
  /** Current number of frames beyond the capacity: decoders produced them without a permit (at most 16 for each decoder). */
  readonly overcommitted: number;
  /** Largest number of frames or buffers that were lent at the same time. */
  readonly peakLentCount: number;
  /** Bytes held, lent or idle. */
  readonly bytes: number;
  /** Maximum number of bytes, `Infinity` without a limit. */
  readonly maxBytes: number;
  /** Whether part of `bytes` is an estimate, because the platform does not report it. */
  readonly bytesEstimated: boolean;
  /** Increases with each new storage. */
  readonly generation: number;
}

export const statsOf = ({ ledger, inventory, admission, state }: PoolCore): PoolStats => ({
  state,
  capacity: ledger.capacity,
  freeCount: ledger.free,
  lentCount: ledger.lent,
  decodingCount: ledger.decoding,
  idleCount: inventory.idleCount,
  waitingCount: admission.waiters.length,
  overcommitted: ledger.overcommitted,
  peakLentCount: ledger.peakLent,
  bytes: ledger.bytes,
  maxBytes: ledger.maxBytes,
  bytesEstimated: ledger.estimates > 0,
  generation: inventory.generation,
  ...ledger.totals,
});
