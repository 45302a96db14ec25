/** Reads the pixels of a page's canvas from outside, and the number in them. */
import { readMark } from '../support/marks.ts';

/** Pixels encoded as text: transferring an array of numbers takes seconds. */
interface Sent {
  readonly text: string;
  readonly height: number;
}

export interface Pixels {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** Runs in the page: returns the pixels of a canvas, or of an element by its selector, scaled to a width. */
export function sendPixels(canvas: unknown, width: number): Sent {
  const source = (typeof canvas === 'string' ? document.querySelector(canvas) : canvas) as HTMLCanvasElement;
  const height = Math.round((source.height / source.width) * width);
  // Scaled down on a second canvas: browsers warn about repeated readback of the page's own canvas.
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context?.drawImage(source, 0, 0, width, height);
  let text = '';
  for (const value of context?.getImageData(0, 0, width, height).data ?? [])
    text += String.fromCharCode(value);
  return { text: btoa(text), height };
}

export const receivePixels = ({ text, height }: Sent, width: number): Pixels => ({
  data: new Uint8ClampedArray(Buffer.from(text, 'base64')),
  width,
  height,
});

/** Number in the pixels; NaN if there is none. */
export function numberIn(pixels: Pixels): number {
  try {
    return readMark(pixels);
  } catch {
    return NaN;
  }
}
