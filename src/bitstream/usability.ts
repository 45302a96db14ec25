/** Video usability information (VUI) of H.264 and HEVC: pixel aspect, and colour in the code points of ITU-T H.273, which AV1 shares. */
import type { BitReader } from './bit-reader.ts';

/** Width to height of one pixel. */
export type PixelAspect = readonly [width: number, height: number];

/** Fields about how a stream's pictures are shown. */
export interface PictureUsability {
  /** Null if the stream does not specify it. */
  readonly pixelAspect: PixelAspect | null;
  /** The known fields only. */
  readonly colorSpace: VideoColorSpaceInit;
}

/** For streams without usability information. */
export const UNKNOWN_USABILITY: PictureUsability = { pixelAspect: null, colorSpace: {} };

/** aspect_ratio_idc 1 to 16 (H.264, table E-1). */
const PIXEL_ASPECTS: readonly PixelAspect[] = [
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
];

/** aspect_ratio_idc that is followed by the two numbers themselves. */
const EXTENDED_ASPECT = 255;

/** Reads from aspect_ratio_info_present_flag through the chroma sample locations (H.264, E.1.1; HEVC, E.2.1). */
export function readUsability(bits: BitReader): PictureUsability {
  const pixelAspect = bits.flag() ? readAspect(bits) : null;
  if (bits.flag()) bits.skip(1); // overscan_appropriate_flag
  const colorSpace = bits.flag() ? readSignalType(bits) : {};
  if (bits.flag()) {
    bits.ue(); // chroma_sample_loc_type_top_field
    bits.ue(); // chroma_sample_loc_type_bottom_field
  }
  return { pixelAspect, colorSpace };
}

function readAspect(bits: BitReader): PixelAspect | null {
  const idc = bits.u(8);
  if (idc !== EXTENDED_ASPECT) return PIXEL_ASPECTS[idc - 1] ?? null;
  const width = bits.u(16);
  const height = bits.u(16);
  return width > 0 && height > 0 ? [width, height] : null;
}

function readSignalType(bits: BitReader): VideoColorSpaceInit {
  bits.skip(3); // video_format
  const isFullRange = bits.flag();
  const codes = bits.flag() ? { primaries: bits.u(8), transfer: bits.u(8), matrix: bits.u(8) } : null;
  return colorSpaceOf(codes, isFullRange);
}

/** Code points without a term in WebCodecs are left out. */
const PRIMARIES = new Map([
  [1, 'bt709'],
  [5, 'bt470bg'],
  [6, 'smpte170m'],
  [9, 'bt2020'],
  [12, 'smpte432'],
]);

const TRANSFERS = new Map([
  [1, 'bt709'],
  [6, 'smpte170m'],
  [8, 'linear'],
  [13, 'iec61966-2-1'],
  [16, 'pq'],
  [18, 'hlg'],
]);

const MATRICES = new Map([
  [0, 'rgb'],
  [1, 'bt709'],
  [5, 'bt470bg'],
  [6, 'smpte170m'],
  [9, 'bt2020-ncl'],
]);

/** Code points of H.273. */
export interface ColourCodes {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
}

/**
 * The colour space in the terms of WebCodecs, with the known fields only.
 *
 * @param codes - Null if the stream has no colour description.
 * @param isFullRange - Null if the stream does not specify it.
 */
export function colorSpaceOf(codes: ColourCodes | null, isFullRange: boolean | null): VideoColorSpaceInit {
  const primaries = PRIMARIES.get(codes?.primaries ?? -1);
  const transfer = TRANSFERS.get(codes?.transfer ?? -1);
  const matrix = MATRICES.get(codes?.matrix ?? -1);
  const known = {
    ...(primaries !== undefined && { primaries }),
    ...(transfer !== undefined && { transfer }),
    ...(matrix !== undefined && { matrix }),
    ...(isFullRange !== null && { fullRange: isFullRange }),
  };
  // The DOM types lack the terms that were added for HDR.
  return known as VideoColorSpaceInit;
}
