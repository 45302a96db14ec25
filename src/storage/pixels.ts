/** Conversion of 8-bit colours in memory: byte order and alpha. */
import type { MemoryFormat } from './layout.ts';
import { hasAlpha } from './layout.ts';

/** Memory that a picture is copied into. Sizes are in pixels. */
export interface CopyTarget {
  readonly format: MemoryFormat;
  readonly width: number;
  readonly height: number;
  readonly layout: readonly PlaneLayout[];
  /** All bytes of the buffer that `layout` describes. */
  readonly data: Uint8Array;
}

const BYTES_PER_PIXEL = 4;

/** The only plane of an 8-bit colour format. */
export function planeOf(layout: readonly PlaneLayout[]): PlaneLayout {
  const [plane] = layout;
  if (plane === undefined) throw new TypeError('a layout without planes');
  return plane;
}

/** Calls `row` with the bytes of each row of pixels. */
function eachRow(
  { width, height, layout, data }: CopyTarget,
  row: (bytes: Uint8Array, y: number) => void,
): void {
  const { offset, stride } = planeOf(layout);
  for (let y = 0; y < height; y++) {
    const start = offset + y * stride;
    row(data.subarray(start, start + width * BYTES_PER_PIXEL), y);
  }
}

/** Writes straight (not premultiplied) RGBA pixels without gaps into memory of any of the four formats. */
export function writePixels(pixels: Uint8ClampedArray, target: CopyTarget): void {
  const rowBytes = target.width * BYTES_PER_PIXEL;
  eachRow(target, (bytes, y) => bytes.set(pixels.subarray(y * rowBytes, (y + 1) * rowBytes)));
  reformat(target, 'RGBA');
}

/** Converts pixels of another 8-bit format in the target's memory to the target's format. */
export function reformat(target: CopyTarget, from: MemoryFormat): void {
  if (target.format === from) return;
  const swapped = target.format.charAt(0) !== from.charAt(0);
  // A byte without a meaning must not become alpha, and Chromium's conversions interpret it as alpha.
  const opaque = !hasAlpha(target.format) || !hasAlpha(from);
  eachRow(target, (bytes) => {
    for (let at = 0; at < bytes.length; at += BYTES_PER_PIXEL) {
      if (swapped) {
        const first = bytes[at] ?? 0;
        bytes[at] = bytes[at + 2] ?? 0;
        bytes[at + 2] = first;
      }
      if (opaque) bytes[at + 3] = 255;
    }
  });
}

/** Divides colours by alpha, to undo premultiplication. */
export function unpremultiply(target: CopyTarget): void {
  eachRow(target, (bytes) => {
    for (let at = 0; at < bytes.length; at += BYTES_PER_PIXEL) {
      const alpha = bytes[at + 3] ?? 0;
      if (alpha === 255 || alpha === 0) continue;
      for (let channel = at; channel < at + 3; channel++) {
        bytes[channel] = Math.min(255, Math.round(((bytes[channel] ?? 0) * 255) / alpha));
      }
    }
  });
}
