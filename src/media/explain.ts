/** What mediabunny throws, in the platform's names and in words about the file. */
import { InputDisposedError, UnsupportedInputFormatError } from 'mediabunny';
import { aborted, encodingError, notSupported } from '../errors.ts';

/** The containers that `openVideo()` reads. */
export const CONTAINERS = 'MP4, MOV, WebM, MKV or MPEG-TS';

/** An address that cannot be read. */
export function networkError(message: string, cause?: unknown): DOMException {
  const error = new DOMException(message, 'NetworkError');
  // DOMException's constructor has no `cause` option, so it is set as an own property, as Error's is.
  if (cause !== undefined)
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true });
  return error;
}

/**
 * The platform's errors as they are; everything else as what it says of the file. A `TypeError` is mediabunny's own, about what
 * it found there.
 *
 * @param otherwise - What is wrong when mediabunny stumbles for a reason that has no name.
 */
export function explained(error: unknown, otherwise: string): unknown {
  if (error instanceof DOMException) return error;
  if (error instanceof InputDisposedError) return aborted('the reader was closed');
  if (error instanceof UnsupportedInputFormatError) {
    return notSupported(`the file is no ${CONTAINERS} file, or its beginning is damaged`, error);
  }
  const message = error instanceof Error ? error.message : String(error);
  if (/encrypted/i.test(message)) return notSupported('the file is encrypted', error);
  // "Load failed" is all that WebKit says of it.
  if (/fetch|network|retriev|load failed/i.test(message))
    return networkError(`the file cannot be read: ${message}`);
  return encodingError(`${otherwise}: ${message}`, error);
}
