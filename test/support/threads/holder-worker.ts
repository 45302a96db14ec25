/** Worker that holds the frames it receives, and executes orders of the page. */
import type { FrameHandle, MemoryStorage } from '../../../src/index.ts';
import { receiveFrames } from '../../../src/index.ts';
import { frameAccount } from '../frame-account.ts';

/** Subject of an order: the numbers of a link and of a taken frame, and the credit of the link. */
export interface About {
  readonly link?: number;
  readonly frame?: number;
  readonly highWaterMark?: number;
}

/** The number of the link that uses the worker itself. */
const WORKER_LINK = 0;

const account = frameAccount();
const iteration = receiveFrames(self, { highWaterMark: 4 });
const iterations = new Map([[WORKER_LINK, iteration]]);
/** Shares received through the worker itself, in order of arrival. */
const held: FrameHandle[] = [];
/** Shares of each frame that was taken from another link, by the number in its data. */
const taken = new Map<number | undefined, FrameHandle[]>();
const kept: VideoFrame[] = [];
const received: unknown[] = [];

function last(shares: readonly FrameHandle[] | undefined): FrameHandle {
  const handle = shares?.at(-1);
  if (handle === undefined) throw new Error('the worker does not hold this frame');
  return handle;
}

/** The memory behind a handle, if it has memory. */
const memoryOf = (handle: FrameHandle): FrameHandle<MemoryStorage> | null =>
  'data' in handle ? (handle as unknown as FrameHandle<MemoryStorage>) : null;

/** The pixel at (2, 2), of a frame or of RGBA memory. */
function pixelOf(handle: FrameHandle): number[] {
  const memory = memoryOf(handle);
  if (memory !== null) return Array.from(memory.data.subarray(0, 4));
  const context = new OffscreenCanvas(8, 8).getContext('2d', { willReadFrequently: true });
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

/** The next frame of a link. Returns its number, or null at the end. */
async function take(link = WORKER_LINK): Promise<number | null> {
  const { value } = (await iterations.get(link)?.next()) ?? {};
  if (value === undefined) return null;
  const frame = value.data as number;
  taken.set(frame, [value.handle]);
  return frame;
}

function releaseTaken(frame: number | undefined): void {
  const shares = taken.get(frame);
  last(shares).release();
  shares?.pop();
  if (shares?.length === 0) taken.delete(frame);
}

const orders = {
  retain: () => held.push(last(held).retain('second in the worker')),
  'release first': () => held.shift()?.release(),
  forget: () => held.splice(0).length,
  'keep the frame only': () => kept.push(last(held).frame) + held.splice(0).length,
  'close the frame': () => kept.splice(0).forEach((frame) => frame.close()),
  read: () => pixelOf(last(held)),
  fill: () => memoryOf(last(held))?.data.fill(77).length,
  account: () => ({ open: account.stillOpen(), unclosed: account.opened - account.closed }),
  received: () => received,
  leave: ({ link = WORKER_LINK }) => iterations.get(link)?.return?.(),
  collect,
  'end the thread': () => close(),
  'receive at a port': ({ link = WORKER_LINK, highWaterMark = 1 }, port) =>
    void iterations.set(link, receiveFrames(port as MessagePort, { highWaterMark })),
  take: ({ link }) => take(link),
  'retain taken': ({ frame }) => taken.get(frame)?.push(last(taken.get(frame)).retain('a second one')),
  'release taken': ({ frame }) => releaseTaken(frame),
  'read taken': ({ frame }) => pixelOf(last(taken.get(frame))),
} satisfies Record<string, (about: About, port?: MessagePort) => unknown>;

export type Order = keyof typeof orders;

addEventListener('message', ({ data, ports }: MessageEvent<About & { order?: Order; spin?: number }>) => {
  const { order, spin, ...about } = data;
  if (spin !== undefined) {
    postMessage({ value: 'spinning' });
    for (const end = performance.now() + spin; performance.now() < end;);
  }
  if (order === undefined) return;
  const answer = async (): Promise<void> => {
    const value: unknown = await orders[order](about, ports[0]);
    postMessage({ value: value ?? null });
  };
  answer().catch((error: unknown) => postMessage({ value: null, error }));
});

/**
 * Releases frames sent with `'release'`, and holds the others. Not a loop, which would keep the last frame while it
 * waits.
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
