/** The pool's account as apps read it. */
import type { PoolCore, PoolState } from './core.ts';
import type { PoolTotals } from './ledger.ts';

/** A snapshot of a pool's account. */
export interface PoolStats extends Readonly<PoolTotals> {
  /** What `pool.state` says. */
  readonly state: PoolState;
  /** Slots in effect. */
  readonly capacity: number;
  /** Slots that may still be lent. */
  readonly freeCount: number;
  /** Frames and buffers that holders have. */
  readonly lentCount: number;
  /** Permits that are out. */
  readonly decodingCount: number;
  /** Buffers that are allocated and free. */
  readonly idleCount: number;
  /** How many wait for a slot. */
  readonly waitingCount: number;
  /** Frames beyond the capacity now: what decoders put out without a permit (at most 16 for each decoder). */
  readonly surplus: number;
  /** The most frames or buffers that were lent at one time. */
  readonly peakLentCount: number;
  /** Bytes held, lent or idle. */
  readonly bytes: number;
  /** The most bytes, `Infinity` without a limit. */
  readonly maxBytes: number;
  /** Whether some of `bytes` is an estimate, because the platform hides it. */
  readonly bytesEstimated: boolean;
  /** Counts up with each new storage. */
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
  surplus: ledger.surplus,
  peakLentCount: ledger.peakLent,
  bytes: ledger.bytes,
  maxBytes: ledger.maxBytes,
  bytesEstimated: ledger.estimates > 0,
  generation: inventory.generation,
  ...ledger.totals,
});
