/** Finds out that a worker threw, or could not be loaded, before it answered. */
import type { MessageEnd } from './handshake.ts';

/**
 * Listens for the first error of a worker. A port has none, and an error from before this call is not repeated.
 *
 * @param onFailed - Called with an `OperationError` for a script that threw, a `NetworkError` for one that did not come.
 * @returns Stops listening.
 */
export function watchStart(
  to: MessageEnd,
  link: string,
  onFailed: (error: DOMException) => void,
): () => void {
  if (Object.prototype.toString.call(to) !== '[object Worker]') return () => {};
  const worker = to as unknown as EventTarget;
  const onError = (event: Event): void => onFailed(failureOf(link, event));
  worker.addEventListener('error', onError, { once: true });
  return () => worker.removeEventListener('error', onError);
}

function failureOf(link: string, event: Event): DOMException {
  // Only a script that threw has a message.
  const { message, filename, lineno } = event as Partial<ErrorEvent>;
  if (message === undefined || message === '') {
    return new DOMException(
      `link "${link}": the worker could not be loaded: its address is wrong, its script cannot be parsed, or a Content-Security-Policy (worker-src) forbids it`,
      'NetworkError',
    );
  }
  const place = filename === undefined || filename === '' ? '' : ` (${filename}:${lineno})`;
  return new DOMException(
    `link "${link}": the worker failed before it called receiveFrames(): ${message}${place}`,
    'OperationError',
  );
}
