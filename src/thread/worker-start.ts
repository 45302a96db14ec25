/** Detects that a worker threw, or could not be loaded, before it responded. */
import type { MessageEndpoint } from './handshake.ts';

/**
 * Listens for the first error of a worker. A port has no such event, and an earlier error is not repeated.
 *
 * @param onFailed - Called with an `OperationError` if the script threw, or a `NetworkError` if it could not be loaded.
 * @returns A function that stops listening.
 */
export function watchStart(
  to: MessageEndpoint,
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
