/** Key frames of alpha packets: whether a decoder can start at one, and at which packet an iteration has to start for it. */
import type { TrackPacket, TrackPackets } from './container/track-packets.ts';

/** Whether a transparent video of this codec stores its alpha as packets of the same codec beside the colour (WebM, MKV). */
export const hasAlphaPackets = (codec: string): boolean =>
  codec.startsWith('vp8') || codec.startsWith('vp09');

/**
 * Whether a decoder can start at an alpha packet. The alpha's key frames may be at other packets than the colour's, and the
 * container does not mark them.
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
  // Marker and profile take four bits, and one more in profile 3. Then follow show_existing_frame and frame_type.
  const bits = profile === 3 ? first >> 1 : first >> 2;
  return (bits & 0b11) === 0;
}

/**
 * Whether alpha can be decoded from this packet on: either an alpha packet from here to position `end` in decode order is a key
 * frame, or none of these packets has alpha.
 */
export async function canStartAlphaAt(
  packets: TrackPackets,
  codec: string,
  start: TrackPacket,
  end: number,
): Promise<boolean> {
  let isOpaque = true;
  for (
    let packet: TrackPacket | null = start;
    packet !== null && packet.order < end;
    packet = await packets.next(packet)
  ) {
    const { alpha } = packet;
    if (alpha !== null && isAlphaKey(codec, alpha)) return true;
    isOpaque &&= alpha === null;
  }
  return isOpaque;
}
