/** What a pool's calls take, and the checks that come before anything changes. */
import type { Clock } from '../clock.ts';
import { platformClock } from '../clock.ts';
import { requireDelay, requireWhole, shown } from '../errors.ts';
import { budgetBehind } from './budget.ts';
import type { CoreSettings } from './core.ts';
import type { DecodedStorage } from './decoded.ts';
import { decodedStorage } from './decoded.ts';
import type { FrameBudget } from './frame-budget.ts';
import { requireHolder } from './holders.ts';
import type { CaptureOptions, StorageAdapter, Storage } from './storage.ts';
import { driver, isBufferAllocator } from './storage.ts';

/** How a pool is made. */
export interface PoolOptions<S extends Storage = DecodedStorage> {
  /** How many frames or buffers may be out at once, from 1. The application's own budget: no decoder tells its limit. */
  readonly capacity: number;
  /** Buffers made at once rather than on demand, 0 to `capacity`. 0 by default. Not for decoded frames. */
  readonly initial?: number;
  /**
   * The most bytes that the pool may hold, idle buffers included. No limit by default. What is larger by itself is refused
   * before a buffer is made of it; a decoder's frame is closed as it comes out, and ends the decoding.
   */
  readonly maxBytes?: number;
  /** Limits shared with other pools. None by default. */
  readonly budget?: FrameBudget;
  /** What slots hold. Decoded frames by default. */
  readonly storage?: S;
  /** What messages call the pool. */
  readonly name?: string;
  /** Milliseconds after which an idle buffer is given up, `Infinity` for never. 10,000 by default. */
  readonly idleMs?: number;
  /** Whether `holders()` tells since when and where each share was made. Costs a stack trace a share. */
  readonly trackHolders?: boolean;
  /** Where time comes from; for tests. The platform's by default. */
  readonly clock?: Clock;
}

/** What `configure()` changes; what is left out stays. */
export type ReconfigureOptions<S extends Storage> = Partial<
  Pick<PoolOptions<S>, 'capacity' | 'initial' | 'maxBytes' | 'storage'>
>;

/** What the pool really made of a request. */
export interface EffectiveConfiguration {
  /** Slots in effect now. Above the request while more than that are out. */
  readonly capacity: number;
  /** Idle buffers there are now. */
  readonly idleCount: number;
  /** The most bytes, `Infinity` without a limit. */
  readonly maxBytes: number;
  /** Bytes of one buffer; null for decoded frames, which differ. */
  readonly bufferBytes: number | null;
  /** Counts up with each new storage. Buffers of an older one are destroyed when they come back. */
  readonly generation: number;
}

/** A wait for a slot. */
export interface WaitOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Who asks, as `holders()` and a starvation error will name it. */
  readonly holder?: string | undefined;
}

/** A wait for a buffer, and how the picture is put into it. */
export interface CaptureRequest extends WaitOptions, CaptureOptions {}

/** As Chromium's own pool of frames: what nobody used for so long is not part of the working set. */
const DEFAULT_IDLE_MS = 10_000;

/**
 * Checks a pool's settings and fills in what was left out.
 *
 * @throws `TypeError` or `RangeError`.
 */
export function checkedSettings<S extends Storage>(options: PoolOptions<S>): CoreSettings {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`options must be an object with a capacity, got ${shown(options)}`);
  }
  const { storage = decodedStorage, name = 'pool', idleMs = DEFAULT_IDLE_MS, maxBytes = Infinity } = options;
  const capacity = requireWhole('capacity', options.capacity, 1);
  const used: StorageAdapter | undefined = (storage as Partial<Storage> | null)?.[driver];
  if (used === undefined) {
    throw new TypeError(`storage must come from canvasStorage() or the like, got ${shown(storage)}`);
  }
  if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${shown(name)}`);
  if (maxBytes !== Infinity) requireWhole('maxBytes', maxBytes, 1);
  const budget = options.budget === undefined ? null : budgetBehind(options.budget);
  if (budget === undefined) {
    throw new TypeError(`budget must be a FrameBudget, got ${shown(options.budget)}`);
  }
  const initial = requireWhole('initial', options.initial ?? 0, 0, capacity);
  if (!isBufferAllocator(used) && initial > 0) {
    throw new RangeError(
      `initial must be 0 for decoded frames, which cannot be made in advance, got ${initial}`,
    );
  }
  return {
    name,
    capacity,
    initial,
    maxBytes,
    budget,
    driver: used,
    idleMs: requireDelay('idleMs', idleMs),
    trackHolders: options.trackHolders === true,
    clock: options.clock ?? platformClock,
  };
}

/** @throws `TypeError` for a signal or a holder's name that is none. */
export function checkWait({ signal, holder }: WaitOptions): void {
  if (signal !== undefined && typeof signal.addEventListener !== 'function') {
    throw new TypeError(`signal must be an AbortSignal, got ${shown(signal)}`);
  }
  requireHolder(holder);
}
