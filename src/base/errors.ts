/** Constructors of errors with the platform's names, kept in one place so that their texts stay uniform. */

/** The object is in the wrong state: closed, decommitted, released or spent. */
export const invalidState = (message: string, cause?: unknown): DOMException =>
  withCause(new DOMException(message, 'InvalidStateError'), cause);

/** The wait was ended by another party. */
export const aborted = (message: string): DOMException => new DOMException(message, 'AbortError');

/** The pool or the engine is out of room. */
export const quotaExceeded = (message: string, cause?: unknown): DOMException =>
  withCause(new DOMException(message, 'QuotaExceededError'), cause);

/** This engine does not support the feature, the codec or the kind of file. */
export const notSupported = (message: string, cause?: unknown): DOMException =>
  withCause(new DOMException(message, 'NotSupportedError'), cause);

/** The data is not allowed at this place or at this moment. */
export const dataError = (message: string): DOMException => new DOMException(message, 'DataError');

/** The bytes are malformed. */
export const encodingError = (message: string, cause?: unknown): DOMException =>
  withCause(new DOMException(message, 'EncodingError'), cause);

// DOMException's constructor has no `cause` option, so `cause` is set as an own property, as on Error.
function withCause<E extends Error>(error: E, cause: unknown): E {
  if (cause !== undefined) {
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  }
  return error;
}

/** Formats a wrong argument for an error message. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value);
  return String(value);
}

/**
 * Checks that a value is a whole number within a range.
 *
 * @throws `TypeError` if it is not a number, `RangeError` if it is out of range or not whole.
 */
export function requireWhole(
  name: string,
  value: unknown,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const range = `${name} must be a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`}`;
  if (typeof value !== 'number') throw new TypeError(`${range}, got ${shown(value)}`);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${range}, got ${value}`);
  return value;
}

/**
 * Checks a duration in milliseconds; `Infinity` means never.
 *
 * @throws `TypeError` if it is not a number, `RangeError` if it is not above 0.
 */
export function requireDelay(name: string, value: unknown): number {
  const range = `${name} must be a number of milliseconds above 0`;
  if (typeof value !== 'number') throw new TypeError(`${range}, got ${shown(value)}`);
  if (!(value > 0)) throw new RangeError(`${range}, got ${value}`);
  return value;
}

/**
 * Checks an optional time in microseconds; the infinities mean the very beginning and the very end.
 *
 * @throws `TypeError` if it is not a number.
 */
export function requireTime(name: string, time: unknown): void {
  if (time === undefined) return;
  if (typeof time !== 'number' || Number.isNaN(time)) {
    throw new TypeError(`${name} must be a time in microseconds, got ${shown(time)}`);
  }
}

/**
 * Checks that a value is a function.
 *
 * @throws `TypeError` if it is not.
 */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function, got ${shown(value)}`);
}
