/** Makes pictures of another size, shape or orientation fit the stream's. */
import { requirePlatform } from '../../pool/frames.ts';
import { drawFrame } from '../../storage/draw.ts';
import { orientationOf } from '../../storage/orientation.ts';

/** How a stream's pictures are stored and shown. */
export interface StreamShape {
  readonly width: number;
  readonly height: number;
  readonly displayWidth: number;
  readonly displayHeight: number;
  /** By how many degrees clockwise players turn what is stored. */
  readonly rotation: 0 | 90 | 180 | 270;
}

/** The stored size of a picture, which an encoder takes as it is. */
export function storedSize(frame: VideoFrame): { width: number; height: number } {
  const { visibleRect, displayWidth, displayHeight } = frame;
  return { width: visibleRect?.width ?? displayWidth, height: visibleRect?.height ?? displayHeight };
}

/**
 * Whether the samples of a frame stand as the stream's are stored. A frame that says nothing of its orientation is taken for
 * one that does: readers give such, and tell the rotation beside.
 */
export function standsAsStored(frame: VideoFrame, { rotation }: StreamShape): boolean {
  const own = orientationOf(frame);
  return !own.flip && (own.rotation === 0 || own.rotation === rotation);
}

/**
 * The frame without its orientation, which encoders put into their own metadata, or refuse to see changed. A new frame,
 * owned by the caller; the same one where there is nothing to take off.
 */
export function withoutOrientation(frame: VideoFrame): VideoFrame {
  const { rotation } = orientationOf(frame);
  if (rotation === 0) return frame;
  // The rotations add up.
  return new VideoFrame(frame, { rotation: (360 - rotation) % 360 } as VideoFrameInit);
}

/** Draws pictures into one size. The two canvases are made when they are first needed. */
export class Fitter {
  #shown: OffscreenCanvasRenderingContext2D | null = null;
  #stored: OffscreenCanvasRenderingContext2D | null = null;

  /** A new frame of the stream's size that shows all of the picture; owned by the caller. */
  fit(frame: VideoFrame, shape: StreamShape): VideoFrame {
    const { width, height, displayWidth, displayHeight, rotation } = shape;
    const own = orientationOf(frame);
    const isUpright = own.rotation !== 0 || own.flip;
    // What is drawn upright is turned back into how the stream is stored.
    const back = isUpright ? (((360 - rotation) % 360) as 0 | 90 | 180 | 270) : 0;
    this.#shown = sized(this.#shown, displayWidth, displayHeight);
    drawFrame(this.#shown, frame, { rotation: back });
    let context = this.#shown;
    if (displayWidth !== width || displayHeight !== height) {
      // Pixels that are not square: shown first, then squeezed into what is stored.
      this.#stored = sized(this.#stored, width, height);
      this.#stored.drawImage(this.#shown.canvas, 0, 0, width, height);
      context = this.#stored;
    }
    const { timestamp, duration } = frame;
    return new VideoFrame(context.canvas, duration === null ? { timestamp } : { timestamp, duration });
  }
}

function sized(
  known: OffscreenCanvasRenderingContext2D | null,
  width: number,
  height: number,
): OffscreenCanvasRenderingContext2D {
  if (
    known !== null &&
    known.canvas.width === width &&
    known.canvas.height === height &&
    !known.isContextLost()
  ) {
    known.reset();
    return known;
  }
  requirePlatform('FrameWriter', 'OffscreenCanvas');
  const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false });
  if (context === null) throw new DOMException('no 2D context for an OffscreenCanvas', 'NotSupportedError');
  return context;
}
