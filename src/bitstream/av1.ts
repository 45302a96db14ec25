/**
 * Parser of AV1 open bitstream units (OBU): sequence header and type of a packet's first frame (AV1 specification, 5.5 and 5.9).
 */
import { BitReader } from './bit-reader.ts';
import { colorSpaceOf } from './usability.ts';

/** Fields of a sequence header. */
export interface Av1Sequence {
  /** Largest frame size, in pixels. Encoders code nearly all frames in it. */
  readonly width: number;
  readonly height: number;
  /** The known fields only. */
  readonly colorSpace: VideoColorSpaceInit;
  /** reduced_still_picture_header: frames have no type of their own. */
  readonly isStillPicture: boolean;
}

const OBU = { sequence: 1, frameHeader: 3, frame: 6 } as const;
const KEY_FRAME = 0;

/** The units of `av1C` follow after four bytes. */
const AV1C_HEADER_BYTES = 4;

/** H.273 code points that together mean sRGB, whose range is always full. */
const SRGB = { primaries: 1, transfer: 13, matrix: 0 };

/** The header fields up to the colour take less than this. */
const MAX_SEQUENCE_BYTES = 1024;

/** The first sequence header of a packet; null if there is none. */
export function av1SequenceIn(packet: Uint8Array): Av1Sequence | null {
  for (const { type, payload } of unitsOf(packet)) {
    const sequence = type === OBU.sequence ? parseAv1Sequence(payload) : null;
    if (sequence !== null) return sequence;
  }
  return null;
}

/** The sequence header in `av1C`; null if there is none. */
export const av1SequenceOf = (description: Uint8Array): Av1Sequence | null =>
  av1SequenceIn(description.subarray(AV1C_HEADER_BYTES));

/** Whether a packet has a sequence header and its first frame is a key frame, shown or not. */
export function startsWithAv1KeyFrame(packet: Uint8Array): boolean {
  let sequence: Av1Sequence | null = null;
  for (const { type, payload } of unitsOf(packet)) {
    if (type === OBU.sequence) sequence = parseAv1Sequence(payload);
    if (type !== OBU.frame && type !== OBU.frameHeader) continue;
    if (sequence === null) return false;
    if (sequence.isStillPicture) return true;
    const bits = new BitReader(payload);
    const isShownAgain = bits.flag(); // show_existing_frame
    return !isShownAgain && bits.u(2) === KEY_FRAME && bits.isValid;
  }
  return false;
}

/** Yields the units of a packet as views of it. Ends at the first truncated unit. */
function* unitsOf(
  packet: Uint8Array,
): Generator<{ readonly type: number; readonly payload: Uint8Array }, void> {
  let at = 0;
  while (at < packet.length) {
    const header = packet[at] ?? 0;
    const hasExtension = (header & 0b100) !== 0;
    at += hasExtension ? 2 : 1;
    let length = packet.length - at;
    if ((header & 0b10) !== 0) {
      const size = readLeb128(packet, at);
      if (size === null) return;
      length = size.value;
      at = size.end;
    }
    if (length < 0 || at + length > packet.length) return;
    yield { type: (header >> 3) & 0b1111, payload: packet.subarray(at, at + length) };
    at += length;
  }
}

function readLeb128(bytes: Uint8Array, start: number): { value: number; end: number } | null {
  let value = 0;
  for (let i = 0; i < 8 && start + i < bytes.length; i++) {
    const byte = bytes[start + i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0) return { value, end: start + i + 1 };
  }
  return null;
}

function parseAv1Sequence(payload: Uint8Array): Av1Sequence | null {
  const bits = new BitReader(payload.subarray(0, MAX_SEQUENCE_BYTES));
  const profile = bits.u(3);
  bits.skip(1); // still_picture
  const isStillPicture = bits.flag();
  if (isStillPicture) bits.skip(5);
  else skipOperatingPoints(bits);
  const widthBits = bits.u(4) + 1;
  const heightBits = bits.u(4) + 1;
  const width = bits.u(widthBits) + 1;
  const height = bits.u(heightBits) + 1;
  if (!isStillPicture && bits.flag()) bits.skip(4 + 3); // lengths of frame ids
  bits.skip(3); // superblocks and intra tools
  if (!isStillPicture) skipInterTools(bits);
  bits.skip(3); // superres, cdef, restoration
  const colorSpace = readColour(bits, profile);
  return bits.isValid ? { width, height, colorSpace, isStillPicture } : null;
}

/** From timing_info_present_flag through the operating points. */
function skipOperatingPoints(bits: BitReader): void {
  let delayBits = 0;
  if (bits.flag()) {
    bits.skip(32 + 32);
    if (bits.flag()) bits.ue(); // num_ticks_per_picture_minus_1
    if (bits.flag()) {
      delayBits = bits.u(5) + 1;
      bits.skip(32 + 5 + 5);
    }
  }
  const hasDisplayDelay = bits.flag();
  for (let points = bits.u(5) + 1; points > 0 && bits.isValid; points--) {
    bits.skip(12);
    if (bits.u(5) > 7) bits.skip(1); // seq_tier
    if (delayBits > 0 && bits.flag()) bits.skip(2 * delayBits + 1);
    if (hasDisplayDelay && bits.flag()) bits.skip(4);
  }
}

/** From enable_interintra_compound through order_hint_bits_minus_1. */
function skipInterTools(bits: BitReader): void {
  bits.skip(4);
  const hasOrderHint = bits.flag();
  if (hasOrderHint) bits.skip(2);
  const isScreenContentChosen = bits.flag();
  const hasScreenContent = isScreenContentChosen || bits.flag();
  if (hasScreenContent && !bits.flag()) bits.skip(1); // seq_force_integer_mv
  if (hasOrderHint) bits.skip(3);
}

/** color_config() */
function readColour(bits: BitReader, profile: number): VideoColorSpaceInit {
  const isHighDepth = bits.flag();
  if (profile === 2 && isHighDepth) bits.skip(1); // twelve_bit
  const isGrey = profile !== 1 && bits.flag();
  const codes = bits.flag() ? { primaries: bits.u(8), transfer: bits.u(8), matrix: bits.u(8) } : null;
  const isSrgb =
    codes?.primaries === SRGB.primaries && codes.transfer === SRGB.transfer && codes.matrix === SRGB.matrix;
  const isFullRange = (isSrgb && !isGrey) || bits.flag();
  return colorSpaceOf(codes, isFullRange);
}
