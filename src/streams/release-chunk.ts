/** Type of the chunks of handle streams, and the function that releases a chunk. */
import { isClosed, isVideoFrame } from '../pool/frames.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { HandleBase } from '../pool/handle.ts';
import { isLent, isOwned } from '../pool/loan.ts';
import type { Storage } from '../pool/storage.ts';

/** A handle, or an object with a handle. */
export type StreamedFrame = FrameHandle<Storage> | { readonly handle: FrameHandle<Storage> };

/** Releases a handle, or the handle inside an object. Closes a frame that no pool owns. Ignores every other value. */
export function releaseChunk(chunk: unknown): void {
  if (chunk instanceof HandleBase) chunk.release();
  else if (isVideoFrame(chunk)) {
    if (!isClosed(chunk) && !isOwned(chunk) && !isLent(chunk)) chunk.close();
  } else if (typeof chunk === 'object' && chunk !== null && 'handle' in chunk) {
    if (chunk.handle instanceof HandleBase) chunk.handle.release();
  }
}
