/** `copyFrom()` of a frame that only the copy needs. */
import type { CopyRequest, FrameHandle, Storage, VideoFramePool } from '../../src/index.ts';

/** Starts a copy of the frame, and closes the frame in the same call, as apps may. */
export function copyAndClose<S extends Storage>(
  pool: VideoFramePool<S>,
  frame: VideoFrame,
  options?: CopyRequest,
): Promise<FrameHandle<S>> {
  const copy = pool.copyFrom(frame, options);
  frame.close();
  return copy;
}
