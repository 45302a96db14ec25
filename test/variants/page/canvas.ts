/** Canvas that turns pictures upright and reads their pixels. */
import { lookAt } from '../look.ts';
import type { Look, Size } from '../reading.ts';

/** Turn clockwise in degrees, then a mirror image from left to right. */
export interface Turn {
  readonly rotation: number;
  readonly flip: boolean;
}

const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext('2d', { willReadFrequently: true });

/** Draws a picture in the size that it is shown in, and reads its mark and patches. */
export function lookAtPicture(
  picture: CanvasImageSource,
  { width, height }: Size,
  { rotation, flip }: Turn = { rotation: 0, flip: false },
): Look {
  if (context === null) throw new Error('the page has no 2D canvas');
  const isTurned = rotation % 180 !== 0;
  canvas.width = width;
  canvas.height = height;
  context.translate(width / 2, height / 2);
  if (flip) context.scale(-1, 1);
  context.rotate((rotation * Math.PI) / 180);
  const [across, down] = isTurned ? [height, width] : [width, height];
  context.drawImage(picture, -across / 2, -down / 2, across, down);
  return lookAt(context.getImageData(0, 0, width, height));
}
