/** NAL units of H.264 and HEVC: splits packets and descriptions into units, and removes emulation prevention bytes. */
import type { BitReader } from './bit-reader.ts';

/** Bytes of a parameter set that are read. The longest sets have scaling lists, and stay below 1,000 bytes. */
export const PARAMETER_SET_BYTES = 4096;

/** Bytes of a slice header that are read. The fields up to the picture order count take less than 40. */
export const SLICE_HEADER_BYTES = 64;

/** Contents of `avcC` or `hvcC`. Without such a box, packets are in Annex B form and carry all parameter sets. */
export interface NalDescription {
  /** Size of the length field before each unit of a packet, in bytes; null for Annex B start codes. */
  readonly lengthSize: number | null;
  readonly units: readonly Uint8Array[];
}

/** The description of a stream without one. */
export const ANNEX_B: NalDescription = { lengthSize: null, units: [] };

/** Reads units of a description, each after its length in 16 bits. `bits` reads `bytes`. */
export function* readUnits(bits: BitReader, bytes: Uint8Array, count: number): Generator<Uint8Array, void> {
  for (let left = count; left > 0 && bits.isValid; left--) {
    const length = bits.u(16);
    const start = bits.position / 8;
    bits.skip(length * 8);
    if (bits.isValid && length > 0) yield bytes.subarray(start, start + length);
  }
}

/**
 * Yields the NAL units of a packet as views of it, each with its header. Ends at the first length that does not fit.
 *
 * @param lengthSize - Bytes of the length before each unit, from `avcC` or `hvcC`; null for Annex B start codes.
 */
export function nalUnits(packet: Uint8Array, lengthSize: number | null): Generator<Uint8Array, void> {
  return lengthSize === null ? unitsAfterStartCodes(packet) : unitsAfterLengths(packet, lengthSize);
}

function* unitsAfterLengths(packet: Uint8Array, lengthSize: number): Generator<Uint8Array, void> {
  let at = 0;
  while (at + lengthSize <= packet.length) {
    let length = 0;
    for (let i = 0; i < lengthSize; i++) length = length * 256 + (packet[at + i] ?? 0);
    const start = at + lengthSize;
    at = start + length;
    if (at > packet.length) return;
    if (length > 0) yield packet.subarray(start, at);
  }
}

function* unitsAfterStartCodes(packet: Uint8Array): Generator<Uint8Array, void> {
  let start = afterStartCode(packet, 0);
  while (start !== -1) {
    const next = afterStartCode(packet, start);
    let end = next === -1 ? packet.length : next - 3;
    // Zeros before a start code belong to it, or are trailing zeros of the byte stream.
    while (end > start && packet[end - 1] === 0) end--;
    if (end > start) yield packet.subarray(start, end);
    start = next;
  }
}

/** Offset behind the first start code (0, 0, 1) at or after `from`; -1 if there is none. */
function afterStartCode(packet: Uint8Array, from: number): number {
  for (let one = packet.indexOf(1, from + 2); one !== -1; one = packet.indexOf(1, one + 1)) {
    if (packet[one - 1] === 0 && packet[one - 2] === 0) return one + 1;
  }
  return -1;
}

/**
 * The payload of a NAL unit without its emulation prevention bytes: the 3 in each 0, 0, 3.
 *
 * @param headerSize - Bytes of the unit's header, which are left out.
 * @param maxBytes - Upper bound of the unit's bytes that are read.
 */
export function payloadOf(unit: Uint8Array, headerSize: number, maxBytes: number): Uint8Array {
  const end = Math.min(unit.length, headerSize + maxBytes);
  const payload = new Uint8Array(Math.max(0, end - headerSize));
  let length = 0;
  let zeros = 0;
  for (let at = headerSize; at < end; at++) {
    const byte = unit[at] ?? 0;
    const isPrevention = zeros >= 2 && byte === 3;
    zeros = byte === 0 ? zeros + 1 : 0;
    if (!isPrevention) payload[length++] = byte;
  }
  return payload.subarray(0, length);
}
