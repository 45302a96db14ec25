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
import { DEFAULT_STARVATION_MS } from './starved.ts';
import type { CaptureOptions, CropRectangle, StorageAdapter, Storage } from './storage.ts';
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
  /** Name of the caller, in `holders()` and in a starvation error. */
  readonly holder?: string | undefined;
  /**
   * Milliseconds for which other callers may be served before this one, if a `budget` has room for them and not for it. After that the
   * wait ends with a `PoolStarvedError`. The time begins when a caller is served before it for the first time. `Infinity` for never.
   * 10,000 by default.
   */
  readonly starvationMs?: number | undefined;
}

/** Options of a wait that were read and checked: plain values, whatever the app's object does when it is read. */
export interface CheckedWait extends WaitOptions {
  readonly starvationMs: number;
}

/** Options of a copy that were read; a storage checks how the picture is put into its buffers. */
export interface CheckedCapture extends CaptureOptions, CheckedWait {}

/** A wait for a buffer, and how the picture is put into it. */
export interface CaptureRequest extends WaitOptions, CaptureOptions {}

/** As Chromium's own pool of frames: what nobody used for so long is not part of the working set. */
const DEFAULT_IDLE_MS = 10_000;

/**
 * Checks a pool's settings and fills in what was left out.
 *
 * @throws `TypeError` or `RangeError`.
 */
export function checkedSettings<S extends Storage>(
  options: PoolOptions<S>,
): CoreSettings & { readonly kind: string } {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`options must be an object with a capacity, got ${shown(options)}`);
  }
  // Each is read once: what is checked is what is used, also of options that are computed when they are read.
  const { storage = decodedStorage, name = 'pool', idleMs = DEFAULT_IDLE_MS, maxBytes = Infinity } = options;
  const { capacity: slots, budget: shared, initial: made, trackHolders, clock } = options;
  const capacity = requireWhole('capacity', slots, 1);
  const used: StorageAdapter | undefined = (storage as Partial<Storage> | null)?.[driver];
  if (used === undefined) {
    throw new TypeError(`storage must come from canvasStorage() or the like, got ${shown(storage)}`);
  }
  if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${shown(name)}`);
  if (maxBytes !== Infinity) requireWhole('maxBytes', maxBytes, 1);
  const budget = shared === undefined ? null : budgetBehind(shared);
  if (budget === undefined) {
    throw new TypeError(`budget must be a FrameBudget, got ${shown(shared)}`);
  }
  const initial = requireWhole('initial', made ?? 0, 0, capacity);
  if (!isBufferAllocator(used) && initial > 0) {
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
    driver: used,
    idleMs: requireDelay('idleMs', idleMs),
    trackHolders: trackHolders === true,
    clock: clock ?? platformClock,
  };
}

/** @throws `TypeError` for a signal that is none. */
export function requireSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal.addEventListener !== 'function') {
    throw new TypeError(`signal must be an AbortSignal, got ${shown(signal)}`);
  }
}

/**
 * Reads the options of a wait, once and before the pool is asked for anything: a getter is the app's code, and may take what is free.
 *
 * @throws `TypeError` for a signal or a holder's name that is none, `TypeError` or `RangeError` for a `starvationMs` that is none.
 */
export function readWait({ signal, holder, starvationMs = DEFAULT_STARVATION_MS }: WaitOptions): CheckedWait {
  requireSignal(signal);
  requireHolder(holder);
  return { signal, holder, starvationMs: requireDelay('starvationMs', starvationMs) };
}

/** As `readWait()`, for a copy. */
export function readCapture(options: CaptureRequest): CheckedCapture {
  const { crop, fit, rotation, flip, sizeChange } = options;
  const isObject = typeof crop === 'object' && crop !== null;
  return {
    ...readWait(options),
    ...(crop === undefined ? {} : { crop: isObject ? readCrop(crop) : crop }),
    ...(fit === undefined ? {} : { fit }),
    ...(rotation === undefined ? {} : { rotation }),
    ...(flip === undefined ? {} : { flip }),
    ...(sizeChange === undefined ? {} : { sizeChange }),
  };
}

const readCrop = ({ x, y, width, height }: CropRectangle): CropRectangle => ({ x, y, width, height });
