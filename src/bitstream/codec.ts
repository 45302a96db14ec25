/** Codec and description of a decoder configuration. */

/** Codecs whose bitstreams are parsed. */
export type CodecFamily = 'avc' | 'hevc' | 'av1' | 'vp8' | 'vp9';

const FAMILIES = new Map<string, CodecFamily>([
  ['avc1', 'avc'],
  ['avc3', 'avc'],
  ['hvc1', 'hevc'],
  ['hev1', 'hevc'],
  ['av01', 'av1'],
  ['vp8', 'vp8'],
  ['vp09', 'vp9'],
]);

/** Null for a codec whose bitstream is not parsed. */
export const familyOf = (codec: string): CodecFamily | null =>
  FAMILIES.get(codec.split('.', 1)[0] ?? '') ?? null;

/** The bytes of `config.description`; null if there are none. */
export function descriptionOf({ description }: VideoDecoderConfig): Uint8Array | null {
  if (description === undefined) return null;
  const bytes = ArrayBuffer.isView(description)
    ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
    : new Uint8Array(description);
  return bytes.length > 0 ? bytes : null;
}
