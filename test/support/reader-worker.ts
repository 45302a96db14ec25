/** Worker for readers, as `video-frame-pool/worker` is one, with the decoder that its name asks for. */
import type { MessageEndpoint } from '../../src/thread/handshake.ts';
import { serveReaders } from '../../src/media/worker/serve.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import type { WorkerDecoder } from './readers.ts';
import { countingDecoder, frozenAfter } from './decoders.ts';

// TypeScript takes the global scope for a window's.
const scope = globalThis as unknown as MessageEndpoint & { readonly name: string };
const asked = JSON.parse(scope.name === '' ? '{}' : scope.name) as WorkerDecoder;

function decoderOf({ limits = {}, freezeAfter, countsTo }: WorkerDecoder): typeof VideoDecoder {
  if (freezeAfter !== undefined) return frozenAfter(freezeAfter);
  return countsTo === undefined ? LimitedVideoDecoder.with(limits) : countingDecoder(countsTo);
}

// What tests of a worker's end ask for: it ends itself, or is busy for ever.
globalThis.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  if (data === 'close yourself') globalThis.close();
  if (data === 'be busy') for (;;);
});

if (asked.holdsLock !== undefined) void navigator.locks.request(asked.holdsLock, () => new Promise(() => {}));
serveReaders(scope, { decoder: decoderOf(asked) });
