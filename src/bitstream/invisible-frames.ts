/** Detection of packets without a shown frame, from their frame headers. Bytes that are not a frame count as visible. */
import { familyOf } from './codec.ts';
import { readVp8Tag, readVp9Start, vp9FramesIn } from './vpx.ts';

/**
 * Whether all pictures of a packet are decoded but never shown. VP8 and VP9 have such pictures (alternate references). H.264 and
 * HEVC have none, and a packet of AV1 always shows exactly one (AV1 specification, 7.5).
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6386#section-9.1 | RFC 6386, 9.1}, VP8's frame tag.
 * @see {@link https://www.webmproject.org/vp9/ | VP9 bitstream specification}, 6.2 uncompressed header, and annex B.
 */
export function isInvisible(codec: string, data: Uint8Array): boolean {
  const family = familyOf(codec);
  if (family === 'vp8') return readVp8Tag(data)?.isShown === false;
  if (family !== 'vp9') return false;
  return (vp9FramesIn(data) ?? [data]).every((frame) => readVp9Start(frame)?.isShown === false);
}
