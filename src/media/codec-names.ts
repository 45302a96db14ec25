/** Common names of video codecs, for messages. */

/** Patterns of codec strings of WebCodecs, and of identifiers in MP4, Matroska and MPEG-TS. */
const NAMES: readonly (readonly [begins: RegExp, name: string])[] = [
  [/^(?:avc[1-4]\b|V_MPEG4\/ISO\/AVC)/u, 'H.264 (AVC)'],
  [/^(?:hev1|hvc1|V_MPEGH\/ISO\/HEVC)/u, 'HEVC (H.265)'],
  [/^(?:vvc1|vvi1|V_MPEGI\/ISO\/VVC|51$)/u, 'VVC (H.266)'],
  [/^(?:dvh1|dvhe|dva1|dvav)/u, 'Dolby Vision'],
  [/^(?:vp08|vp8|V_VP8)/u, 'VP8'],
  [/^(?:vp09|vp9|V_VP9)/u, 'VP9'],
  [/^(?:av01|V_AV1)/u, 'AV1'],
  [/^(?:ap(?:c[nhso]|4[hx])\b|V_PRORES|prores)/u, 'ProRes'],
  [/^(?:aprn|aprh)/u, 'ProRes RAW'],
  [/^(?:mp4v|V_MPEG4\/ISO\/(?:SP|ASP|AP)|XVID|DIVX|DX50|16$)/u, 'MPEG-4 Part 2'],
  [/^V_MPEG4\/MS/u, 'MS MPEG-4'],
  [/^(?:m2v1|mx[35][np]|xd[v5]\w|V_MPEG2|2$)/u, 'MPEG-2'],
  [/^(?:m1v1|V_MPEG1|1$)/u, 'MPEG-1'],
  [/^(?:s263|h263)/u, 'H.263'],
  [/^(?:jpeg|mjp[ab2]|V_MJPEG)/u, 'Motion JPEG'],
  [/^(?:AVd[nh]|V_DNXHD)/u, 'DNxHD'],
  [/^CFHD/u, 'CineForm'],
  [/^(?:dv[ch][p56n\d]|dvp)/u, 'DV'],
  [/^(?:V_THEORA)/u, 'Theora'],
  [/^(?:V_REAL)/u, 'RealVideo'],
  [/^(?:vc-1|WVC1|234$)/u, 'VC-1'],
  [/^(?:V_FFV1|FFV1)/u, 'FFV1'],
  [/^(?:V_UNCOMPRESSED|2vuy|v210|yuv2|raw )/u, 'uncompressed video'],
];

/**
 * The codec by its common name, followed by its identifier: `HEVC (H.265), "hev1.1.6.L93.B0"`.
 *
 * @param identifier - Codec string, or the container's own name or number of the codec.
 */
export function codecName(identifier: string | number): string {
  const name = NAMES.find(([begins]) => begins.test(String(identifier)))?.[1];
  const quoted = typeof identifier === 'number' ? `stream type ${identifier}` : JSON.stringify(identifier);
  return name === undefined ? quoted : `${name}, ${quoted}`;
}
