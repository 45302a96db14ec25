/** Options of a pool, and their checks. */
import type { Clock } from '../base/clock.ts';
import { platformClock } from '../base/clock.ts';
import { requireDelay, requireWhole, shown } from '../base/errors.ts';
import type { Budget } from './budget.ts';
import { budgetBehind } from './budget.ts';
import type { DecodedStorage } from './decoded.ts';
import { decodedStorage } from './decoded.ts';
import type { FrameBudget } from './frame-budget.ts';
import type { Storage, StorageAdapter } from './storage.ts';
import { isBufferAllocator, storageAdapter } from './storage.ts';

/** Options of the `VideoFramePool` constructor. */
export interface PoolOptions<S extends Storage = DecodedStorage> {
  /** Maximum number of frames or buffers lent at once, at least 1. The application chooses it: decoders do not report a limit. */
  readonly capacity: number;
  /**
   * Number of buffers allocated immediately instead of on demand, 0 to `capacity`. 0 by default. Must be 0 for decoded frames.
   */
  readonly initial?: number;
  /**
   * Maximum number of bytes that the pool may hold, idle buffers included. No limit by default. A single buffer that exceeds the
   * limit is rejected before it is allocated. A single decoded frame that exceeds it is closed when the decoder outputs it, and
   * the decoding ends.
   */
  readonly maxBytes?: number;
  /** Limits shared with other pools. None by default. */
  readonly budget?: FrameBudget;
  /** Storage of the pool's slots. Decoded frames by default. */
  readonly storage?: S;
  /** Name of the pool in messages. */
  readonly name?: string;
  /** Milliseconds after which an idle buffer is destroyed, `Infinity` for never. 10,000 by default. */
  readonly idleMs?: number;
  /** Whether `holders()` reports the time and the call site of each share's creation. Costs one stack trace per share. */
  readonly trackHolders?: boolean;
  /** Source of time, for tests. The platform's clock by default. */
  readonly clock?: Clock;
}

/** Settings that `configure()` can change. An omitted setting keeps its value. */
export type ReconfigureOptions<S extends Storage> = Partial<
  Pick<PoolOptions<S>, 'capacity' | 'initial' | 'maxBytes' | 'storage'>
>;

/** Configuration that is in effect after a request. */
export interface EffectiveConfiguration {
  /** Slots in effect now. Above the request while more slots than requested are lent or reserved. */
  readonly capacity: number;
  /** Current number of idle buffers. */
  readonly idleCount: number;
  /** Maximum number of bytes, `Infinity` without a limit. */
  readonly maxBytes: number;
  /** Bytes of one buffer; null for decoded frames, because their sizes differ. */
  readonly bufferBytes: number | null;
  /** Increases with each new storage. Buffers of an older generation are destroyed when they are returned. */
  readonly generation: number;
}

/** Checked settings of a pool. */
export interface PoolSettings {
  /** Name of the kind of storage. */
  readonly kind: string;
  readonly name: string;
  readonly clock: Clock;
  readonly adapter: StorageAdapter;
  readonly capacity: number;
  readonly initial: number;
  readonly maxBytes: number;
  readonly budget: Budget | null;
  readonly idleMs: number;
  readonly trackHolders: boolean;
}

/** The settings that a new configuration can change. */
export type Configuration = Pick<PoolSettings, 'capacity' | 'initial' | 'maxBytes' | 'adapter'>;

/** Same value as Chromium's frame pool: a buffer unused for this many milliseconds is not part of the working set. */
const DEFAULT_IDLE_MS = 10_000;

/**
 * Checks a pool's settings and fills in defaults.
 *
 * @throws `TypeError` or `RangeError` for an invalid setting.
 */
export function checkedSettings<S extends Storage>(options: PoolOptions<S>): PoolSettings {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`options must be an object with a capacity, got ${shown(options)}`);
  }
  // Each option is read once, so that the checked value is the used value, even if the option is a getter.
  const { storage = decodedStorage, name = 'pool', idleMs = DEFAULT_IDLE_MS, maxBytes = Infinity } = options;
  const { capacity: slots, budget: shared, initial: made, trackHolders, clock } = options;
  const capacity = requireWhole('capacity', slots, 1);
  const adapter: StorageAdapter | undefined = (storage as Partial<Storage> | null)?.[storageAdapter];
  if (adapter === undefined) {
    throw new TypeError(
      `storage must come from canvasStorage(), memoryStorage() or textureStorage(), got ${shown(storage)}`,
    );
  }
  if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${shown(name)}`);
  if (maxBytes !== Infinity) requireWhole('maxBytes', maxBytes, 1);
  const budget = shared === undefined ? null : budgetBehind(shared);
  if (budget === undefined) {
    throw new TypeError(`budget must be a FrameBudget, got ${shown(shared)}`);
  }
  const initial = requireWhole('initial', made ?? 0, 0, capacity);
  if (!isBufferAllocator(adapter) && initial > 0) {
    throw new RangeError(
      `initial must be 0 for decoded frames, which cannot be made in advance, got ${initial}`,
    );
  }
  return {
    kind: storage.kind,
    name,
    capacity,
    initial,
    maxBytes,
    budget,
    adapter,
    idleMs: requireDelay('idleMs', idleMs),
    trackHolders: trackHolders === true,
    clock: clock ?? platformClock,
  };
}
