/** What streams of handles carry, and how it is let go. */
import { isClosed, isVideoFrame } from '../pool/frames.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { HandleBase } from '../pool/handle.ts';
import { isLent, isOwned } from '../pool/lifeline.ts';
import type { Storage } from '../pool/storage.ts';

/** A handle, or something that came with one. */
export type StreamedFrame = FrameHandle<Storage> | { readonly handle: FrameHandle<Storage> };

/** Releases a handle, or the handle inside; closes a frame that no pool has. What is neither is left alone. */
export function letGo(chunk: unknown): void {
  if (chunk instanceof HandleBase) chunk.release();
  else if (isVideoFrame(chunk)) {
    if (!isClosed(chunk) && !isOwned(chunk) && !isLent(chunk)) chunk.close();
  } else if (typeof chunk === 'object' && chunk !== null && 'handle' in chunk) {
    if (chunk.handle instanceof HandleBase) chunk.handle.release();
  }
}
