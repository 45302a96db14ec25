/**
 * Knows the frames that are snapshots of canvases with an alpha channel. Chromium keeps such a frame's colours multiplied
 * by its alpha and forgets that it did: what it copies, converts and draws of them comes out too dark. Nothing on the
 * frame tells, so who makes one notes it here.
 */
const snapshots = new WeakSet<VideoFrame>();

/** Notes a snapshot of a canvas that may be translucent. */
export const noteSnapshot = (frame: VideoFrame): void => void snapshots.add(frame);

/** Notes a copy of such a snapshot, which is one too unless its alpha was dropped. */
export function noteCopy(original: VideoFrame, copy: VideoFrame): VideoFrame {
  if (isSnapshot(original)) noteSnapshot(copy);
  return copy;
}

/** Whether this very frame is such a snapshot. */
export const isSnapshot = (frame: VideoFrame): boolean => snapshots.has(frame);
