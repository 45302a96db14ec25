/** Worker that serves readers, and whose timers do not fire. */
import { serveReaders } from '../../../src/media/worker/serve.ts';
import type { MessageEndpoint } from '../../../src/thread/handshake.ts';
import { stopTimers } from './no-timers.ts';

stopTimers();
// TypeScript types the global scope as a window.
serveReaders(globalThis as unknown as MessageEndpoint, {});
