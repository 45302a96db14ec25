/** Drawing of a frame and reading back of its pixels: the path for frames that cannot be copied. 8-bit colours only. */
import { notSupported } from '../base/errors.ts';
import { requirePlatform } from '../pool/frames.ts';
import type { Orientation } from './orientation.ts';
import { isSideways, orientationOf } from './orientation.ts';
import type { CopyTarget } from './pixels.ts';
import { writePixels } from './pixels.ts';

/** The top left corner of a part of the visible picture, in stored pixels. */
export interface Corner {
  readonly x: number;
  readonly y: number;
}

/** An empty canvas. */
function emptyCanvas(width: number, height: number): OffscreenCanvasRenderingContext2D {
  requirePlatform('memoryStorage()', 'OffscreenCanvas');
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) {
    throw notSupported('memoryStorage(): this engine has no 2D context for an OffscreenCanvas');
  }
  return context;
}

/** Calls `draw` with an empty canvas of the target's size, and copies the result into the target. */
export function drawInto(
  target: CopyTarget,
  draw: (context: OffscreenCanvasRenderingContext2D) => void,
): void {
  const { width, height } = target;
  const context = emptyCanvas(width, height);
  draw(context);
  writePixels(context.getImageData(0, 0, width, height).data, target);
  // A canvas of size 0 frees its pixels now rather than at a collection.
  context.canvas.width = 0;
}

/** Draws the pixels as they are stored, by reverting the orientation and scaling of `drawImage()`. */
export function drawStored(
  context: OffscreenCanvasRenderingContext2D,
  frame: VideoFrame,
  { x, y }: Corner,
): void {
  const orientation = orientationOf(frame);
  const { width, height } = frame.visibleRect ?? { width: frame.displayWidth, height: frame.displayHeight };
  const [across, down] = isSideways(orientation) ? [height, width] : [width, height];
  context.translate(width / 2 - x, height / 2 - y);
  context.rotate((-orientation.rotation * Math.PI) / 180);
  if (orientation.flip) context.scale(-1, 1);
  context.drawImage(frame, -across / 2, -down / 2, across, down);
}

/** A canvas that shows straight RGBA pixels, stored without gaps, as a frame of this orientation and display size. */
export function shownOn(
  { width, height, data }: CopyTarget,
  orientation: Orientation,
  display: { readonly width: number; readonly height: number },
): OffscreenCanvas {
  const stored = emptyCanvas(width, height);
  stored.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
  const shown = emptyCanvas(display.width, display.height);
  const [across, down] = isSideways(orientation)
    ? [display.height, display.width]
    : [display.width, display.height];
  shown.translate(display.width / 2, display.height / 2);
  if (orientation.flip) shown.scale(-1, 1);
  shown.rotate((orientation.rotation * Math.PI) / 180);
  shown.drawImage(stored.canvas, -across / 2, -down / 2, across, down);
  stored.canvas.width = 0;
  return shown.canvas;
}
