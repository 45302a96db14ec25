/** Merges a colour frame and an alpha frame into one transparent frame. */
import { aborted, encodingError } from '../base/errors.ts';
import { isClosed } from '../pool/frames.ts';
import { orientationOf } from '../storage/orientation.ts';
import { premultiply, transparentFormat } from './alpha-format.ts';
import { copyStrategies } from '../storage/copy-strategy.ts';
import type { MemoryFormat } from '../storage/layout.ts';
import { isRgb, packedLayout, planesOf } from '../storage/layout.ts';

/** Buffers that are kept between merges. More concurrent merges are rare: several iterations of one video. */
const MAX_KEPT = 2;

/**
 * Creates transparent frames. Owns no frame: the caller owns both input frames, may close them at any time, and owns the merged
 * one. Buffers are reused, one for each merge in progress.
 */
export class AlphaMerger {
  readonly #buffers: Uint8Array<ArrayBuffer>[] = [];

  /**
   * Creates a frame with the colour frame's pixels, times, colour space, orientation and display size.
   *
   * @param alpha - Frame whose luma, 0 to 255 whatever range it declares, becomes alpha; null for an opaque result.
   * @throws `EncodingError` if the two differ in size; `AbortError` if the colour frame was closed during the merge; and the
   * errors of `copyTo()`.
   */
  async merge(colour: VideoFrame, alpha: VideoFrame | null): Promise<VideoFrame> {
    const size = sizeOf(colour);
    if (alpha !== null) requireSize(size, sizeOf(alpha));
    const { format, isPremultiplied } = transparentFormat(colour.format);
    const plan = planMerge(format, size, colour.format, alpha === null ? undefined : alpha.format);
    const init = { ...initOf(colour, size), format, layout: [...plan.layout] };
    const data = this.#take(plan.byteLength);
    try {
      await copyColours(colour, data, plan);
      if (alpha === null) fillAlpha(data, plan);
      else await copyAlpha(alpha, data, plan);
      if (isPremultiplied) premultiply(data.subarray(0, plan.pictureLength));
      if (isClosed(colour)) throw aborted('the decoder was closed or reset');
      // TypeScript's DOM types lack some formats.
      return new VideoFrame(data.subarray(0, plan.pictureLength), init as VideoFrameBufferInit);
    } finally {
      if (this.#buffers.length < MAX_KEPT) this.#buffers.push(data);
    }
  }

  /** A buffer of at least this length. A kept one that is shorter is dropped. */
  #take(byteLength: number): Uint8Array<ArrayBuffer> {
    const kept = this.#buffers.pop();
    return kept !== undefined && kept.length >= byteLength ? kept : new Uint8Array(byteLength);
  }
}

function sizeOf({ visibleRect, codedWidth, codedHeight }: VideoFrame): PictureSize {
  return { width: visibleRect?.width ?? codedWidth, height: visibleRect?.height ?? codedHeight };
}

function requireSize(colour: PictureSize, alpha: PictureSize): void {
  if (alpha.width === colour.width && alpha.height === colour.height) return;
  throw encodingError(
    `the alpha of a frame has ${alpha.width} × ${alpha.height} pixels, its colours ${colour.width} × ${colour.height}`,
  );
}

/** Read before the merge, because the frame may be closed during it. */
function initOf(colour: VideoFrame, { width, height }: PictureSize): object {
  const { timestamp, duration, displayWidth, displayHeight, colorSpace, format } = colour;
  const isConverted = format === null || !/^(?:I4|NV12)/u.test(format);
  return {
    codedWidth: width,
    codedHeight: height,
    timestamp,
    ...(duration === null ? {} : { duration }),
    displayWidth,
    displayHeight,
    ...(isConverted ? {} : { colorSpace: colorSpace.toJSON() }),
    ...orientationOf(colour),
  };
}

/** Size of the visible picture, in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Positions of all samples in one buffer: first the merged picture, then room for samples that are dropped or moved. */
export interface MergePlan extends PictureSize {
  readonly format: MemoryFormat;
  /** Planes of the merged picture. */
  readonly layout: readonly PlaneLayout[];
  /** Bytes of the merged picture. */
  readonly pictureLength: number;
  /** Position of the alpha frame's luma: the merged picture's last plane, or a plane behind an 8-bit RGB picture. */
  readonly luma: PlaneLayout;
  /** Offset of the samples that the merged picture does not keep unchanged. */
  readonly scratch: number;
  /** Bytes of the whole buffer. */
  readonly byteLength: number;
}

type Format = VideoPixelFormat | null;

/** Formats whose first plane is 8-bit luma. */
const LUMA_FIRST: readonly Format[] = ['I420', 'I422', 'I444', 'NV12'];

const BYTES_PER_PIXEL = 4;

/** Plans a merge into a picture of this format. `alpha` is undefined for an opaque one. */
export function planMerge(
  format: MemoryFormat,
  size: PictureSize,
  colour: Format,
  alpha: Format | undefined,
): MergePlan {
  const { width, height } = size;
  const { layout, byteLength: pictureLength } = packedLayout(planesOf(format, width, height));
  const plane = isRgb(format) ? undefined : layout.at(-1);
  const luma = plane ?? { offset: pictureLength, stride: width };
  const scratch = pictureLength + (plane === undefined ? width * height : 0);
  const moved = [colour === 'NV12' ? chromaLength(colour, size) : 0];
  if (alpha !== undefined)
    moved.push(hasLuma(alpha) ? chromaLength(alpha, size) : width * height * BYTES_PER_PIXEL);
  return { format, ...size, layout, pictureLength, luma, scratch, byteLength: scratch + Math.max(...moved) };
}

/** Copies the colours. */
export async function copyColours(colour: VideoFrame, data: Uint8Array, plan: MergePlan): Promise<void> {
  const { format, width, height, layout, pictureLength, scratch } = plan;
  if (isRgb(format)) {
    await copyStrategies.copy(colour, {
      format,
      width,
      height,
      layout,
      data: data.subarray(0, pictureLength),
    });
    return;
  }
  const [luma, first, second] = layout;
  if (luma === undefined || first === undefined || second === undefined) throw new TypeError('no planes');
  if (colour.format !== 'NV12') {
    await colour.copyTo(data, { layout: [luma, first, second] });
    return;
  }
  const stride = 2 * first.stride;
  await colour.copyTo(data, { layout: [luma, { offset: scratch, stride }] });
  for (let at = 0, from = scratch; at < second.offset - first.offset; at++, from += 2) {
    data[first.offset + at] = data[from] ?? 0;
    data[second.offset + at] = data[from + 1] ?? 0;
  }
}

/** Copies the alpha frame's luma to the alpha samples. */
export async function copyAlpha(alpha: VideoFrame, data: Uint8Array, plan: MergePlan): Promise<void> {
  const { format, luma, width, height, pictureLength } = plan;
  await copyLuma(alpha, data, plan);
  if (!isRgb(format)) return;
  const end = luma.offset + width * height;
  for (let from = luma.offset, to = 3; from < end; from++, to += BYTES_PER_PIXEL) data[to] = data[from] ?? 0;
  if (pictureLength !== width * height * BYTES_PER_PIXEL) throw new RangeError('rows with gaps');
}

/** Makes every pixel opaque. */
export function fillAlpha(data: Uint8Array, { format, luma, pictureLength }: MergePlan): void {
  if (isRgb(format)) for (let at = 3; at < pictureLength; at += BYTES_PER_PIXEL) data[at] = 255;
  else data.fill(255, luma.offset, pictureLength);
}

async function copyLuma(alpha: VideoFrame, data: Uint8Array, plan: MergePlan): Promise<void> {
  const { luma, scratch, width, height, byteLength } = plan;
  const { format } = alpha;
  if (hasLuma(format)) {
    const layout = [luma];
    let offset = scratch;
    for (const { rowBytes, rows } of planesOf(format, width, height).slice(1)) {
      layout.push({ offset, stride: rowBytes });
      offset += rowBytes * rows;
    }
    await alpha.copyTo(data, { layout });
    return;
  }
  // The picture is grey, so any of the colour channels will do.
  const stride = width * BYTES_PER_PIXEL;
  const target = { format: 'RGBA', width, height, layout: [{ offset: scratch, stride }] } as const;
  await copyStrategies.copy(alpha, { ...target, data: data.subarray(0, byteLength) });
  const isStretched = alpha.colorSpace.fullRange !== true;
  for (let at = 0; at < width * height; at++) {
    const grey = data[scratch + at * BYTES_PER_PIXEL] ?? 0;
    data[luma.offset + at] = isStretched ? lumaOf(grey) : grey;
  }
}

/**
 * The luma that a conversion from limited range turned into this grey. Firefox 153 outputs decoded frames as BGRX. Luma below 16
 * became 0, and above 235 it became 255, so both are treated as the ends of alpha.
 */
const lumaOf = (grey: number): number =>
  grey === 0 || grey === 255 ? grey : Math.round(16 + (grey * 219) / 255);

const hasLuma = (format: Format): format is 'I420' | 'I422' | 'I444' | 'NV12' => LUMA_FIRST.includes(format);

/** Bytes of all planes but the first. */
const chromaLength = (format: MemoryFormat, { width, height }: PictureSize): number =>
  planesOf(format, width, height)
    .slice(1)
    .reduce((sum, { rowBytes, rows }) => sum + rowBytes * rows, 0);
