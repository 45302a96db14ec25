/** Presentation order of packets from their bitstream, whatever the container declares: the picture order count of H.264 and HEVC. */
import type { AvcPicture, AvcOrderFields, AvcSequence } from './avc.ts';
import {
  parseAvcDescription,
  AVC_HEADER_BYTES,
  AVC_UNIT,
  avcUnitType,
  isAvcSlice,
  parseAvcPicture,
  parseAvcSequence,
} from './avc.ts';
import { descriptionOf, familyOf } from './codec.ts';
import {
  parseHevcDescription,
  HEVC_HEADER_BYTES,
  HEVC_UNIT,
  hevcUnitType,
  isHevcRandomAccess,
  isHevcSlice,
  parseHevcPicture,
  parseHevcSequence,
} from './hevc.ts';
import { BitReader } from './bit-reader.ts';
import { nalUnits, payloadOf, SLICE_HEADER_BYTES } from './nal.ts';

/** Position of a packet's picture within its coded video sequence. */
export interface OrderedPicture {
  /** Increases in presentation order within a sequence. Steps and first value are arbitrary. */
  readonly order: number;
  /** Whether a sequence begins with this picture. Every picture decoded before it is also shown before it. */
  readonly startsSequence: boolean;
}

/**
 * Change of the high part of a picture order count after the coded low part wrapped around.
 *
 * @param difference - The low part minus the previous one.
 * @param range - Number of values of the low part.
 */
const highPartStep = (difference: number, range: number): number =>
  difference <= -range / 2 ? range : difference > range / 2 ? -range : 0;

/** Picture order of one codec. */
interface CodecOrder {
  readonly sets: ParameterSets<unknown, PictureSet>;
  isSlice(unit: Uint8Array): boolean;
  /** The order by the first slice of a picture; null if its parameter sets are unknown. */
  orderOf(unit: Uint8Array): OrderedPicture | null;
}

/** Takes the packets of one track in decode order. Create a new instance after a seek. */
export class PictureOrder {
  readonly #codec: CodecOrder | null = null;
  readonly #lengthSize: number | null = null;

  constructor(config: VideoDecoderConfig) {
    const family = familyOf(config.codec);
    if (family !== 'avc' && family !== 'hevc') return;
    const parse = family === 'avc' ? parseAvcDescription : parseHevcDescription;
    const description = parse(descriptionOf(config));
    if (description === null) return;
    this.#lengthSize = description.lengthSize;
    this.#codec = family === 'avc' ? new AvcOrder() : new HevcOrder();
    for (const unit of description.units) this.#codec.sets.keep(unit);
  }

  /** Null if the codec does not reorder packets, or if the packet has no slice with known parameter sets. */
  order(packet: Uint8Array): OrderedPicture | null {
    const codec = this.#codec;
    if (codec === null) return null;
    for (const unit of nalUnits(packet, this.#lengthSize)) {
      if (codec.isSlice(unit)) return codec.orderOf(unit);
      codec.sets.keep(unit);
    }
    return null;
  }
}

interface PictureSet {
  readonly sequenceId: number;
}

/** Latest parameter sets of a stream, by their IDs. */
class ParameterSets<S, P extends PictureSet> {
  readonly #sequences = new Map<number, S>();
  readonly #pictures = new Map<number, P>();
  readonly #parseSequence: (unit: Uint8Array) => (S & { readonly id: number }) | null;
  readonly #parsePicture: (unit: Uint8Array) => (P & { readonly id: number }) | null;

  constructor(
    parseSequence: (unit: Uint8Array) => (S & { readonly id: number }) | null,
    parsePicture: (unit: Uint8Array) => (P & { readonly id: number }) | null,
  ) {
    this.#parseSequence = parseSequence;
    this.#parsePicture = parsePicture;
  }

  /** Keeps a unit if it is a valid parameter set. */
  keep(unit: Uint8Array): void {
    const sequence = this.#parseSequence(unit);
    if (sequence !== null) this.#sequences.set(sequence.id, sequence);
    const picture = this.#parsePicture(unit);
    if (picture !== null) this.#pictures.set(picture.id, picture);
  }

  /** The sets of a slice; null if one of them is unknown. */
  of(pictureId: number): { readonly picture: P; readonly sequence: S } | null {
    const picture = this.#pictures.get(pictureId);
    const sequence = picture && this.#sequences.get(picture.sequenceId);
    return picture === undefined || sequence === undefined ? null : { picture, sequence };
  }
}

interface SliceOrder {
  readonly isIdr: boolean;
  readonly isReference: boolean;
  readonly isBottomField: boolean;
  readonly isField: boolean;
  readonly frameNumber: number;
  /** pic_order_cnt_lsb */
  readonly lsb: number;
  /** delta_pic_order_cnt_bottom of type 0, delta_pic_order_cnt of type 1. */
  readonly deltas: readonly [number, number];
}

/**
 * Picture order of packets that hold a frame or a pair of fields. A pair has the order of its first field. Memory management
 * control operation 5, which starts a sequence without an IDR picture, is not detected.
 */
class AvcOrder implements CodecOrder {
  readonly sets = new ParameterSets(parseAvcSequence, parseAvcPicture);
  #lastMsb = 0;
  #lastLsb = 0;
  #lastFrameNumber = 0;
  #frameNumberOffset = 0;

  isSlice(unit: Uint8Array): boolean {
    return isAvcSlice(avcUnitType(unit));
  }

  orderOf(unit: Uint8Array): OrderedPicture | null {
    const bits = new BitReader(payloadOf(unit, AVC_HEADER_BYTES, SLICE_HEADER_BYTES));
    bits.ue(); // first_mb_in_slice
    bits.ue(); // slice_type
    const known = this.sets.of(bits.ue());
    if (known === null) return null;
    const { picture, sequence } = known;
    const slice = readSlice(bits, unit, sequence, picture);
    if (!bits.isValid) return null;
    const fields = sequence.order;
    const [top, bottom] =
      fields.type === 0 ? this.#byLsb(slice, fields) : this.#byFrameNumber(slice, sequence);
    const order = slice.isField ? (slice.isBottomField ? bottom : top) : Math.min(top, bottom);
    return { order, startsSequence: slice.isIdr };
  }

  /** Type 0 (8.2.1.1). */
  #byLsb(slice: SliceOrder, { lsbBits }: AvcOrderFields): [number, number] {
    const range = 2 ** lsbBits;
    const lastMsb = slice.isIdr ? 0 : this.#lastMsb;
    const lastLsb = slice.isIdr ? 0 : this.#lastLsb;
    const msb = lastMsb + highPartStep(slice.lsb - lastLsb, range);
    if (slice.isReference) {
      this.#lastMsb = msb;
      this.#lastLsb = slice.lsb;
    }
    const top = msb + slice.lsb;
    return [top, top + slice.deltas[0]];
  }

  /** Types 1 and 2 (8.2.1.2, 8.2.1.3). */
  #byFrameNumber(slice: SliceOrder, { order, frameNumberBits }: AvcSequence): [number, number] {
    if (slice.isIdr) this.#frameNumberOffset = 0;
    else if (this.#lastFrameNumber > slice.frameNumber) this.#frameNumberOffset += 2 ** frameNumberBits;
    this.#lastFrameNumber = slice.frameNumber;
    const number = this.#frameNumberOffset + slice.frameNumber;
    if (order.type === 2) {
      const count = slice.isIdr ? 0 : 2 * number - (slice.isReference ? 0 : 1);
      return [count, count];
    }
    const expected = expectedOrder(order, number, slice.isReference);
    const top = expected + slice.deltas[0];
    // A field has one delta. The bottom field of a frame adds its own to that of the top field.
    if (slice.isField) return [top, top + order.offsetOfBottom];
    return [top, top + order.offsetOfBottom + slice.deltas[1]];
  }
}

function readSlice(
  bits: BitReader,
  unit: Uint8Array,
  sequence: AvcSequence,
  picture: AvcPicture,
): SliceOrder {
  const isIdr = avcUnitType(unit) === AVC_UNIT.idr;
  if (sequence.hasSeparatePlanes) bits.skip(2); // colour_plane_id
  const frameNumber = bits.u(sequence.frameNumberBits);
  const isField = sequence.isInterlaced && bits.flag();
  const isBottomField = isField && bits.flag();
  if (isIdr) bits.ue(); // idr_pic_id
  const { type, lsbBits, isDeltaZero } = sequence.order;
  const lsb = bits.u(lsbBits);
  const hasDelta = type === 1 && !isDeltaZero;
  const hasBottomDelta = picture.hasBottomFieldOrder && !isField;
  const deltas: [number, number] = [0, 0];
  if (type === 0 && hasBottomDelta) deltas[0] = bits.se();
  if (hasDelta) deltas[0] = bits.se();
  if (hasDelta && hasBottomDelta) deltas[1] = bits.se();
  const isReference = ((unit[0] ?? 0) & 0b110_0000) !== 0;
  return { isIdr, isReference, isField, isBottomField, frameNumber, lsb, deltas };
}

/** expectedPicOrderCnt */
function expectedOrder(order: AvcOrderFields, number: number, isReference: boolean): number {
  const { offsetsOfCycle: cycle, offsetOfNonReference } = order;
  const frames = cycle.length === 0 ? 0 : isReference ? number : Math.max(0, number - 1);
  let expected = isReference ? 0 : offsetOfNonReference;
  if (frames === 0) return expected;
  const total = cycle.reduce((sum, offset) => sum + offset, 0);
  expected += Math.floor((frames - 1) / cycle.length) * total;
  for (const offset of cycle.slice(0, ((frames - 1) % cycle.length) + 1)) expected += offset;
  return expected;
}

/** Types below this are not random access points. The even ones among them are not used for reference in their sub-layer. */
const FIRST_RESERVED_NON_REFERENCE = 14;

/** Picture order of packets that hold one picture each. */
class HevcOrder implements CodecOrder {
  readonly sets = new ParameterSets(parseHevcSequence, parseHevcPicture);
  #isFirst = true;
  #lastMsb = 0;
  #lastLsb = 0;

  isSlice(unit: Uint8Array): boolean {
    return isHevcSlice(hevcUnitType(unit));
  }

  orderOf(unit: Uint8Array): OrderedPicture | null {
    const type = hevcUnitType(unit);
    const isRandomAccess = isHevcRandomAccess(type);
    const isIdr = type === HEVC_UNIT.idr || type === HEVC_UNIT.idrWithLeading;
    const bits = new BitReader(payloadOf(unit, HEVC_HEADER_BYTES, SLICE_HEADER_BYTES));
    const isFirstSlice = bits.flag();
    if (isRandomAccess) bits.skip(1); // no_output_of_prior_pics_flag
    const known = this.sets.of(bits.ue());
    // Slices after the first have their address here. The picture of such a slice began in an earlier packet, or was lost.
    if (known === null || !isFirstSlice) return null;
    const { picture, sequence } = known;
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
