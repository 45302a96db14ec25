/** Who holds what: the names that shares carry, and the reports made of them. */
import { shown } from '../errors.ts';

/** One holder of one slot, as `pool.holders()` and `PoolStarvedError` name it. */
export interface HolderReport {
  /** The pool's name. */
  readonly pool: string;
  /** The slot's number within its pool: reports with the same number share one frame. */
  readonly slot: number;
  /** `'lent'` for a frame or buffer, `'reserved'` for a permit whose frame has not come yet. */
  readonly state: 'lent' | 'reserved';
  /** The name given when the share was made, `undefined` for shares without one. */
  readonly holder: string | undefined;
  /** How many shares this report stands for: 1 for a named one; unnamed shares of a slot are reported together. */
  readonly shares: number;
  /** The frame's time in µs; 0 for a permit. */
  readonly timestamp: number;
  /** With `trackHolders`: when the share was made, in milliseconds of the pool's clock. */
  readonly since?: number;
  /**
   * With `trackHolders`: the stack of the app's call that the share was made for, as the engine writes it, from the app's own line
   * on. Frames of an iteration have the call that began it, such as `reader.frames()`.
   */
  readonly acquiredAt?: string;
}

/**
 * A share's line in its slot's list of holders. It refers to no handle: a slot that reached its handles would keep the
 * net from ever firing.
 */
export interface HolderEntry {
  readonly holder: string | undefined;
  readonly since?: number;
  /** May be set later than the share is made: a decoder makes it, and an earlier call of the app asked for it. */
  acquiredAt?: string;
}

/** @throws `TypeError` for a holder's name that is no string. */
export function requireHolder(holder: unknown): void {
  if (holder !== undefined && typeof holder !== 'string') {
    throw new TypeError(`holder must be a string, got ${shown(holder)}`);
  }
}

/** One for every slot that simply came home: nobody to name. */
export const NOBODY: readonly string[] = Object.freeze([]);

/** What stands for a share without a name where a list of names is asked for. */
export const UNNAMED = '(unnamed)';

/** A sentence that names holders, for error messages; those of other pools than `home` with their pool. */
export function nameHolders(reports: readonly HolderReport[], home?: string): string {
  const byName = new Map<string, number>();
  for (const { pool, holder = UNNAMED, shares } of reports) {
    const name = home === undefined || pool === home ? holder : `${holder} of pool "${pool}"`;
    byName.set(name, (byName.get(name) ?? 0) + shares);
  }
  if (byName.size === 0) return 'nobody';
  return [...byName].map(([name, shares]) => (shares === 1 ? name : `${name} (${shares})`)).join(', ');
}
