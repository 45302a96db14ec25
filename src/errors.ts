/** Errors by the platform's names, made in one place so that their wording stays one. */

/** The moment is wrong: closed, decommitted, released, spent. */
export const invalidState = (message: string, cause?: unknown): DOMException =>
  withCause(new DOMException(message, 'InvalidStateError'), cause);

/** A wait was ended by somebody else. */
export const aborted = (message: string): DOMException => new DOMException(message, 'AbortError');

/** No room in the pool, or in the engine. */
export const quotaExceeded = (message: string, cause?: unknown): DOMException =>
  withCause(new DOMException(message, 'QuotaExceededError'), cause);

/** The engine, the codec or the file's kind is not to be had here. */
export const notSupported = (message: string, cause?: unknown): DOMException =>
  withCause(new DOMException(message, 'NotSupportedError'), cause);

/** The data cannot come here, or now. */
export const dataError = (message: string): DOMException => new DOMException(message, 'DataError');

/** The bytes are not what they say. */
export const encodingError = (message: string, cause?: unknown): DOMException =>
  withCause(new DOMException(message, 'EncodingError'), cause);

// DOMException's constructor has no `cause` option, so it is set as an own property, as Error's is.
function withCause<E extends Error>(error: E, cause: unknown): E {
  if (cause !== undefined) {
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  }
  return error;
}

/** How a wrong argument is shown in a message. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value);
  return String(value);
}

/**
 * Checks a whole number within a range.
 *
 * @throws `TypeError` where it is no number, `RangeError` where it is out of range or not whole.
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
 * Checks a length of time in milliseconds; `Infinity` stands for never.
 *
 * @throws `TypeError` where it is no number, `RangeError` where it is not above 0.
 */
export function requireDelay(name: string, value: unknown): number {
  const range = `${name} must be a number of milliseconds above 0`;
  if (typeof value !== 'number') throw new TypeError(`${range}, got ${shown(value)}`);
  if (!(value > 0)) throw new RangeError(`${range}, got ${value}`);
  return value;
}

/**
 * Checks an optional time in microseconds; infinite ones stand for the very beginning and the very end.
 *
 * @throws `TypeError` where it is no number.
 */
export function requireTime(name: string, time: unknown): void {
  if (time === undefined) return;
  if (typeof time !== 'number' || Number.isNaN(time)) {
    throw new TypeError(`${name} must be a time in microseconds, got ${shown(time)}`);
  }
}

/**
 * Checks an optional function.
 *
 * @throws `TypeError` where it is something else.
 */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function, got ${shown(value)}`);
}
