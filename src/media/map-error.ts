/** Mapping of mediabunny's errors to the platform's error names, with texts about the file. */
import { InputDisposedError, UnsupportedInputFormatError } from 'mediabunny';
import { aborted, encodingError, notSupported } from '../base/errors.ts';

/** The containers that `openVideo()` reads. */
export const CONTAINERS = 'MP4, MOV, WebM, MKV or MPEG-TS';

/** The error for an address that cannot be read. */
export function networkError(message: string, cause?: unknown): DOMException {
  const error = new DOMException(message, 'NetworkError');
  // DOMException's constructor has no `cause` option, so `cause` is set as an own property, as on Error.
  if (cause !== undefined)
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  return error;
}

/**
 * Returns errors of the platform unchanged, and maps all others to an error about the file. A `TypeError` comes from mediabunny
 * itself, about the file's contents.
 *
 * @param otherwise - Description of the failure, if mediabunny's error has no known cause.
 */
export function mapError(error: unknown, otherwise: string): unknown {
  if (error instanceof DOMException) return error;
  if (error instanceof InputDisposedError) return aborted('the reader was closed');
  if (error instanceof UnsupportedInputFormatError) {
    return notSupported(`the file is not ${CONTAINERS}, or its beginning is damaged`, error);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (/encrypted/i.test(message)) return notSupported('the file is encrypted', error);
  // WebKit reports only "Load failed".
  if (/fetch|network|retriev|load failed/i.test(message))
    return networkError(`the file cannot be read: ${message}`);
  return encodingError(`${otherwise}: ${message}`, error);
}
