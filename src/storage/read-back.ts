/** Draws a frame and reads its pixels back: what is left where a frame cannot be copied. 8-bit colours only. */
import { notSupported } from '../errors.ts';
import { requirePlatform } from '../pool/frames.ts';
import type { MemoryFormat } from './layout.ts';
import { isSideways, orientationOf } from './orientation.ts';

/** Memory that pixels are written into. */
export interface CopyTarget {
  readonly format: MemoryFormat;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly layout: readonly PlaneLayout[];
  /** All bytes of the buffer that `layout` speaks of. */
  readonly data: Uint8Array;
}

/** The top left corner of a part of the visible picture, in pixels as they are stored. */
export interface Corner {
  readonly x: number;
  readonly y: number;
}

const BYTES_PER_PIXEL = 4;

/** Draws by `draw` on an empty canvas of the target's size, and writes what is there then into the target. */
export function drawInto(
  target: CopyTarget,
  draw: (context: OffscreenCanvasRenderingContext2D) => void,
): void {
  const { width, height } = target;
  requirePlatform('memoryStorage()', 'OffscreenCanvas');
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null)
    throw notSupported('memoryStorage(): this engine has no 2D context for an OffscreenCanvas');
  draw(context);
  writePixels(context.getImageData(0, 0, width, height).data, target);
  // A canvas of no size gives its pixels up now rather than at a collection.
  canvas.width = 0;
}

/** Draws the pixels as they are stored: what `drawImage()` does to show them is undone. */
export function drawStored(
  context: OffscreenCanvasRenderingContext2D,
  frame: VideoFrame,
  { x, y }: Corner,
): void {
  const orientation = orientationOf(frame);
  const { width, height } = frame.visibleRect ?? { width: frame.displayWidth, height: frame.displayHeight };
  const [across, down] = isSideways(orientation) ? [height, width] : [width, height];
  context.imageSmoothingEnabled = false;
  context.translate(width / 2 - x, height / 2 - y);
  context.rotate((-orientation.rotation * Math.PI) / 180);
  if (orientation.flip) context.scale(-1, 1);
  context.drawImage(frame, -across / 2, -down / 2, across, down);
}

/** RGBA, row by row without gaps, into the target's order of bytes and strides. */
function writePixels(pixels: Uint8ClampedArray, target: CopyTarget): void {
  const { format, width, height, layout, data } = target;
  const { offset, stride } = planeOf(layout);
  const rowBytes = width * BYTES_PER_PIXEL;
  const red = format.indexOf('R');
  const blue = format.indexOf('B');
  for (let row = 0; row < height; row++) {
    const to = offset + row * stride;
    const source = pixels.subarray(row * rowBytes, (row + 1) * rowBytes);
    data.set(source, to);
    if (red === 0) continue;
    for (let at = 0; at < rowBytes; at += BYTES_PER_PIXEL) {
      data[to + at + red] = source[at] ?? 0;
      data[to + at + blue] = source[at + 2] ?? 0;
    }
  }
  if (format.endsWith('X')) fillOpaque(target);
}

/** Formats of 8-bit colours have one plane. */
export function planeOf(layout: readonly PlaneLayout[]): PlaneLayout {
  const [plane] = layout;
  if (plane === undefined) throw new TypeError('a layout without planes');
  return plane;
}

/** Divides colours by the alpha that they were multiplied by. */
export function straighten({ width, height, layout, data }: CopyTarget): void {
  const { offset, stride } = planeOf(layout);
  for (let row = 0; row < height; row++) {
    const start = offset + row * stride;
    const end = start + width * BYTES_PER_PIXEL;
    for (let at = start; at < end; at += BYTES_PER_PIXEL) {
      const alpha = data[at + 3] ?? 0;
      if (alpha === 255 || alpha === 0) continue;
      for (let channel = at; channel < at + 3; channel++) {
        data[channel] = Math.min(255, Math.round(((data[channel] ?? 0) * 255) / alpha));
      }
    }
  }
}

/** Writes 255 into the bytes without a meaning, for those who take them for alpha. */
export function fillOpaque({ width, height, layout, data }: CopyTarget): void {
  const { offset, stride } = planeOf(layout);
  for (let row = 0; row < height; row++) {
    const start = offset + row * stride;
    const end = start + width * BYTES_PER_PIXEL;
    for (let at = start + 3; at < end; at += BYTES_PER_PIXEL) data[at] = 255;
  }
}
