/** Repair of VP9 levels in codec strings. */

/**
 * Maximum of pixels of a picture at each level.
 *
 * @see {@link https://www.webmproject.org/vp9/levels/ | VP9 levels}, Max Luma Picture Size.
 */
const LEVELS: readonly (readonly [level: string, pixels: number])[] = [
  ['10', 36_864],
  ['11', 73_728],
  ['20', 122_880],
  ['21', 245_760],
  ['30', 552_960],
  ['31', 983_040],
  ['40', 2_228_224],
  ['50', 8_912_896],
  ['60', 35_651_584],
];

/**
 * The codec string with the smallest level that fits the picture, if it has level 0, which does not exist. Chromium's
 * `MediaRecorder` writes it (`vp09.00.00.08`), and `isConfigSupported()` rejects it although the decoder handles the stream.
 * Other codec strings are returned unchanged.
 */
export function withRealLevel({ codec, codedWidth = 0, codedHeight = 0 }: VideoDecoderConfig): string {
  const parts = /^(vp09\.\d\d)\.00(\..*)$/u.exec(codec);
  if (parts === null) return codec;
  const [, profile = '', rest = ''] = parts;
  const pixels = codedWidth * codedHeight;
  const level = LEVELS.find(([, most]) => pixels <= most)?.[0] ?? '62';
  return `${profile}.${level}${rest}`;
}
