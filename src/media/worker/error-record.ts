/** Errors on their way between threads. A structured clone loses names, classes and causes, each engine others. */
import { PoolStarvedError } from '../../decode/starved.ts';
import { cut } from '../../thread/validation.ts';

/** UTF-16 units of a message that go over, and causes behind an error: more than anybody reads. */
export const MAX_MESSAGE = 4096;
/** As above. */
export const MAX_CAUSES = 8;

/** An error as it travels. */
export interface ErrorRecord {
  readonly type: 'DOMException' | 'TypeError' | 'RangeError' | 'PoolStarvedError' | 'Error';
  readonly name: string;
  readonly message: string;
  readonly cause: ErrorRecord | null;
}

/** Takes an error down. */
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

/** Makes the error anew. A `PoolStarvedError` is made where its holders are known. */
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
