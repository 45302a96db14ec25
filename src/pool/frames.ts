/** Checks and measurements of a raw `VideoFrame`: its type, whether it is open, its picture, its bytes and its origin. */
import { invalidState, notSupported, shown } from '../base/errors.ts';
import type { Picture } from './storage.ts';

/** Names of the platform's constructors that the library needs. */
type Needed =
  | 'VideoFrame'
  | 'VideoDecoder'
  | 'OffscreenCanvas'
  | 'FinalizationRegistry'
  | 'EncodedVideoChunk'
  | 'EncodedAudioChunk';

/**
 * Checks that the environment has the needed constructors. The check runs at first use, not at import.
 *
 * @throws `NotSupportedError` without WebCodecs or outside a secure context.
 */
export function requirePlatform(who: string, ...needed: Needed[]): void {
  const scope: Record<string, unknown> = globalThis;
  for (const name of needed) {
    if (typeof scope[name] === 'function') continue;
    const why =
      scope['isSecureContext'] === false
        ? 'this page is not a secure context (https or localhost), which WebCodecs requires'
        : `this environment has no ${name}`;
    throw notSupported(`${who} cannot be used here: ${why}`);
  }
}

/** Whether the value is a `VideoFrame` of any window. `instanceof` alone would reject a frame of another window. */
export const isVideoFrame = (value: unknown): value is VideoFrame =>
  typeof value === 'object' &&
  value !== null &&
  ((typeof VideoFrame === 'function' && value instanceof VideoFrame) ||
    Object.prototype.toString.call(value) === '[object VideoFrame]');

/** Whether the frame was closed or transferred. A null `format` does not show this: opaque frames have no format. */
export const isClosed = (frame: VideoFrame): boolean => frame.codedWidth === 0;

/**
 * Rejects a value that is no open frame, before any state changes.
 *
 * @throws `TypeError` for a value that is no `VideoFrame`, `InvalidStateError` for a closed frame.
 */
export function requireOpenFrame(name: string, frame: unknown): asserts frame is VideoFrame {
  if (!isVideoFrame(frame)) throw new TypeError(`${name} must be a VideoFrame, got ${shown(frame)}`);
  if (isClosed(frame)) throw invalidState(`${name} is a VideoFrame that was closed or transferred already`);
}

/** Returns the sizes and the format of an open frame's picture. */
export function pictureOf({ format, visibleRect, displayWidth, displayHeight }: VideoFrame): Picture {
  return {
    format,
    visibleWidth: visibleRect?.width ?? displayWidth,
    visibleHeight: visibleRect?.height ?? displayHeight,
    displayWidth,
    displayHeight,
  };
}

/** Memory that a frame pins. */
export interface FrameBytes {
  readonly bytes: number;
  /** True if the platform hides the size, so `bytes` is calculated from the size of the picture. */
  readonly isEstimated: boolean;
}

/** Bytes per pixel of opaque frames in the worst common case: BGRX, the format in Firefox and on GPUs. */
const OPAQUE_BYTES_PER_PIXEL = 4;

/**
 * Returns the bytes of the visible picture. The decoder's padding around it (1080p H.264 is decoded as 1920 × 1090) is not
 * counted, because the platform hides it.
 */
export function frameBytes(frame: VideoFrame): FrameBytes {
  // An opaque frame (`format === null`) throws in allocationSize(): https://github.com/w3c/webcodecs/issues/920
  if (frame.format !== null) {
    try {
      return { bytes: frame.allocationSize(), isEstimated: false };
    } catch {
      // Fall through to the estimate: an engine may know a format and still not support copies from it.
    }
  }
  const { width, height } = frame.visibleRect ?? { width: frame.displayWidth, height: frame.displayHeight };
  return { bytes: width * height * OPAQUE_BYTES_PER_PIXEL, isEstimated: true };
}

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
