/**
 * Set of frames that are snapshots of canvases with an alpha channel. Chromium stores the colours of such a frame premultiplied
 * by alpha but does not record it: copies, conversions and drawings of the frame are too dark. No property of a frame shows this,
 * so the code that creates such a frame registers it here.
 */
const snapshots = new WeakSet<VideoFrame>();

/** Registers a snapshot of a canvas that may be translucent. */
export const noteSnapshot = (frame: VideoFrame): void => void snapshots.add(frame);

/** Registers `copy` if `original` is such a snapshot. Not for copies without alpha. Returns `copy`. */
export function noteCopy(original: VideoFrame, copy: VideoFrame): VideoFrame {
  if (isSnapshot(original)) noteSnapshot(copy);
  return copy;
}

/** Whether this frame object is such a snapshot. */
export const isSnapshot = (frame: VideoFrame): boolean => snapshots.has(frame);
