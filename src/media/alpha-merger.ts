/** Merges a colour frame and an alpha frame into one transparent frame. */
import { aborted, encodingError } from '../base/errors.ts';
import { isClosed } from '../pool/frames.ts';
import { orientationOf } from '../storage/orientation.ts';
import { premultiply, transparentFormat } from './alpha-format.ts';
import type { PictureSize } from './alpha-samples.ts';
import { copyAlpha, copyColours, fillAlpha, planMerge } from './alpha-samples.ts';

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
