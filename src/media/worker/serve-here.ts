/** Service for readers in the thread that imports it, if that is a dedicated worker. */
import type { MessageEnd } from '../../thread/handshake.ts';
import type { ServeOptions } from './serve.ts';
import { serveReaders } from './serve.ts';

/** Does nothing outside of a dedicated worker. */
export function serveHere(options: ServeOptions): void {
  if (Object.prototype.toString.call(globalThis) !== '[object DedicatedWorkerGlobalScope]') return;
  // TypeScript takes the global scope for a window's, whose postMessage() is another.
  serveReaders(globalThis as unknown as MessageEnd, options);
}
