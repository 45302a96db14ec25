/** Finds out that a file ends before it should, where its container says how long it is. */
import type { EncodedPacket, EncodedPacketSink } from 'mediabunny';

/** The outside of a file. */
export interface FileExtent {
  /** Its length in bytes, or null where nobody says. */
  size(): Promise<number | null>;
  /** Its first bytes. */
  start(): Promise<Uint8Array>;
}

/** Enough of a file to find the size of a Matroska segment: the EBML header is 31 to 40 bytes in practice. */
export const START_BYTES = 256;

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;

/**
 * Why the packets end where they do, or null where that is the end of the film. An MPEG transport stream may end anywhere,
 * and nothing in it tells.
 */
export async function cutOff(
  packets: EncodedPacketSink,
  last: EncodedPacket | null,
  extent: FileExtent,
): Promise<string | null> {
  // An index that lists a packet whose bytes cannot be read: MP4, MOV, also within a fragment.
  const listed = await (last === null
    ? packets.getFirstPacket({ metadataOnly: true })
    : packets.getNextPacket(last, { metadataOnly: true }));
  if (listed !== null) return `its index lists a frame at ${listed.timestamp.toFixed(3)} s that is not there`;
  const size = await extent.size();
  const end = size === null ? null : segmentEnd(await extent.start());
  return size !== null && end !== null && end > size ? `${end - size} bytes are missing at its end` : null;
}

/**
 * Where a WebM or Matroska file says that it ends, or null where it does not say (live recordings), or is another file.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8794#section-6 | RFC 8794, 6.2}, element data sizes.
 */
export function segmentEnd(start: Uint8Array): number | null {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  if (view.byteLength < 5 || view.getUint32(0) !== EBML) return null;
  const header = dataSize(view, 4);
  if (header === null) return null;
  const at = header.next + header.size;
  if (at + 5 > view.byteLength || view.getUint32(at) !== SEGMENT) return null;
  const segment = dataSize(view, at + 4);
  return segment === null ? null : segment.next + segment.size;
}

/** A variable-length size: as many leading zero bits as bytes follow the first; all ones stand for "not known". */
function dataSize(view: DataView, at: number): { size: number; next: number } | null {
  if (at >= view.byteLength) return null;
  const first = view.getUint8(at);
  const length = Math.clz32(first) - 23;
  if (length > 8 || at + length > view.byteLength) return null;
  let size = first & (0xff >> length);
  let allOnes = size === 0xff >> length;
  for (let n = 1; n < length; n++) {
    const byte = view.getUint8(at + n);
    size = size * 256 + byte;
    allOnes &&= byte === 0xff;
  }
  return allOnes ? null : { size, next: at + length };
}
