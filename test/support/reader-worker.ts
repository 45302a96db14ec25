/** A worker for readers, as `video-frame-pool/worker` is one, with the decoder that its name asks for. */
import type { MessageEnd } from '../../src/thread/greeting.ts';
import { serveReaders } from '../../src/media/worker/serve.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import type { WorkerDecoder } from './readers.ts';
import { frozenAfter } from './frozen-decoder.ts';

// TypeScript takes the global scope for a window's.
const scope = globalThis as unknown as MessageEnd & { readonly name: string };
const { limits = {}, freezeAfter } = JSON.parse(scope.name === '' ? '{}' : scope.name) as WorkerDecoder;
const decoder = freezeAfter === undefined ? LimitedVideoDecoder.with(limits) : frozenAfter(freezeAfter);

serveReaders(scope, { decoder });
