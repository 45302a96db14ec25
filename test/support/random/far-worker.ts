/** A worker that takes frames from ports when it is told to, and gives them back when it is told to. */
import type { FrameHandle, MemoryStorage } from '../../../src/index.ts';
import { receiveFrames } from '../../../src/index.ts';
import { frameAccount } from '../frame-account.ts';

/** What the page may ask for; each with the number of the link, and of the frame where there is one. */
export type FarOrder = 'receive' | 'take' | 'retain' | 'release' | 'look' | 'leave' | 'account';

/** An order as it comes. */
export interface FarMessage {
  readonly far: FarOrder;
  readonly link: number;
  readonly frame: number;
  readonly ahead: number;
}

const account = frameAccount();
const links = new Map<number, AsyncIterableIterator<{ handle: FrameHandle; data: unknown }, undefined>>();
/** The shares of each frame, by the number that came with it. */
const held = new Map<number, FrameHandle[]>();

function sharesOf(frame: number): FrameHandle[] {
  const shares = held.get(frame);
  if (shares === undefined) throw new Error(`frame ${frame} is not held`);
  return shares;
}

/** Red, green and blue near the upper left corner, of a frame or of RGBA memory. */
function colourOf(handle: FrameHandle): number[] {
  // Which of the two it is, is for the pool over there to know.
  if ('data' in handle) return [...(handle as unknown as FrameHandle<MemoryStorage>).data.subarray(0, 3)];
  const context = new OffscreenCanvas(8, 8).getContext('2d', { willReadFrequently: true });
  context?.drawImage(handle.frame, 0, 0, 8, 8);
  return [...(context?.getImageData(2, 2, 1, 1).data ?? [])].slice(0, 3);
}

async function take(link: number): Promise<number | null> {
  const { value } = (await links.get(link)?.next()) ?? {};
  if (value === undefined) return null;
  const frame = value.data as number;
  held.set(frame, [value.handle]);
  return frame;
}

function release(frame: number): void {
  const shares = sharesOf(frame);
  shares.pop()?.release();
  if (shares.length === 0) held.delete(frame);
}

async function obey(
  { far, link, frame, ahead }: FarMessage,
  ports: readonly MessagePort[],
): Promise<unknown> {
  const [port] = ports;
  if (far === 'receive' && port !== undefined) links.set(link, receiveFrames(port, { ahead }));
  if (far === 'take') return take(link);
  if (far === 'retain') sharesOf(frame).push((sharesOf(frame)[0] as FrameHandle).retain('a second one'));
  if (far === 'release') release(frame);
  if (far === 'look') return colourOf(sharesOf(frame)[0] as FrameHandle);
  if (far === 'leave') await links.get(link)?.return?.();
  if (far === 'account') return [account.stillOpen().length, account.opened - account.closed];
  return null;
}

addEventListener('message', ({ data, ports }: MessageEvent<FarMessage>) => {
  obey(data, ports).then(
    (value) => postMessage({ value }),
    (error: unknown) => postMessage({ error: String(error) }),
  );
});
postMessage({ value: 'ready' });
