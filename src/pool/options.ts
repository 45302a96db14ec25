/** Options of the calls that wait for a slot or copy a picture, and the checks that run before a call changes any state. */
import { requireDelay, shown } from '../base/errors.ts';
import { requireHolder } from './holders.ts';
import { DEFAULT_STARVATION_MS } from './starved.ts';
import type { CopyOptions, CropRectangle } from './storage.ts';

/** Options of a wait for a slot. */
export interface WaitOptions {
  /** Aborts the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Name of the caller, used in `holders()` and in a starvation error. */
  readonly holder?: string | undefined;
  /**
   * Milliseconds for which later callers may be served before this caller, if a `budget` has room for them but not for this
   * caller. After that time the wait fails with a `PoolStarvedError`. The time starts when a later caller is served first.
   * `Infinity` for never. 10,000 by default.
   */
  readonly starvationMs?: number | undefined;
}

/** Wait options that were read and checked. They are plain values, even if the app's object has getters. */
export interface CheckedWait extends WaitOptions {
  readonly starvationMs: number;
}

/** Copy options that were read. The wait options are checked; the storage checks the remaining options. */
export interface CheckedCopy extends CopyOptions, CheckedWait {}

/** Options of a wait for a buffer and of the copy into that buffer. */
export interface CopyRequest extends WaitOptions, CopyOptions {}

/** @throws `TypeError` if `signal` is not an `AbortSignal`. */
export function requireSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal.addEventListener !== 'function') {
    throw new TypeError(`signal must be an AbortSignal, got ${shown(signal)}`);
  }
}

/**
 * Reads the options of a wait. Each is read once and before the pool checks for a free slot: a getter runs the app's code, which
 * may take that slot.
 *
 * @throws `TypeError` for an invalid signal or holder name, `TypeError` or `RangeError` for an invalid `starvationMs`.
 */
export function readWait({ signal, holder, starvationMs = DEFAULT_STARVATION_MS }: WaitOptions): CheckedWait {
  requireSignal(signal);
  requireHolder(holder);
  return { signal, holder, starvationMs: requireDelay('starvationMs', starvationMs) };
}

/** Like `readWait()`, for the options of a copy. */
export function readCopy(options: CopyRequest): CheckedCopy {
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
