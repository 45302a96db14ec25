/** NAL unit types of HEVC, its picture parameter set (ITU-T H.265, 7.3.2.3), and the `hvcC` box. */
import { BitReader } from './bit-reader.ts';
import { PARAMETER_SET_BYTES, payloadOf } from './nal.ts';

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

/** Contents of `hvcC` (ISO/IEC 14496-15, 8.3.3.1). */
export interface HevcDescription {
  /** Size of the length field before each unit of a packet, in bytes. */
  readonly lengthSize: number;
  readonly units: readonly Uint8Array[];
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

/** Null if the bytes are not a complete `hvcC`. */
export function parseHevcDescription(bytes: Uint8Array): HevcDescription | null {
  if (bytes[0] !== 1) return null;
  const lengthSize = ((bytes[21] ?? 0) & 0b11) + 1;
  const bits = new BitReader(bytes);
  bits.skip(22 * 8);
  const units: Uint8Array[] = [];
  for (let arrays = bits.u(8); arrays > 0 && bits.isValid; arrays--) {
    bits.skip(8); // array_completeness, NAL_unit_type
    for (let count = bits.u(16); count > 0 && bits.isValid; count--) {
      const length = bits.u(16);
      const start = bits.position / 8;
      bits.skip(length * 8);
      if (bits.isValid && length > 0) units.push(bytes.subarray(start, start + length));
    }
  }
  return bits.isValid ? { lengthSize, units } : null;
}
