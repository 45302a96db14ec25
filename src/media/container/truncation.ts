/** Finds out that a file ends before it should, if its container records its length. */
import { readEbmlHeader } from './ebml.ts';
import type { SourceFindings } from './source-guard.ts';
import type { TrackPacket, TrackPackets } from './track-packets.ts';

/** The outside of a file. */
export interface FileExtent {
  /** Length in bytes, or null if it is not known. */
  size(): Promise<number | null>;
  /** The first bytes. */
  start(): Promise<Uint8Array>;
}

/** Enough of a file to find the size of a Matroska segment: the EBML header is 31 to 40 bytes in practice. */
export const START_BYTES = 256;

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;

/**
 * Why the packets end with `last`, or null if that is the end of the video. An MPEG transport stream may end anywhere, and nothing in
 * it tells.
 */
export async function truncationAfter(
  packets: TrackPackets,
  last: TrackPacket | null,
  extent: FileExtent,
  findings: SourceFindings,
): Promise<string | null> {
  // An index that lists a packet whose bytes cannot be read: MP4, MOV, also within a fragment.
  const options = { metadataOnly: true };
  let listed = await (last === null ? packets.first(options) : packets.next(last, options));
  // Samples without data are no frames.
  while (listed !== null && listed.byteLength === 0) listed = await packets.next(listed, options);
  if (listed !== null) {
    return `its index lists a frame at ${listed.source.timestamp.toFixed(3)} s that is not there`;
  }
  const size = await extent.size();
  const end = size === null ? null : segmentEnd(await extent.start());
  if (size !== null && end !== null && end > size) return `${end - size} bytes are missing at its end`;
  return findings.isCutOff ? 'its last block is not whole' : null;
}

/** Position at which a WebM or Matroska file ends by its own header, or null if the header has no size (live recordings), or is another file. */
export function segmentEnd(start: Uint8Array): number | null {
  const header = readEbmlHeader(start);
  if (header === null || header.id !== EBML || header.size === null) return null;
  const at = header.length + header.size;
  const segment = readEbmlHeader(start.subarray(at));
  if (segment === null || segment.id !== SEGMENT || segment.size === null) return null;
  return at + segment.length + segment.size;
}
