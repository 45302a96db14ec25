/** A worker that holds what is sent to it, and does what the page asks for by messages of its own. */
import type { FrameHandle, MemoryStorage } from '../../../src/index.ts';
import { receiveFrames } from '../../../src/index.ts';
import { frameAccount } from '../frame-account.ts';

/** What the page may ask for. */
export type Order =
  | 'retain'
  | 'release first'
  | 'forget'
  | 'keep the frame only'
  | 'close the frame'
  | 'read'
  | 'fill'
  | 'account'
  | 'received'
  | 'leave'
  | 'collect'
  | 'end the thread';

const account = frameAccount();
const held: FrameHandle[] = [];
const kept: VideoFrame[] = [];
const received: unknown[] = [];
const iteration = receiveFrames(self, { ahead: 4 });

function last(): FrameHandle {
  const handle = held.at(-1);
  if (handle === undefined) throw new Error('nothing is held');
  return handle;
}

/** The memory behind a handle, if it shows memory. */
const memoryOf = (handle: FrameHandle): FrameHandle<MemoryStorage> | null =>
  'data' in handle ? (handle as unknown as FrameHandle<MemoryStorage>) : null;

/** The pixel at (2, 2), of a frame or of RGBA memory. */
function pixelOf(handle: FrameHandle): number[] {
  const memory = memoryOf(handle);
  if (memory !== null) return Array.from(memory.data.subarray(0, 4));
  const context = new OffscreenCanvas(8, 8).getContext('2d');
  context?.drawImage(handle.frame, 0, 0, 8, 8);
  return [...(context?.getImageData(2, 2, 1, 1).data ?? [])];
}

async function collect(): Promise<void> {
  const { gc, TestUtils } = globalThis as { gc?: () => void; TestUtils?: { gc(): Promise<void> } };
  for (let round = 0; round < 4; round++) {
    gc?.();
    await TestUtils?.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const orders: Record<Order, () => unknown> = {
  retain: () => held.push(last().retain('second in the worker')),
  'release first': () => held.shift()?.release(),
  forget: () => held.splice(0).length,
  'keep the frame only': () => kept.push(last().frame) + held.splice(0).length,
  'close the frame': () => kept.splice(0).forEach((frame) => frame.close()),
  read: () => pixelOf(last()),
  fill: () => memoryOf(last())?.data.fill(77).length,
  account: () => ({ open: account.stillOpen(), opened: account.opened, closed: account.closed }),
  received: () => received,
  leave: () => iteration.return?.(),
  collect,
  'end the thread': () => close(),
};

addEventListener('message', ({ data }: MessageEvent<{ order?: Order; spin?: number }>) => {
  const { order, spin } = data;
  if (spin !== undefined) {
    postMessage({ value: 'spinning' });
    for (const end = performance.now() + spin; performance.now() < end;);
  }
  if (order === undefined) return;
  const answer = async (): Promise<void> => {
    const value: unknown = await orders[order]();
    postMessage({ value: value ?? null });
  };
  answer().catch((error: unknown) => postMessage({ value: null, error }));
});

/**
 * What comes with `'release'` goes home at once, the rest is held. Without a loop: one that waits for the next keeps the last.
 */
async function receive(): Promise<void> {
  const { done, value } = await iteration.next();
  if (done === true) {
    received.push('over');
    return;
  }
  void receive();
  const { handle, data } = value;
  if (data === 'release') {
    handle.release();
    return;
  }
  const { timestamp, duration, holder } = handle;
  received.push({ data, timestamp, duration, holder });
  held.push(handle);
  postMessage({ value: 'held' });
}

void receive();
postMessage({ value: 'ready' });
