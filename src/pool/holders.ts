/** Names of the holders of slots, as shares carry them, and the reports made from these names. */
import { shown } from '../base/errors.ts';

/** One holder of one slot, as `pool.holders()` and `PoolStarvedError` report it. */
export interface HolderReport {
  /** The pool's name. */
  readonly pool: string;
  /** Index of the slot within its pool. Reports with the same index share one frame. */
  readonly slot: number;
  /** `'lent'` for a frame or buffer, `'reserved'` for a permit whose frame has not arrived yet. */
  readonly state: 'lent' | 'reserved';
  /** The name given when the share was made; `undefined` for shares without a name. */
  readonly holder: string | undefined;
  /** Number of shares in this report: 1 for a named share; the unnamed shares of a slot are reported together. */
  readonly shares: number;
  /** Timestamp of the frame in µs; 0 for a permit. */
  readonly timestamp: number;
  /** With `trackHolders`: the time when the share was made, in milliseconds of the pool's clock. */
  readonly since?: number;
  /**
   * With `trackHolders`: the stack of the app's call that the share was made for, in the engine's format, starting at the app's
   * own line. Frames of an iteration have the call that started the iteration, such as `reader.frames()`.
   */
  readonly acquiredAt?: string;
}

/**
 * Entry of a share in its slot's list of holders. It must not refer to the handle: a slot that reached its handles would keep
 * them alive, so a forgotten handle could never be detected.
 */
export interface HolderEntry {
  readonly holder: string | undefined;
  readonly since?: number;
  /** May be set after the share is made, if a decoder makes the share for an earlier call of the app. */
  acquiredAt?: string;
}

/** @throws `TypeError` if the holder's name is no string. */
export function requireHolder(holder: unknown): void {
  if (holder !== undefined && typeof holder !== 'string') {
    throw new TypeError(`holder must be a string, got ${shown(holder)}`);
  }
}

/** Empty list, for a slot that returns without a holder to name. */
export const NO_HOLDERS: readonly string[] = Object.freeze([]);

/** Placeholder for a share without a name in a list of names. */
export const UNNAMED = '(unnamed)';

/** Returns a list of holders for an error message. Holders of pools other than `home` are listed with their pool. */
export function nameHolders(reports: readonly HolderReport[], home?: string): string {
  const byName = new Map<string, number>();
  for (const { pool, holder = UNNAMED, shares } of reports) {
    const name = home === undefined || pool === home ? holder : `${holder} of pool "${pool}"`;
    byName.set(name, (byName.get(name) ?? 0) + shares);
  }
  if (byName.size === 0) return 'no handle';
  return [...byName].map(([name, shares]) => (shares === 1 ? name : `${name} (${shares})`)).join(', ');
}
