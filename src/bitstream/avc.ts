/** NAL units and parameter sets of H.264 (ITU-T H.264, 7.3.2 and annex E), and the `avcC` box. */
import { BitReader } from './bit-reader.ts';
import type { NalDescription } from './nal.ts';
import { ANNEX_B, PARAMETER_SET_BYTES, payloadOf, readUnits } from './nal.ts';
import type { PictureUsability } from './usability.ts';
import { readUsability, UNKNOWN_USABILITY } from './usability.ts';

/** nal_unit_type of the units that are read. */
export const AVC_UNIT = { slice: 1, idr: 5, sei: 6, sequence: 7, picture: 8 } as const;

/** Size of a unit's header, in bytes. */
export const AVC_HEADER_BYTES = 1;

/** The nal_unit_type of a unit. */
export const avcUnitType = (unit: Uint8Array): number => (unit[0] ?? 0) & 0b1_1111;

/** Whether a unit begins with a slice of a picture. */
export const isAvcSlice = (type: number): boolean => type === AVC_UNIT.slice || type === AVC_UNIT.idr;

/** Fields of a picture parameter set about the headers of its slices. */
export interface AvcPicture {
  readonly id: number;
  readonly sequenceId: number;
  /** bottom_field_pic_order_in_frame_present_flag */
  readonly hasBottomFieldOrder: boolean;
}

/** Null if the unit is not a valid picture parameter set. */
export function parseAvcPicture(unit: Uint8Array): AvcPicture | null {
  if (avcUnitType(unit) !== AVC_UNIT.picture) return null;
  const bits = new BitReader(payloadOf(unit, AVC_HEADER_BYTES, PARAMETER_SET_BYTES));
  const id = bits.ue();
  const sequenceId = bits.ue();
  bits.skip(1); // entropy_coding_mode_flag
  const hasBottomFieldOrder = bits.flag();
  return bits.isValid && id < 256 && sequenceId < 32 ? { id, sequenceId, hasBottomFieldOrder } : null;
}

/**
 * Parses `avcC` (ISO/IEC 14496-15, 5.3.3.1). Null if the bytes are not complete.
 *
 * @param bytes - Null for a stream without a description.
 */
export function parseAvcDescription(bytes: Uint8Array | null): NalDescription | null {
  if (bytes === null) return ANNEX_B;
  if (bytes[0] !== 1) return null;
  const bits = new BitReader(bytes);
  bits.skip(40 + 3);
  const units = [5, 8].flatMap((countBits) => [...readUnits(bits, bytes, bits.u(countBits))]);
  return bits.isValid ? { lengthSize: ((bytes[4] ?? 0) & 0b11) + 1, units } : null;
}

/** Fields of a sequence parameter set about pictures, their order and their slice headers. */
export interface AvcSequence extends PictureUsability {
  readonly id: number;
  /** Size of whole frames after cropping, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether pictures may be coded as fields. */
  readonly isInterlaced: boolean;
  /** Frames that a decoder keeps back for reordering; null if the stream does not specify it. */
  readonly reorderDepth: number | null;
  /** The most that the stream's level allows. */
  readonly maxReorderDepth: number;
  readonly hasSeparatePlanes: boolean;
  readonly frameNumberBits: number;
  readonly order: AvcOrderFields;
}

/** Fields from which the order of pictures is derived (ITU-T H.264, 8.2.1). */
export interface AvcOrderFields {
  /** pic_order_cnt_type */
  readonly type: number;
  /** Bits of pic_order_cnt_lsb; for type 0 only. */
  readonly lsbBits: number;
  /** delta_pic_order_always_zero_flag and the offsets; for type 1 only. */
  readonly isDeltaZero: boolean;
  readonly offsetOfNonReference: number;
  readonly offsetOfBottom: number;
  readonly offsetsOfCycle: readonly number[];
}

const BASELINE = 66;
const EXTENDED_BEFORE_HIGH = new Set([66, 77, 88]);
/** Profiles whose streams have no B-frames if constraint_set3_flag is set (E.2.1, max_num_reorder_frames). */
const INTRA_PROFILES = new Set([44, 86, 100, 110, 122, 244]);
/** Profiles with a chroma format and scaling matrices (7.3.2.1.1). */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** MaxDpbMbs by level_idc (table A-1). */
const MAX_MACROBLOCKS = new Map([
  [9, 396],
  [10, 396],
  [11, 900],
  [12, 2376],
  [13, 2376],
  [20, 2376],
  [21, 4752],
  [22, 8100],
  [30, 8100],
  [31, 18000],
  [32, 20480],
  [40, 32768],
  [41, 32768],
  [42, 34816],
  [50, 110400],
  [51, 184320],
  [52, 184320],
  [60, 696320],
  [61, 696320],
  [62, 696320],
]);

/** No level allows more frames (A.3.1). */
const MAX_FRAMES = 16;

/** No level allows more macroblocks in a row: sqrt(8 × 139,264), rounded up. */
const MAX_MACROBLOCKS_IN_A_ROW = 1056;

/** Null if the unit is not a valid sequence parameter set. */
export function parseAvcSequence(unit: Uint8Array): AvcSequence | null {
  if (avcUnitType(unit) !== AVC_UNIT.sequence) return null;
  const bits = new BitReader(payloadOf(unit, AVC_HEADER_BYTES, PARAMETER_SET_BYTES));
  const profile = bits.u(8);
  const constraints = bits.u(8);
  const level = bits.u(8);
  const isConstraint3 = (constraints & 0b1_0000) !== 0;
  const id = bits.ue();
  const chroma = HIGH_PROFILES.has(profile) ? readChroma(bits) : { format: 1, hasSeparatePlanes: false };
  const frameNumberBits = bits.ue() + 4;
  const order = readOrder(bits);
  bits.ue(); // max_num_ref_frames
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  const columns = bits.ue() + 1;
  const mapRows = bits.ue() + 1;
  const isFramesOnly = bits.flag();
  if (!isFramesOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const rows = mapRows * (isFramesOnly ? 1 : 2);
  const crop = bits.flag() ? readCrop(bits, chroma, isFramesOnly) : { width: 0, height: 0 };
  const width = columns * 16 - crop.width;
  const height = rows * 16 - crop.height;
  const isPlausible =
    id < 32 && chroma.format <= 3 && frameNumberBits <= 16 && order.type <= 2 && order.lsbBits <= 16;
  const isSized = Math.max(columns, rows) <= MAX_MACROBLOCKS_IN_A_ROW && width > 0 && height > 0;
  if (!bits.isValid || !isPlausible || !isSized) return null;
  const usability = bits.flag() ? readAvcUsability(bits) : null;
  const dpb = maxFrames(profile, level, isConstraint3, columns * rows);
  const isInOrder =
    profile === BASELINE || order.type === 2 || (isConstraint3 && INTRA_PROFILES.has(profile));
  const reorderDepth = usability?.reorderDepth ?? (isInOrder ? 0 : null);
  return {
    ...(usability?.picture ?? UNKNOWN_USABILITY),
    id,
    width,
    height,
    isInterlaced: !isFramesOnly,
    reorderDepth,
    maxReorderDepth: reorderDepth ?? dpb,
    hasSeparatePlanes: chroma.hasSeparatePlanes,
    frameNumberBits,
    order,
  };
}

interface Chroma {
  /** chroma_format_idc: 0 is grey, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly format: number;
  readonly hasSeparatePlanes: boolean;
}

function readChroma(bits: BitReader): Chroma {
  const format = bits.ue();
  const hasSeparatePlanes = format === 3 && bits.flag();
  bits.ue(); // bit_depth_luma_minus8
  bits.ue(); // bit_depth_chroma_minus8
  bits.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (bits.flag()) {
    for (let list = 0; list < (format === 3 ? 12 : 8); list++) {
      if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
    }
  }
  return { format, hasSeparatePlanes };
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  for (let i = 0; i < size && bits.isValid; i++) {
    const scale = (last + bits.se() + 256) % 256;
    if (scale === 0) return;
    last = scale;
  }
}

function readOrder(bits: BitReader): AvcOrderFields {
  const type = bits.ue();
  const lsbBits = type === 0 ? bits.ue() + 4 : 0;
  const none = { isDeltaZero: true, offsetOfNonReference: 0, offsetOfBottom: 0, offsetsOfCycle: [] };
  if (type !== 1) return { type, lsbBits, ...none };
  const isDeltaZero = bits.flag();
  const offsetOfNonReference = bits.se();
  const offsetOfBottom = bits.se();
  const offsetsOfCycle: number[] = [];
  const count = bits.ue();
  for (let i = 0; i < count && i < 256 && bits.isValid; i++) offsetsOfCycle.push(bits.se());
  return { type, lsbBits, isDeltaZero, offsetOfNonReference, offsetOfBottom, offsetsOfCycle };
}

/** Cropped pixels, from the crop units of table 6-1. */
function readCrop(bits: BitReader, chroma: Chroma, isFramesOnly: boolean) {
  const planes = chroma.hasSeparatePlanes ? 0 : chroma.format;
  const unitX = planes === 1 || planes === 2 ? 2 : 1;
  const unitY = (planes === 1 ? 2 : 1) * (isFramesOnly ? 1 : 2);
  return { width: unitX * (bits.ue() + bits.ue()), height: unitY * (bits.ue() + bits.ue()) };
}

/** Null if the information is truncated or implausible: some encoders write less than they announce. */
function readAvcUsability(bits: BitReader) {
  const picture = readUsability(bits);
  if (!bits.isValid) return null;
  if (bits.flag()) bits.skip(32 + 32 + 1); // timing
  const hasNalTiming = bits.flag();
  if (hasNalTiming) skipBufferTiming(bits);
  const hasVclTiming = bits.flag();
  if (hasVclTiming) skipBufferTiming(bits);
  if (hasNalTiming || hasVclTiming) bits.skip(1); // low_delay_hrd_flag
  bits.skip(1); // pic_struct_present_flag
  return { picture, reorderDepth: bits.flag() ? readReorderDepth(bits) : null };
}

function readReorderDepth(bits: BitReader): number | null {
  bits.skip(1); // motion_vectors_over_pic_boundaries_flag
  for (let i = 0; i < 4; i++) bits.ue(); // bytes and bits of pictures and macroblocks, motion vector lengths
  const depth = bits.ue();
  const buffered = bits.ue();
  return bits.isValid && depth <= buffered && buffered <= MAX_FRAMES ? depth : null;
}

/** hrd_parameters() */
function skipBufferTiming(bits: BitReader): void {
  const count = bits.ue() + 1;
  bits.skip(8); // bit_rate_scale, cpb_size_scale
  for (let i = 0; i < count && i < 32 && bits.isValid; i++) {
    bits.ue();
    bits.ue();
    bits.skip(1);
  }
  bits.skip(20); // lengths of delays and of the time offset
}

/** MaxDpbFrames (A.3.1). */
function maxFrames(profile: number, level: number, isConstraint3: boolean, macroblocks: number): number {
  const isLevel1b = level === 11 && isConstraint3 && EXTENDED_BEFORE_HIGH.has(profile);
  const most = MAX_MACROBLOCKS.get(isLevel1b ? 9 : level);
  return most === undefined ? MAX_FRAMES : Math.min(MAX_FRAMES, Math.floor(most / macroblocks));
}
