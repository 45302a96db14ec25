/** Copies of pictures: from a frame into a memory buffer, and from a memory buffer into a frame. */
import { invalidState, notSupported } from '../base/errors.ts';
import { pictureOf } from '../pool/frames.ts';
import type { CopyOptions, PictureSize } from '../pool/storage.ts';
import type { Size } from './draw.ts';
import { drawnSize } from './draw.ts';
import { copyStrategies } from './copy-strategy.ts';
import { isRgb, packedLayout, planesOf } from './layout.ts';
import type { MemoryItem, MemorySpec } from './memory-item.ts';
import { defaultFacts, SRGB } from './memory-item.ts';
import { isSideways, orientationOf } from './orientation.ts';
import type { CopyTarget } from './pixels.ts';
import type { Corner } from './read-back.ts';

/** Whether the picture must be turned or mirrored. */
export const needsTurning = ({ rotation = 0, flip = false }: CopyOptions): boolean => rotation !== 0 || flip;

/** Size of a buffer that takes a picture one to one: its stored size if it is copied, its shown size if it is drawn. */
export function sizeFor(picture: PictureSize, options: CopyOptions): Size {
  if (options.crop !== undefined || needsTurning(options)) return drawnSize(picture, options);
  return { width: picture.visibleWidth, height: picture.visibleHeight };
}

/**
 * Copies a picture into a buffer: pixel by pixel if possible, or by drawing if it must be scaled, cropped, turned or
 * mirrored.
 *
 * @throws `NotSupportedError` if buffers of this format cannot take it.
 */
export async function copyInto(item: MemoryItem, source: VideoFrame, options: CopyOptions): Promise<void> {
  const { spec } = item;
  const target = targetOf(item);
  const corner = plainCorner(source, spec, options);
  if (corner === null) {
    if (!isRgb(spec.format)) throw drawingRefused(spec, pictureOf(source));
    await copyStrategies.draw(source, target, options);
    item.facts = defaultFacts(spec);
    return;
  }
  const { displayWidth, displayHeight } = options.crop === undefined ? source : defaultFacts(spec);
  const facts = { ...orientationOf(source), displayWidth, displayHeight };
  const colorSpace = source.colorSpace.toJSON();
  const path = await copyStrategies.copy(source, target, corner);
  item.facts = { ...facts, colorSpace: path === 'own' ? colorSpace : SRGB };
}

const targetOf = ({ spec, data }: MemoryItem): CopyTarget => ({
  format: spec.format,
  width: spec.codedWidth,
  height: spec.codedHeight,
  layout: spec.layout,
  data,
});

/** The corner of the part to copy pixel by pixel, or null if the picture must be drawn. */
function plainCorner(source: VideoFrame, spec: MemorySpec, options: CopyOptions): Corner | null {
  if (needsTurning(options)) return null;
  const picture = pictureOf(source);
  const { crop } = options;
  const part = crop ?? { x: 0, y: 0, width: picture.visibleWidth, height: picture.visibleHeight };
  if (part.width !== spec.codedWidth || part.height !== spec.codedHeight) return null;
  if (crop === undefined) return part;
  const asStored =
    orientationOf(source).rotation === 0 &&
    !orientationOf(source).flip &&
    picture.displayWidth === picture.visibleWidth &&
    picture.displayHeight === picture.visibleHeight;
  const inside =
    Number.isInteger(crop.x) &&
    Number.isInteger(crop.y) &&
    crop.x >= 0 &&
    crop.y >= 0 &&
    crop.x + crop.width <= picture.visibleWidth &&
    crop.y + crop.height <= picture.visibleHeight;
  return asStored && inside ? crop : null;
}

/** The error for planar buffers, which cannot be drawn into. */
export function drawingRefused(
  { format, codedWidth, codedHeight }: MemorySpec,
  picture: PictureSize,
): DOMException {
  return notSupported(
    `copyFrom(): buffers of ${format}, ${codedWidth} × ${codedHeight}, take pictures one to one; this one of ` +
      `${picture.visibleWidth} × ${picture.visibleHeight} (shown as ${picture.displayWidth} × ${picture.displayHeight}) ` +
      `must be scaled, cropped, rotated or mirrored. Use sizeChange: 'reconfigure' for buffers of the picture's size, or ` +
      `buffers of RGBA, RGBX, BGRA or BGRX, which take it by drawing`,
  );
}

/**
 * Creates a frame that the caller owns. The constructor copies, so the memory may be overwritten at once.
 *
 * @throws `InvalidStateError` if the memory was transferred.
 */
export function frameOf(item: MemoryItem, init: VideoFrameInit): VideoFrame {
  if (!item.isReusable) {
    throw invalidState('toVideoFrame(): the memory of this buffer was transferred');
  }
  const { spec, facts } = item;
  const { displayWidth, displayHeight } = facts;
  // The constructor takes the display size before rotation, while frames report it after rotation.
  const [width, height] = isSideways(facts) ? [displayHeight, displayWidth] : [displayWidth, displayHeight];
  const { format, codedWidth, codedHeight } = spec;
  const bufferInit = {
    format,
    codedWidth,
    codedHeight,
    ...facts,
    displayWidth: width,
    displayHeight: height,
    ...init,
  };
  // TypeScript's DOM types lack the deep formats, and cannot see that the pool always gives a timestamp.
  const frame = new VideoFrame(withoutGaps(spec, item.data), bufferInit as VideoFrameBufferInit);
  if (init.alpha !== 'discard') return frame;
  // Only the constructor that takes image sources supports `alpha`.
  try {
    return new VideoFrame(frame, { alpha: 'discard' });
  } finally {
    frame.close();
  }
}

/**
 * The planes without gaps. The constructor's `layout` option is not used, because Firefox 153 ignores it without an
 * error.
 */
function withoutGaps({ format, codedWidth, codedHeight, layout }: MemorySpec, data: Uint8Array): Uint8Array {
  const planes = planesOf(format, codedWidth, codedHeight);
  const { layout: wanted, byteLength } = packedLayout(planes);
  const stands = (index: number): PlaneLayout => layout[index] ?? { offset: 0, stride: 0 };
  const asWanted = wanted.every(
    ({ offset, stride }, index) => stands(index).offset === offset && stands(index).stride === stride,
  );
  if (asWanted) return data;
  const bytes = new Uint8Array(byteLength);
  for (const [index, { rowBytes, rows }] of planes.entries()) {
    const { offset, stride } = stands(index);
    const to = wanted[index]?.offset ?? 0;
    for (let row = 0; row < rows; row++) {
      const start = offset + row * stride;
      bytes.set(data.subarray(start, start + rowBytes), to + row * rowBytes);
    }
  }
  return bytes;
}
