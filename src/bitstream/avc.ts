/** NAL unit types of H.264, its picture parameter set (ITU-T H.264, 7.3.2.2), and the `avcC` box. */
import { BitReader } from './bit-reader.ts';
import { PARAMETER_SET_BYTES, payloadOf } from './nal.ts';

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

/** Contents of `avcC` (ISO/IEC 14496-15, 5.3.3.1). */
export interface AvcDescription {
  /** Size of the length field before each unit of a packet, in bytes. */
  readonly lengthSize: number;
  readonly units: readonly Uint8Array[];
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

/** Null if the bytes are not a complete `avcC`. */
export function parseAvcDescription(bytes: Uint8Array): AvcDescription | null {
  if (bytes[0] !== 1) return null;
  const lengthSize = ((bytes[4] ?? 0) & 0b11) + 1;
  const bits = new BitReader(bytes);
  bits.skip(40 + 3);
  const units: Uint8Array[] = [];
  for (const countBits of [5, 8]) {
    for (let count = bits.u(countBits); count > 0 && bits.isValid; count--) {
      const length = bits.u(16);
      const start = bits.position / 8;
      bits.skip(length * 8);
      if (bits.isValid && length > 0) units.push(bytes.subarray(start, start + length));
    }
  }
  return bits.isValid ? { lengthSize, units } : null;
}
