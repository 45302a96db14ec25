/** Fits pictures of another size, shape or orientation to the stream. */
import { requirePlatform } from '../../pool/frames.ts';
import { drawFrame } from '../../storage/draw.ts';
import { isLost } from '../../storage/draw.ts';
import type { Orientation } from '../../storage/orientation.ts';
import { inverseOf, isSideways, orientationOf, UPRIGHT } from '../../storage/orientation.ts';
import type { Colours } from './colours.ts';
import { samplesIn } from './colours.ts';

/** Stored and displayed shape of a stream's pictures. Players apply the orientation to the stored picture. */
export interface StreamShape extends Orientation {
  readonly width: number;
  readonly height: number;
  readonly displayWidth: number;
  readonly displayHeight: number;
}

/** Width and height as stored, in pixels. */
export type StoredSize = Pick<StreamShape, 'width' | 'height'>;

/** The stored size of a picture, which an encoder takes unchanged. */
export function storedSize(frame: VideoFrame): StoredSize {
  const { visibleRect, displayWidth, displayHeight } = frame;
  return { width: visibleRect?.width ?? displayWidth, height: visibleRect?.height ?? displayHeight };
}

/**
 * Whether a frame's samples are oriented as the stream stores them. A frame without an orientation counts as stored like the
 * stream, because readers report rotation and flip beside the frame.
 */
export function standsAsStored(frame: VideoFrame, { rotation, flip }: StreamShape): boolean {
  const own = orientationOf(frame);
  return isPlain(own) || (own.rotation === rotation && own.flip === flip);
}

/** Whether pictures are displayed as they are stored. */
const isPlain = ({ rotation, flip }: Orientation): boolean => rotation === 0 && !flip;

/**
 * The frame without its orientation, which encoders would put into their own metadata, or refuse if it changes. A new frame,
 * owned by the caller; the same frame if it has no orientation.
 */
export function withoutOrientation(frame: VideoFrame): VideoFrame {
  const own = orientationOf(frame);
  if (isPlain(own)) return frame;
  // The constructor applies its orientation after the frame's own.
  return new VideoFrame(frame, inverseOf(own) as VideoFrameInit);
}

/**
 * Whether a frame of the stream's stored size has the stream's pixel aspect. Square pixels always match, because pictures that
 * are drawn into the stored size have them.
 */
export function hasAspectOf(frame: VideoFrame, { displayWidth, displayHeight }: StreamShape): boolean {
  const [across, down] = shownAsStored(frame);
  const { width, height } = storedSize(frame);
  if (across === width && down === height) return true;
  // Display sizes are rounded to whole pixels, so a difference of up to one is equal.
  return Math.abs(across * displayHeight - down * displayWidth) <= Math.max(displayWidth, displayHeight);
}

/** The display size before rotation. */
export function shownAsStored(frame: VideoFrame): [width: number, height: number] {
  const { displayWidth, displayHeight } = frame;
  return isSideways(orientationOf(frame)) ? [displayHeight, displayWidth] : [displayWidth, displayHeight];
}

/** Draws pictures at one size. The two canvases are created at their first use. */
export class Fitter {
  #shown: OffscreenCanvasRenderingContext2D | null = null;
  #stored: OffscreenCanvasRenderingContext2D | null = null;

  /** A new frame of the stream's size, and in its colours if it has any, with the whole picture. The caller owns it. */
  fit(frame: VideoFrame, shape: StreamShape, colours: Colours | null): VideoFrame {
    const { width, height, displayWidth, displayHeight } = shape;
    // A frame with an orientation is drawn upright, then turned back to the stored orientation.
    const back = isPlain(orientationOf(frame)) ? UPRIGHT : inverseOf(shape);
    this.#shown = sized(this.#shown, displayWidth, displayHeight);
    // Encoders drop alpha, so it is dropped here too: scaled pictures must look like unscaled ones.
    const opaque = frame.format?.includes('A') === true ? new VideoFrame(frame, { alpha: 'discard' }) : frame;
    try {
      drawFrame(this.#shown, opaque, back);
    } finally {
      if (opaque !== frame) opaque.close();
    }
    let context = this.#shown;
    if (displayWidth !== width || displayHeight !== height) {
      // Pixels are not square: draws at display size first, then scales to the stored size.
      this.#stored = sized(this.#stored, width, height);
      this.#stored.drawImage(this.#shown.canvas, 0, 0, width, height);
      context = this.#stored;
    }
    return framed(context, frame, colours);
  }
}

/** The canvas's content as a frame with the times of another frame. */
function framed(
  context: OffscreenCanvasRenderingContext2D,
  { timestamp, duration }: VideoFrame,
  colours: Colours | null,
): VideoFrame {
  const { width, height } = context.canvas;
  const time = duration === null ? { timestamp } : { timestamp, duration };
  const samples =
    colours === null
      ? null
      : samplesIn(colours, context.getImageData(0, 0, width, height).data, width, height);
  if (samples === null) return new VideoFrame(context.canvas, time);
  const init = { ...time, format: 'I420', codedWidth: width, codedHeight: height } as const;
  return new VideoFrame(samples, { ...init, colorSpace: colours ?? {} });
}

function sized(
  known: OffscreenCanvasRenderingContext2D | null,
  width: number,
  height: number,
): OffscreenCanvasRenderingContext2D {
  if (known !== null && known.canvas.width === width && known.canvas.height === height && !isLost(known)) {
    known.reset();
    return known;
  }
  requirePlatform('FrameWriter', 'OffscreenCanvas');
  const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false });
  if (context === null) throw new DOMException('no 2D context for an OffscreenCanvas', 'NotSupportedError');
  return context;
}
