/** Detection of packets at which a decoder can start. */
import { startsWithAv1KeyFrame } from './av1.ts';
import { AVC_HEADER_BYTES, AVC_UNIT, avcUnitType, isAvcSlice, parseAvcDescription } from './avc.ts';
import { BitReader } from './bit-reader.ts';
import { descriptionOf, familyOf } from './codec.ts';
import { HEVC_UNIT, hevcUnitType, isHevcRandomAccess, isHevcSlice, parseHevcDescription } from './hevc.ts';
import { nalUnits, payloadOf } from './nal.ts';
import { readVp8Tag, readVp9Start } from './vpx.ts';

/** Which random access points count. */
export interface StartOptions {
  /**
   * Whether an H.264 recovery point counts if every frame from it on is exact. Engines differ in whether they accept such a
   * packet as their first one.
   */
  readonly allowsRecoveryPoints: boolean;
}

/** payloadType of a recovery point in supplemental enhancement information (SEI). */
const RECOVERY_POINT = 6;

/** Bytes of supplemental information that are read. User messages of some hundred bytes can come first. */
const SEI_BYTES = 2048;

/** Whether a decoder of this configuration can start at a packet: it needs no other packet, nor parameter sets from one. */
export function canStartAt(config: VideoDecoderConfig, packet: Uint8Array, options: StartOptions): boolean {
  const description = descriptionOf(config);
  switch (familyOf(config.codec)) {
    case 'avc':
      return canStartAtAvc(description, packet, options.allowsRecoveryPoints);
    case 'hevc':
      return canStartAtHevc(description, packet);
    case 'av1':
      // Engines take the sequence header from the packet alone, not from the description.
      return startsWithAv1KeyFrame(packet);
    case 'vp8':
      return readVp8Tag(packet)?.isKey === true;
    case 'vp9':
      return readVp9Start(packet)?.isKey === true;
    default:
      return false;
  }
}

function canStartAtAvc(bytes: Uint8Array | null, packet: Uint8Array, allowsRecoveryPoints: boolean): boolean {
  const description = parseAvcDescription(bytes);
  if (description === null) return false;
  const seen = new Set(description.units.map(avcUnitType));
  let isRecoveryPoint = false;
  for (const unit of nalUnits(packet, description.lengthSize)) {
    const type = avcUnitType(unit);
    if (isAvcSlice(type)) {
      const isStart = type === AVC_UNIT.idr || (allowsRecoveryPoints && isRecoveryPoint);
      return isStart && seen.has(AVC_UNIT.sequence) && seen.has(AVC_UNIT.picture);
    }
    seen.add(type);
    if (type === AVC_UNIT.sei) isRecoveryPoint ||= hasExactRecoveryPoint(unit);
  }
  return false;
}

/** Whether a unit of supplemental information marks this frame and all after it as exact. */
function hasExactRecoveryPoint(unit: Uint8Array): boolean {
  const bits = new BitReader(payloadOf(unit, AVC_HEADER_BYTES, SEI_BYTES));
  while (bits.isValid) {
    const type = readSeiNumber(bits);
    const size = readSeiNumber(bits);
    if (type === RECOVERY_POINT) {
      const frames = bits.ue(); // recovery_frame_cnt
      return frames === 0 && bits.flag() && bits.isValid; // exact_match_flag
    }
    bits.skip(size * 8);
  }
  return false;
}

/** Reads the type or size of an SEI message: the sum of its bytes. A byte of 255 means that another byte follows. */
function readSeiNumber(bits: BitReader): number {
  let number = 0;
  let byte = bits.u(8);
  while (byte === 255 && bits.isValid) {
    number += byte;
    byte = bits.u(8);
  }
  return number + byte;
}

function canStartAtHevc(bytes: Uint8Array | null, packet: Uint8Array): boolean {
  const description = parseHevcDescription(bytes);
  if (description === null) return false;
  const seen = new Set(description.units.map(hevcUnitType));
  for (const unit of nalUnits(packet, description.lengthSize)) {
    const type = hevcUnitType(unit);
    if (isHevcSlice(type)) {
      const hasSets = [HEVC_UNIT.video, HEVC_UNIT.sequence, HEVC_UNIT.picture].every((set) => seen.has(set));
      return isHevcRandomAccess(type) && hasSets;
    }
    seen.add(type);
  }
  return false;
}
