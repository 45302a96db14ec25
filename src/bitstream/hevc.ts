/** NAL units and parameter sets of HEVC (ITU-T H.265, 7.3.2 and annex E), and the `hvcC` box. */
import { BitReader } from './bit-reader.ts';
import type { NalDescription } from './nal.ts';
import { ANNEX_B, PARAMETER_SET_BYTES, payloadOf, readUnits } from './nal.ts';
import type { PictureUsability } from './usability.ts';
import { readUsability, UNKNOWN_USABILITY } from './usability.ts';

/** nal_unit_type of the units that are read. */
export const HEVC_UNIT = {
  leadingFirst: 6,
  leadingLast: 9,
  brokenLinkFirst: 16,
  brokenLinkLast: 18,
  idrWithLeading: 19,
  idr: 20,
  cra: 21,
  randomAccessLast: 23,
  sliceLast: 31,
  video: 32,
  sequence: 33,
  picture: 34,
} as const;

/** Size of a unit's header, in bytes. */
export const HEVC_HEADER_BYTES = 2;

/** The nal_unit_type of a unit; -1 if it does not belong to the base layer. */
export function hevcUnitType(unit: Uint8Array): number {
  const [first = 0, second = 0] = unit;
  const layer = ((first & 1) << 5) | (second >> 3);
  return layer === 0 ? (first >> 1) & 0b11_1111 : -1;
}

/** Whether a unit begins with a slice of a picture of the base layer. */
export const isHevcSlice = (type: number): boolean => type >= 0 && type <= HEVC_UNIT.sliceLast;

/** Whether a picture of this type is a random access point (IRAP). */
export const isHevcRandomAccess = (type: number): boolean =>
  type >= HEVC_UNIT.brokenLinkFirst && type <= HEVC_UNIT.randomAccessLast;

/** Fields of a picture parameter set about the headers of its slices. */
export interface HevcPicture {
  readonly id: number;
  readonly sequenceId: number;
  /** output_flag_present_flag */
  readonly hasOutputFlag: boolean;
  /** num_extra_slice_header_bits */
  readonly extraBits: number;
}

/** Null if the unit is not a valid picture parameter set. */
export function parseHevcPicture(unit: Uint8Array): HevcPicture | null {
  if (hevcUnitType(unit) !== HEVC_UNIT.picture) return null;
  const bits = new BitReader(payloadOf(unit, HEVC_HEADER_BYTES, PARAMETER_SET_BYTES));
  const id = bits.ue();
  const sequenceId = bits.ue();
  bits.skip(1); // dependent_slice_segments_enabled_flag
  const hasOutputFlag = bits.flag();
  const extraBits = bits.u(3);
  return bits.isValid && id < 64 && sequenceId < 16 ? { id, sequenceId, hasOutputFlag, extraBits } : null;
}

/**
 * Parses `hvcC` (ISO/IEC 14496-15, 8.3.3.1). Null if the bytes are not complete.
 *
 * @param bytes - Null for a stream without a description.
 */
export function parseHevcDescription(bytes: Uint8Array | null): NalDescription | null {
  if (bytes === null) return ANNEX_B;
  if (bytes[0] !== 1) return null;
  const bits = new BitReader(bytes);
  bits.skip(22 * 8);
  const units: Uint8Array[] = [];
  for (let arrays = bits.u(8); arrays > 0 && bits.isValid; arrays--) {
    bits.skip(8); // array_completeness, NAL_unit_type
    units.push(...readUnits(bits, bytes, bits.u(16)));
  }
  return bits.isValid ? { lengthSize: ((bytes[21] ?? 0) & 0b11) + 1, units } : null;
}

/** Fields of a sequence parameter set about pictures, their order and their slice headers. */
export interface HevcSequence extends PictureUsability {
  readonly id: number;
  /** Size after cropping, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether each picture is a field, or the source is interlaced throughout. */
  readonly isInterlaced: boolean;
  /** Frames that a decoder keeps back for reordering: sps_max_num_reorder_pics of the highest sub-layer. */
  readonly reorderDepth: number;
  readonly hasSeparatePlanes: boolean;
  /** Bits of slice_pic_order_cnt_lsb. */
  readonly lsbBits: number;
}

/** No level allows more pixels in a row: sqrt(8 × 142,606,336), rounded up. */
const MAX_SIDE = 33776;

/** No level allows more pictures in the buffer (A.4.2). */
const MAX_PICTURES = 16;

/** Null if the unit is not a valid sequence parameter set of the base layer. */
export function parseHevcSequence(unit: Uint8Array): HevcSequence | null {
  if (hevcUnitType(unit) !== HEVC_UNIT.sequence) return null;
  const bits = new BitReader(payloadOf(unit, HEVC_HEADER_BYTES, PARAMETER_SET_BYTES));
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.u(3);
  bits.skip(1); // sps_temporal_id_nesting_flag
  const isSourceInterlaced = readProfile(bits, subLayers);
  const id = bits.ue();
  const chroma = bits.ue();
  const hasSeparatePlanes = chroma === 3 && bits.flag();
  const codedWidth = bits.ue();
  const codedHeight = bits.ue();
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = chroma === 1 ? 2 : 1;
  const isCropped = bits.flag();
  const width = codedWidth - (isCropped ? unitX * (bits.ue() + bits.ue()) : 0);
  const height = codedHeight - (isCropped ? unitY * (bits.ue() + bits.ue()) : 0);
  bits.ue(); // bit_depth_luma_minus8
  bits.ue(); // bit_depth_chroma_minus8
  const lsbBits = bits.ue() + 4;
  let reorderDepth = 0;
  // There is either one entry for all sub-layers or one for each. The highest comes last.
  for (let layer = bits.flag() ? 0 : subLayers; layer <= subLayers; layer++) {
    bits.ue(); // sps_max_dec_pic_buffering_minus1
    reorderDepth = bits.ue();
    bits.ue(); // sps_max_latency_increase_plus1
  }
  const isPlausible =
    id < 16 && chroma <= 3 && subLayers < 7 && lsbBits <= 16 && reorderDepth <= MAX_PICTURES;
  const isSized = width > 0 && height > 0 && Math.max(codedWidth, codedHeight) <= MAX_SIDE;
  if (!bits.isValid || !isPlausible || !isSized) return null;
  const usability = readHevcUsability(bits, lsbBits);
  return {
    ...(usability?.picture ?? UNKNOWN_USABILITY),
    id,
    width,
    height,
    isInterlaced: isSourceInterlaced || usability?.hasFields === true,
    reorderDepth,
    hasSeparatePlanes,
    lsbBits,
  };
}

/** profile_tier_level(). Returns whether the source is interlaced only. */
function readProfile(bits: BitReader, subLayers: number): boolean {
  bits.skip(8 + 32); // profile space, tier, profile, compatibility
  const isProgressive = bits.flag();
  const isInterlaced = bits.flag();
  bits.skip(46 + 8); // constraints, level
  if (subLayers === 0) return isInterlaced && !isProgressive;
  let skipped = 0;
  for (let layer = 0; layer < 8; layer++) {
    const hasProfile = bits.flag();
    const hasLevel = bits.flag();
    if (layer < subLayers) skipped += (hasProfile ? 88 : 0) + (hasLevel ? 8 : 0);
  }
  bits.skip(skipped);
  return isInterlaced && !isProgressive;
}

/** Null if there is none, or if the fields before it are truncated. */
function readHevcUsability(bits: BitReader, lsbBits: number) {
  for (let i = 0; i < 6; i++) bits.ue(); // block sizes and depths of the transform hierarchy
  if (bits.flag() && bits.flag()) skipScalingLists(bits);
  bits.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (bits.flag()) skipRawBlocks(bits);
  skipReferenceSets(bits);
  if (bits.flag()) {
    const count = bits.ue();
    if (count <= 32) bits.skip(count * (lsbBits + 1)); // long-term reference pictures
  }
  bits.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  if (!bits.flag()) return null;
  const picture = readUsability(bits);
  bits.skip(1); // neutral_chroma_indication_flag
  const hasFields = bits.flag();
  return bits.isValid ? { picture, hasFields } : null;
}

/** scaling_list_data() */
function skipScalingLists(bits: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < (size === 3 ? 2 : 6); matrix++) {
      if (!bits.flag()) {
        bits.ue(); // scaling_list_pred_matrix_id_delta
        continue;
      }
      const count = Math.min(64, 1 << (4 + size * 2)) + (size > 1 ? 1 : 0);
      for (let i = 0; i < count && bits.isValid; i++) bits.se();
    }
  }
}

/** Fields of blocks that are coded as raw samples. */
function skipRawBlocks(bits: BitReader): void {
  bits.skip(8);
  bits.ue();
  bits.ue();
  bits.skip(1);
}

/** All st_ref_pic_set() of the sequence. The length of each can depend on the number of pictures in the previous one. */
function skipReferenceSets(bits: BitReader): void {
  const count = bits.ue();
  let pictures = 0;
  for (let set = 0; set < count && count <= 64 && bits.isValid; set++) {
    pictures = set > 0 && bits.flag() ? skipPredictedSet(bits, pictures) : skipListedSet(bits);
  }
}

function skipPredictedSet(bits: BitReader, pictures: number): number {
  bits.skip(1); // delta_rps_sign
  bits.ue(); // abs_delta_rps_minus1
  let kept = 0;
  for (let i = 0; i <= pictures && bits.isValid; i++) {
    const isUsed = bits.flag();
    // use_delta_flag follows only if the current picture does not use this one.
    if (isUsed || bits.flag()) kept++;
  }
  return kept;
}

function skipListedSet(bits: BitReader): number {
  const pictures = bits.ue() + bits.ue();
  for (let i = 0; i < pictures && i < 2 * MAX_PICTURES && bits.isValid; i++) {
    bits.ue(); // delta_poc_minus1
    bits.skip(1); // used_by_curr_pic_flag
  }
  return pictures;
}
