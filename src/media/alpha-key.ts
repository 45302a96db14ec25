/** Alpha packets of a transparent video: whether a decoder can start at one, and where an iteration starts because of it. */
import type { EncodedPacket, EncodedPacketSink } from 'mediabunny';

/** Whether a transparent video of this codec stores its alpha as packets of the same codec beside the colour (WebM, MKV). */
export const hasAlphaPackets = (codec: string): boolean =>
  codec.startsWith('vp8') || codec.startsWith('vp09');

/**
 * Whether a decoder can start at an alpha packet. The alpha's key frames may lie elsewhere than the colour's, and the container
 * does not mark them.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6386#section-9.1 | RFC 6386, 9.1}, VP8's frame tag.
 * @see {@link https://www.webmproject.org/vp9/ | VP9 bitstream specification}, 6.2 uncompressed header.
 */
export function isAlphaKey(codec: string, data: Uint8Array): boolean {
  const first = data[0];
  if (first === undefined) return false;
  if (codec.startsWith('vp8')) return (first & 1) === 0;
  if (!codec.startsWith('vp09')) return false;
  const profile = ((first >> 5) & 1) | ((first >> 3) & 2);
  // Marker and profile take four bits, and one more in profile 3; then show_existing_frame, frame_type.
  const bits = profile === 3 ? first >> 1 : first >> 2;
  return (bits & 0b11) === 0;
}

/** Seconds: shorter than any tick of a container, longer than what a double loses in a day. */
const INSTANT = 5e-7;

/**
 * The packet to start at so that the frame of `target` has its alpha. Walks back over the colour's key frames while alpha
 * packets up to `target` depend on earlier ones; no packet is looked at twice.
 *
 * @param key - The last packet at or before `target` that the colour decoder can start at.
 */
export async function startWithAlpha(
  packets: EncodedPacketSink,
  codec: string,
  key: EncodedPacket,
  target: EncodedPacket,
): Promise<EncodedPacket> {
  let start = key;
  let end = target.sequenceNumber + 1;
  while (!(await canStartAt(packets, codec, start, end))) {
    end = start.sequenceNumber;
    const before = await packets.getKeyPacket(start.timestamp - INSTANT, { verifyKeyPackets: true });
    // In a damaged file the packet that is found for an earlier time need not be earlier.
    if (before === null || before.sequenceNumber >= end) break;
    start = before;
  }
  return start;
}

/** Whether an alpha packet from `start` up to the sequence number `end` is a key frame, or none of these packets has alpha. */
async function canStartAt(
  packets: EncodedPacketSink,
  codec: string,
  start: EncodedPacket,
  end: number,
): Promise<boolean> {
  let isOpaque = true;
  let packet: EncodedPacket | null = start;
  while (packet !== null && packet.sequenceNumber < end) {
    const { alpha } = packet.sideData;
    if (alpha !== undefined && isAlphaKey(codec, alpha)) return true;
    isOpaque &&= alpha === undefined;
    packet = await packets.getNextPacket(packet);
  }
  return isOpaque;
}
