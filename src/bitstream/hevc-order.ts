/** Picture order count of HEVC packets (ITU-T H.265, 8.3.1), from the header of their first slice. */
import { BitReader } from './bit-reader.ts';
import type { HevcPicture } from './hevc.ts';
import {
  HEVC_HEADER_BYTES,
  HEVC_UNIT,
  hevcUnitType,
  isHevcRandomAccess,
  isHevcSlice,
  parseHevcPicture,
} from './hevc.ts';
import type { HevcSequence } from './hevc-sequence.ts';
import { parseHevcSequence } from './hevc-sequence.ts';
import { nalUnits, payloadOf, SLICE_HEADER_BYTES } from './nal.ts';
import type { OrderedPicture } from './ordered-picture.ts';
import { highPartStep } from './ordered-picture.ts';

/** Types below this are not random access points. The even ones among them are not used for reference in their sub-layer. */
const FIRST_RESERVED_NON_REFERENCE = 14;

/** Picture order of packets that hold one picture each. */
export class HevcOrder {
  readonly #lengthSize: number | null;
  readonly #sequences = new Map<number, HevcSequence>();
  readonly #pictures = new Map<number, HevcPicture>();
  #isFirst = true;
  #lastMsb = 0;
  #lastLsb = 0;

  /** @param sets - Units of the description. */
  constructor(lengthSize: number | null, sets: readonly Uint8Array[]) {
    this.#lengthSize = lengthSize;
    for (const unit of sets) this.#keep(unit);
  }

  /** Null if the packet has no slice with known parameter sets. */
  order(packet: Uint8Array): OrderedPicture | null {
    for (const unit of nalUnits(packet, this.#lengthSize)) {
      const type = hevcUnitType(unit);
      if (isHevcSlice(type)) return this.#orderOf(unit, type);
      this.#keep(unit);
    }
    return null;
  }

  #keep(unit: Uint8Array): void {
    const type = hevcUnitType(unit);
    if (type === HEVC_UNIT.sequence) {
      const sequence = parseHevcSequence(unit);
      if (sequence !== null) this.#sequences.set(sequence.id, sequence);
    } else if (type === HEVC_UNIT.picture) {
      const picture = parseHevcPicture(unit);
      if (picture !== null) this.#pictures.set(picture.id, picture);
    }
  }

  #orderOf(unit: Uint8Array, type: number): OrderedPicture | null {
    const isRandomAccess = isHevcRandomAccess(type);
    const isIdr = type === HEVC_UNIT.idr || type === HEVC_UNIT.idrWithLeading;
    const bits = new BitReader(payloadOf(unit, HEVC_HEADER_BYTES, SLICE_HEADER_BYTES));
    const isFirstSlice = bits.flag();
    if (isRandomAccess) bits.skip(1); // no_output_of_prior_pics_flag
    const picture = this.#pictures.get(bits.ue());
    const sequence = picture && this.#sequences.get(picture.sequenceId);
    // Slices after the first have their address here. The picture of such a slice began in an earlier packet, or was lost.
    if (picture === undefined || sequence === undefined || !isFirstSlice) return null;
    bits.skip(picture.extraBits);
    bits.ue(); // slice_type
    if (picture.hasOutputFlag) bits.skip(1);
    if (sequence.hasSeparatePlanes) bits.skip(2); // colour_plane_id
    const lsb = isIdr ? 0 : bits.u(sequence.lsbBits);
    if (!bits.isValid) return null;
    const isBrokenLink = type >= HEVC_UNIT.brokenLinkFirst && type <= HEVC_UNIT.brokenLinkLast;
    const startsSequence = isIdr || isBrokenLink || (isRandomAccess && this.#isFirst);
    const msb = startsSequence ? 0 : this.#lastMsb + highPartStep(lsb - this.#lastLsb, 2 ** sequence.lsbBits);
    this.#isFirst = false;
    if (isAnchor(unit, type)) {
      this.#lastMsb = msb;
      this.#lastLsb = lsb;
    }
    return { order: msb + lsb, startsSequence };
  }
}

/** Whether later pictures count from this one: temporal layer 0, not a leading picture, used for reference (8.3.1). */
function isAnchor(unit: Uint8Array, type: number): boolean {
  const temporalId = ((unit[1] ?? 0) & 0b111) - 1;
  const isLeading = type >= HEVC_UNIT.leadingFirst && type <= HEVC_UNIT.leadingLast;
  const isNonReference = type <= FIRST_RESERVED_NON_REFERENCE && type % 2 === 0;
  return temporalId === 0 && !isLeading && !isNonReference;
}
