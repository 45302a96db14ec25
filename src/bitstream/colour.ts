/**
 * Colour description of a stream: code points of ITU-T H.273, as H.264, HEVC and AV1 carry them, mapped to the terms of
 * WebCodecs.
 */

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
