/** Service for readers in the importing thread, if that is a dedicated worker. */
import type { MessageEndpoint } from '../../thread/handshake.ts';
import type { ServeOptions } from './serve.ts';
import { serveReaders } from './serve.ts';

/** Does nothing outside of a dedicated worker. */
export function serveHere(options: ServeOptions): void {
  if (Object.prototype.toString.call(globalThis) !== '[object DedicatedWorkerGlobalScope]') return;
  // TypeScript types the global scope as a window's, whose postMessage() is different.
  serveReaders(globalThis as unknown as MessageEndpoint, options);
}
