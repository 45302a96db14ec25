/** What the pool asks of a raw `VideoFrame`: is it one, is it open, how much does it pin. */
import { invalidState, notSupported, shown } from '../errors.ts';
import type { Picture } from './storage.ts';

/** The platform's constructors that the library stands on. */
type Needed =
  | 'VideoFrame'
  | 'VideoDecoder'
  | 'OffscreenCanvas'
  | 'FinalizationRegistry'
  | 'EncodedVideoChunk'
  | 'EncodedAudioChunk';

/**
 * Says at first use, not at import, that this is no place for frames.
 *
 * @throws `NotSupportedError` without WebCodecs or outside a secure context.
 */
export function requirePlatform(who: string, ...needed: Needed[]): void {
  const scope: Record<string, unknown> = globalThis;
  for (const name of needed) {
    if (typeof scope[name] === 'function') continue;
    const why =
      scope['isSecureContext'] === false
        ? 'this page is not a secure context (https or localhost), and WebCodecs exists only there'
        : `this environment has no ${name}`;
    throw notSupported(`${who} cannot be used here: ${why}`);
  }
}

/** Whether this is a `VideoFrame`, of any window. `instanceof` alone would refuse one of another window. */
export const isVideoFrame = (value: unknown): value is VideoFrame =>
  typeof value === 'object' &&
  value !== null &&
  ((typeof VideoFrame === 'function' && value instanceof VideoFrame) ||
    Object.prototype.toString.call(value) === '[object VideoFrame]');

/** Whether the frame was closed or transferred. `format` does not tell: opaque frames have none. */
export const isClosed = (frame: VideoFrame): boolean => frame.codedWidth === 0;

/**
 * Refuses what is no open frame, before anything is touched.
 *
 * @throws `TypeError` for what is no `VideoFrame`, `InvalidStateError` for a closed one.
 */
export function requireOpenFrame(name: string, frame: unknown): asserts frame is VideoFrame {
  if (!isVideoFrame(frame)) throw new TypeError(`${name} must be a VideoFrame, got ${shown(frame)}`);
  if (isClosed(frame)) throw invalidState(`${name} is a VideoFrame that was closed or transferred already`);
}

/** The sizes of the picture that an open frame shows, and its format. */
export function pictureOf({ format, visibleRect, displayWidth, displayHeight }: VideoFrame): Picture {
  return {
    format,
    visibleWidth: visibleRect?.width ?? displayWidth,
    visibleHeight: visibleRect?.height ?? displayHeight,
    displayWidth,
    displayHeight,
  };
}

/** How many bytes a frame pins. */
export interface FrameBytes {
  readonly bytes: number;
  /** True where the platform hides the size and `bytes` is worked out from the picture's size. */
  readonly estimated: boolean;
}

/** Four bytes a pixel: what opaque frames are in the worst common case (BGRX, as Firefox and GPUs hold them). */
const OPAQUE_BYTES_PER_PIXEL = 4;

/**
 * The bytes of the visible picture. The decoder's padding around it (1080p H.264 is decoded as 1920 × 1090) is hidden by
 * the platform and not counted.
 */
export function frameBytes(frame: VideoFrame): FrameBytes {
  // An opaque frame (`format === null`) throws in allocationSize(): https://github.com/w3c/webcodecs/issues/920
  if (frame.format !== null) {
    try {
      return { bytes: frame.allocationSize(), estimated: false };
    } catch {
      // Fall through: an engine may know a format and still not copy from it.
    }
  }
  const { width, height } = frame.visibleRect ?? { width: frame.displayWidth, height: frame.displayHeight };
  return { bytes: width * height * OPAQUE_BYTES_PER_PIXEL, estimated: true };
}
