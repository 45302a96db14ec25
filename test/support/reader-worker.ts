/** Worker that serves readers, as `video-frame-pool/worker` does, with the decoder that the worker's name configures. */
import type { MessageEndpoint } from '../../src/thread/handshake.ts';
import { serveReaders } from '../../src/media/worker/serve.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import type { WorkerDecoder } from './readers.ts';
import { countingDecoder, frozenAfter } from './decoders.ts';

// TypeScript types the global scope as a window.
const scope = globalThis as unknown as MessageEndpoint & { readonly name: string };
const asked = JSON.parse(scope.name === '' ? '{}' : scope.name) as WorkerDecoder;

function decoderOf({ limits = {}, freezeAfter, countsTo }: WorkerDecoder): typeof VideoDecoder {
  if (freezeAfter !== undefined) return frozenAfter(freezeAfter);
  return countsTo === undefined ? LimitedVideoDecoder.with(limits) : countingDecoder(countsTo);
}

// Requests of the tests for a worker's end: the worker closes itself, or blocks for ever.
globalThis.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (data === 'close yourself') globalThis.close();
  if (data === 'be busy') for (;;);
});

if (asked.holdsLock !== undefined) void navigator.locks.request(asked.holdsLock, () => new Promise(() => {}));
serveReaders(scope, { decoder: decoderOf(asked) });
