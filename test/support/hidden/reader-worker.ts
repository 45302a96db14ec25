/** Worker for readers, whose timers do not fire. */
import { serveReaders } from '../../../src/media/worker/serve.ts';
import type { MessageEndpoint } from '../../../src/thread/handshake.ts';
import { stopTimers } from './no-timers.ts';

stopTimers();
// TypeScript takes the global scope for a window's.
serveReaders(globalThis as unknown as MessageEndpoint, {});
