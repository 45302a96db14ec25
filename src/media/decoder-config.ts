/** Decoder configuration and orientation that give the picture as `<video>` shows it. */
import type { StreamParameters } from '../bitstream/stream-parameters.ts';
import { encodingError } from '../base/errors.ts';
import type { TransformationMatrix } from 'mediabunny';
import type { Orientation } from '../storage/orientation.ts';
import { UPRIGHT } from '../storage/orientation.ts';

/** Sides of pictures are unsigned 32-bit numbers in a decoder's configuration. */
const MAX_SIDE = 2 ** 32 - 1;

/** Height from which video without colour tags is assumed to be BT.709, as in Chromium's media pipeline. */
const HD_HEIGHT = 720;

const BT709: VideoColorSpaceInit = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' };
const BT601: VideoColorSpaceInit = { primaries: 'smpte170m', transfer: 'smpte170m', matrix: 'smpte170m' };

/**
 * Completes the container's configuration.
 *
 * @param stream - Parameters of the bitstream, if they could be read. Its size takes precedence over the container's.
 * @throws `EncodingError` for an impossible size. A decoder would report it as its caller's mistake (`TypeError`).
 */
export function decoderConfigFor(
  container: VideoDecoderConfig,
  stream: StreamParameters | null,
): VideoDecoderConfig {
  const sized = { ...container, ...sizeOf(container, stream) };
  for (const side of [
    sized.codedWidth,
    sized.codedHeight,
    sized.displayAspectWidth,
    sized.displayAspectHeight,
  ]) {
    if (side === undefined || (side >= 1 && side <= MAX_SIDE)) continue;
    throw encodingError(`the file is damaged: its picture has a side of ${side} pixels`);
  }
  const { colorSpace: _, ...rest } = sized;
  const colorSpace = colorSpaceOf(
    rest.codec,
    { ...stream?.colorSpace, ...known(container.colorSpace) },
    displaySizeOf(sized).height,
  );
  return colorSpace === null ? rest : { ...rest, colorSpace };
}

/** Size of the decoded frames with square pixels. */
export function displaySizeOf({
  codedWidth = 0,
  codedHeight = 0,
  displayAspectWidth = codedWidth,
  displayAspectHeight = codedHeight,
}: VideoDecoderConfig): { width: number; height: number } {
  return { width: displayAspectWidth, height: displayAspectHeight };
}

type Size = Pick<
  VideoDecoderConfig,
  'codedWidth' | 'codedHeight' | 'displayAspectWidth' | 'displayAspectHeight'
>;

/** The container's size, unless the bitstream has another one. Some containers of interlaced video declare that of one field. */
function sizeOf(container: VideoDecoderConfig, stream: StreamParameters | null): Size {
  const { codedWidth = 0, codedHeight = 0, displayAspectWidth, displayAspectHeight } = container;
  if (stream === null) return {};
  const { width, height } = stream;
  const isAnamorphic = displayAspectWidth !== undefined && displayAspectHeight !== undefined;
  const isSameSize = width === codedWidth && height === codedHeight;
  if (isSameSize && (isAnamorphic || stream.pixelAspect === null)) return {};
  const [across, down] = isAnamorphic
    ? [displayAspectWidth * codedHeight, displayAspectHeight * codedWidth]
    : [1, 1];
  const [pixelWidth, pixelHeight] = stream.pixelAspect ?? [across, down];
  const size = { codedWidth: width, codedHeight: height };
  if (pixelWidth === pixelHeight) return { ...size, displayAspectWidth: width, displayAspectHeight: height };
  return {
    ...size,
    displayAspectWidth: Math.floor((width * pixelWidth) / pixelHeight),
    displayAspectHeight: height,
  };
}

/**
 * Known fields are kept. For a video without any, `<video>` guesses the colours of H.264 and VP8 by the height, and assumes
 * BT.601 for AV1. Other codecs are left to their decoders, because a configuration overrides the bitstream.
 */
function colorSpaceOf(codec: string, tags: VideoColorSpaceInit, height: number): VideoColorSpaceInit | null {
  const { primaries, transfer, matrix, fullRange = false } = tags;
  if (primaries !== undefined || transfer !== undefined || matrix !== undefined) return tags;
  if (codec.startsWith('av01')) return { ...BT601, fullRange };
  if (!/^(avc|vp8|vp08)/u.test(codec)) return null;
  return { ...(height >= HD_HEIGHT ? BT709 : BT601), fullRange };
}

const known = (tags: VideoColorSpaceInit = {}): VideoColorSpaceInit =>
  Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== undefined && value !== null));

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

/**
 * The rotation and flip that make a track's frames upright, as `<video>` shows them in Chromium 156.
 *
 * Only the eight exact matrices of quarter turns and mirror images count. Translation does not change them. With any other matrix
 * (scaled, sheared, turned by another angle, off by a rounding, all zeros) `<video>` shows the picture as it is stored.
 *
 * @param matrix - Row by row, for points that are row vectors, with y growing downwards: the picture's right edge points to (a,
 * b), its bottom edge to (c, d).
 */
export function trackOrientation([a, b, , c, d]: TransformationMatrix): Orientation {
  // The flip comes after the rotation, and exchanges left and right.
  const flip = a * d - b * c < 0;
  if (areUnits(a, d) && areZeros(b, c)) return { rotation: (flip ? -a : a) > 0 ? 0 : 180, flip };
  if (areUnits(b, c) && areZeros(a, d)) return { rotation: b > 0 ? 90 : 270, flip };
  return UPRIGHT;
}

const areUnits = (...values: number[]): boolean => values.every((value) => Math.abs(value) === 1);
const areZeros = (...values: number[]): boolean => values.every((value) => value === 0);
