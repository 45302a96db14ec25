/**
 * Serialized form of an error between threads. Structured cloning loses names, classes and causes, differently in each engine.
 */
import { PoolStarvedError } from '../../pool/starved.ts';
import { cut } from '../../thread/validation.ts';

/** Maximum length of a message, in UTF-16 units. More is not useful to a reader. */
export const MAX_MESSAGE = 4096;
/** Maximum number of nested causes. */
export const MAX_CAUSES = 8;

/** A serialized error. */
export interface ErrorRecord {
  readonly type: 'DOMException' | 'TypeError' | 'RangeError' | 'PoolStarvedError' | 'Error';
  readonly name: string;
  readonly message: string;
  readonly cause: ErrorRecord | null;
}

/** Serializes an error. */
export function recordOf(error: unknown, causes = MAX_CAUSES): ErrorRecord {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE);
  if (!(error instanceof Error)) return { type: 'Error', name: 'Error', message, cause: null };
  const cause = error.cause === undefined || causes === 0 ? null : recordOf(error.cause, causes - 1);
  return { type: typeOf(error), name: cut(error.name), message, cause };
}

function typeOf(error: Error): ErrorRecord['type'] {
  if (error instanceof DOMException) return 'DOMException';
  if (error instanceof PoolStarvedError) return 'PoolStarvedError';
  if (error instanceof TypeError) return 'TypeError';
  return error instanceof RangeError ? 'RangeError' : 'Error';
}

/** Deserializes an error. A `PoolStarvedError` is created where its holders are known. */
export function errorOf({ type, name, message, cause }: ErrorRecord): Error {
  const error = made(type, name, message);
  if (cause !== null) {
    Object.defineProperty(error, 'cause', { value: errorOf(cause), configurable: true, writable: true });
  }
  return error;
}

function made(type: ErrorRecord['type'], name: string, message: string): Error {
  if (type === 'DOMException') return new DOMException(message, name);
  if (type === 'TypeError') return new TypeError(message);
  if (type === 'RangeError') return new RangeError(message);
  const error = new Error(message);
  error.name = name;
  return error;
}
