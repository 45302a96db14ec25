/** Worker that receives frames and releases each of them, without timers. At the end it posts their times. */
import type { Storage } from '../../../src/index.ts';
import { receiveFrames } from '../../../src/index.ts';
import type { MessageEndpoint } from '../../../src/thread/handshake.ts';
import { stopTimers } from './no-timers.ts';

const delays = stopTimers();
// TypeScript types the global scope as a window.
const scope = globalThis as unknown as MessageEndpoint;
const times: number[] = [];
for await (const { handle } of receiveFrames<Storage>(scope)) {
  times.push(handle.timestamp);
  handle.release();
}
globalThis.postMessage({ times, delays });
