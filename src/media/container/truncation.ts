/** Detection of truncated files, for containers that record their length. */
import { readEbmlHeader } from './matroska.ts';
import type { TrackPacket, TrackPackets } from './track-packets.ts';
import type { SourceFindings } from './source-guard.ts';

/** Length and first bytes of a file. */
export interface FileExtent {
  /** Length in bytes, or null if unknown. */
  size(): Promise<number | null>;
  /** The first bytes. */
  start(): Promise<Uint8Array>;
}

/** Bytes that are enough to find the size of a Matroska segment: the EBML header is 31 to 40 bytes in practice. */
export const START_BYTES = 256;

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;

/**
 * The reason why the packets end with `last`, or null if that is the end of the video. An MPEG transport stream may end anywhere,
 * and does not record its length.
 */
export async function truncationAfter(
  packets: TrackPackets,
  last: TrackPacket | null,
  extent: FileExtent,
  findings: SourceFindings,
): Promise<string | null> {
  // The index lists a packet whose bytes cannot be read: MP4, MOV, also within a fragment.
  const options = { metadataOnly: true };
  let listed = await (last === null ? packets.first(options) : packets.next(last, options));
  // Samples without data are not frames.
  while (listed !== null && listed.byteLength === 0) listed = await packets.next(listed, options);
  if (listed !== null) {
    return `its index lists a frame at ${listed.source.timestamp.toFixed(3)} s that is missing`;
  }
  const size = await extent.size();
  const end = size === null ? null : segmentEnd(await extent.start());
  if (size !== null && end !== null && end > size) return `${end - size} bytes are missing at its end`;
  return findings.isTruncated ? 'its last block is incomplete' : null;
}

/**
 * End position of a WebM or Matroska file by its own header, or null if the header has no size (live recordings) or the file is
 * of another kind.
 */
export function segmentEnd(start: Uint8Array): number | null {
  const header = readEbmlHeader(start);
  if (header === null || header.id !== EBML || header.size === null) return null;
  const at = header.length + header.size;
  const segment = readEbmlHeader(start.subarray(at));
  if (segment === null || segment.id !== SEGMENT || segment.size === null) return null;
  return at + segment.length + segment.size;
}
