/** Drawing of pictures on canvases: crop, fit, rotation, flip. */
import { shown } from '../base/errors.ts';
import type { BufferAllocator, CopyOptions, PictureSize } from '../pool/storage.ts';
import { isSnapshot } from '../pool/frames.ts';

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

const FITS: readonly unknown[] = ['contain', 'cover', 'fill'];
const ROTATIONS: readonly unknown[] = [0, 90, 180, 270];
const SIZE_CHANGES: readonly unknown[] = ['scale', 'reject', 'reconfigure'];

/**
 * Checks drawing options.
 *
 * @throws `TypeError` or `RangeError` for an invalid option.
 */
export function checkDrawing({ crop, fit, rotation, flip, sizeChange }: CopyOptions): void {
  if (fit !== undefined && !FITS.includes(fit)) {
    throw new TypeError(`fit must be 'contain', 'cover' or 'fill', got ${shown(fit)}`);
  }
  if (rotation !== undefined && !ROTATIONS.includes(rotation)) {
    throw new TypeError(`rotation must be 0, 90, 180 or 270, got ${shown(rotation)}`);
  }
  if (flip !== undefined && typeof flip !== 'boolean') {
    throw new TypeError(`flip must be true or false, got ${shown(flip)}`);
  }
  if (sizeChange !== undefined && !SIZE_CHANGES.includes(sizeChange)) {
    throw new TypeError(`sizeChange must be 'scale', 'reject' or 'reconfigure', got ${shown(sizeChange)}`);
  }
  if (crop === undefined) return;
  for (const side of ['x', 'y', 'width', 'height'] as const) {
    if (!Number.isFinite(crop[side])) {
      throw new TypeError(`crop.${side} must be a number of pixels, got ${shown(crop[side])}`);
    }
  }
  if (crop.width <= 0 || crop.height <= 0) {
    throw new RangeError(`crop must have a width and a height above 0, got ${crop.width} × ${crop.height}`);
  }
}

/** Size of a picture as shown, after crop and rotation: that of a buffer that it fills exactly, in whole pixels. */
export function drawnSize(picture: PictureSize, { crop, rotation = 0 }: CopyOptions): Size {
  const part = crop ?? { width: picture.displayWidth, height: picture.displayHeight };
  const width = Math.max(1, Math.round(part.width));
  const height = Math.max(1, Math.round(part.height));
  return rotation % 180 === 0 ? { width, height } : { width: height, height: width };
}

/** Size of a picture on the canvas, before it is turned and mirrored about the middle. */
export function placed(
  picture: Size,
  target: Size,
  fit: 'contain' | 'cover' | 'fill',
  rotation: number,
): Size {
  const sideways = rotation % 180 !== 0;
  const turned = sideways ? { width: picture.height, height: picture.width } : picture;
  const across = target.width / turned.width;
  const down = target.height / turned.height;
  const scale = fit === 'contain' ? Math.min(across, down) : Math.max(across, down);
  const seen = fit === 'fill' ? target : { width: turned.width * scale, height: turned.height * scale };
  return sideways ? { width: seen.height, height: seen.width } : seen;
}

/**
 * Draws the visible picture of a frame at its display size, so that non-square pixels are shown correctly. The context
 * must be in its initial state, and is returned to it.
 */
export function drawFrame(
  context: OffscreenCanvasRenderingContext2D,
  frame: VideoFrame,
  options: CopyOptions,
): void {
  drawPicture(context, frame, { width: frame.displayWidth, height: frame.displayHeight }, options);
}

/**
 * Calls `draw` with a bitmap of a snapshot of a translucent canvas, and with the display size of the snapshot. Some engines
 * draw such a frame too dark, but create a correct bitmap of it. The bitmap may have another number of pixels, for example if
 * those of the frame are not square.
 */
export async function withBitmap(
  frame: VideoFrame,
  draw: (bitmap: ImageBitmap, display: Size) => void,
): Promise<void> {
  const display = { width: frame.displayWidth, height: frame.displayHeight };
  const bitmap = await createImageBitmap(frame);
  try {
    draw(bitmap, display);
  } finally {
    bitmap.close();
  }
}

/** The part of an allocator that is the same for all buffers of this size that pictures are drawn into. */
export function drawnBuffers(
  width: number,
  height: number,
): Pick<BufferAllocator, 'checkCopy' | 'isSynchronous' | 'measure' | 'matches'> {
  const size = { visibleWidth: width, visibleHeight: height, displayWidth: width, displayHeight: height };
  return {
    checkCopy: checkDrawing,
    isSynchronous: (source) => !isSnapshot(source),
    measure: () => ({ format: null, ...size }),
    matches(picture, options) {
      const drawn = drawnSize(picture, options);
      return drawn.width === width && drawn.height === height;
    },
  };
}

/** Whether a context is lost. WebKitGTK 2.50 has no `isContextLost()`, so a context there never counts as lost. */
export function isLost(context: OffscreenCanvasRenderingContext2D): boolean {
  // The platform's types declare the method as always present.
  const { isContextLost } = context as { isContextLost?: () => boolean };
  return isContextLost?.call(context) === true;
}

/**
 * Draws any image source as `drawFrame()` does. `display` is the display size of the picture, `pixels` its number of
 * pixels.
 */
export function drawPicture(
  context: OffscreenCanvasRenderingContext2D,
  picture: CanvasImageSource,
  display: Size,
  { crop, fit = 'contain', rotation = 0, flip = false }: CopyOptions,
  pixels: Size = display,
): void {
  const { width, height } = context.canvas;
  const part = crop ?? { x: 0, y: 0, width: display.width, height: display.height };
  const size = placed(part, { width, height }, fit, rotation);
  const across = pixels.width / display.width;
  const down = pixels.height / display.height;
  context.translate(width / 2, height / 2);
  // A canvas applies the last transform to the picture first: crop, rotation, flip.
  if (flip) context.scale(-1, 1);
  if (rotation !== 0) context.rotate((rotation * Math.PI) / 180);
  context.drawImage(
    picture,
    part.x * across,
    part.y * down,
    part.width * across,
    part.height * down,
    -size.width / 2,
    -size.height / 2,
    size.width,
    size.height,
  );
  context.setTransform(1, 0, 0, 1, 0, 0);
}
