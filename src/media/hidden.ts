/** Which packets give no frame of their own, told from their first bytes. */

/**
 * Whether a packet holds only a picture that is decoded and never shown. VP8 and VP9 have such (alternate references);
 * H.264 and HEVC have none, and a packet of AV1 always shows exactly one (AV1 specification, 7.5).
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6386#section-9.1 | RFC 6386, 9.1}, VP8's frame tag.
 * @see {@link https://www.webmproject.org/vp9/ | VP9 bitstream specification}, 6.2 uncompressed header, and annex B.
 */
export function isHidden(codec: string, data: Uint8Array): boolean {
  const first = data[0];
  const last = data[data.length - 1];
  if (first === undefined || last === undefined) return false;
  if (codec.startsWith('vp8')) return (first & 0b1_0000) === 0;
  if (!codec.startsWith('vp09')) return false;
  // A superframe packs a hidden picture together with the one that is shown.
  if ((last & 0b1110_0000) === 0b1100_0000) return false;
  const profile = ((first >> 5) & 1) | ((first >> 3) & 2);
  // Marker and profile take four bits, and one more in profile 3; then show_existing_frame, frame_type, show_frame.
  const bits = profile === 3 ? first & 0b111 : (first >> 1) & 0b111;
  return (bits & 0b101) === 0;
}
