/**
 * `video-frame-pool/worker`: what a worker runs in which `openVideo()` is to read and decode. Anywhere else importing it does
 * nothing. It exports nothing.
 */
import type { MessageEnd } from '../../thread/greeting.ts';
import { serveReaders } from './serve.ts';

if (Object.prototype.toString.call(globalThis) === '[object DedicatedWorkerGlobalScope]') {
  // TypeScript takes the global scope for a window's, whose postMessage() is another.
  serveReaders(globalThis as unknown as MessageEnd);
}
