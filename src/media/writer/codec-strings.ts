/** Codec strings: builds the strings that WebCodecs expects, and maps strings back to container codecs. */
import type { AudioCodec, VideoCodec } from 'mediabunny';

/** Level of a codec, with the limits of its streams. */
interface Level {
  /** As in the codec string. */
  readonly name: string;
  /** Luma samples of a picture; for H.264, 256 per macroblock. */
  readonly pixels: number;
  /** Bits per second. */
  readonly bitrate: number;
}

const levels = (...rows: (readonly [name: string, pixels: number, bitrate: number])[]): Level[] =>
  rows.map(([name, pixels, bitrate]) => ({ name, pixels, bitrate }));

/** ITU-T H.264, table A-1, high profile (1.25 times the bits of the table). */
const AVC_LEVELS = levels(
  ['0a', 99 * 256, 80e3],
  ['0d', 396 * 256, 960e3],
  ['14', 396 * 256, 2.5e6],
  ['15', 792 * 256, 5e6],
  ['1e', 1620 * 256, 12.5e6],
  ['1f', 3600 * 256, 17.5e6],
  ['20', 5120 * 256, 25e6],
  ['28', 8192 * 256, 25e6],
  ['29', 8192 * 256, 62.5e6],
  ['32', 22_080 * 256, 168.75e6],
  ['33', 36_864 * 256, 300e6],
  ['3c', 139_264 * 256, 300e6],
);

/** ITU-T H.265, table A.8, main tier. */
const HEVC_LEVELS = levels(
  ['L30', 36_864, 128e3],
  ['L60', 122_880, 1.5e6],
  ['L63', 245_760, 3e6],
  ['L90', 552_960, 6e6],
  ['L93', 983_040, 10e6],
  ['L120', 2_228_224, 12e6],
  ['L123', 2_228_224, 20e6],
  ['L150', 8_912_896, 25e6],
  ['L153', 8_912_896, 40e6],
  ['L180', 35_651_584, 60e6],
);

/** https://www.webmproject.org/vp9/levels/ */
const VP9_LEVELS = levels(
  ['10', 36_864, 200e3],
  ['11', 73_728, 800e3],
  ['20', 122_880, 1.8e6],
  ['21', 245_760, 3.6e6],
  ['30', 552_960, 7.2e6],
  ['31', 983_040, 12e6],
  ['40', 2_228_224, 18e6],
  ['41', 2_228_224, 30e6],
  ['50', 8_912_896, 60e6],
  ['51', 8_912_896, 120e6],
  ['60', 35_651_584, 180e6],
);

/** AV1, annex A.3, main tier: seq_level_idx. */
const AV1_LEVELS = levels(
  ['00', 147_456, 1.5e6],
  ['01', 278_784, 3e6],
  ['04', 665_856, 6e6],
  ['05', 1_065_024, 10e6],
  ['08', 2_359_296, 12e6],
  ['09', 2_359_296, 20e6],
  ['12', 8_912_896, 30e6],
  ['13', 8_912_896, 40e6],
  ['16', 35_651_584, 60e6],
);

function levelOf(table: readonly Level[], pixels: number, bitrate: number): string {
  const found = table.find((level) => pixels <= level.pixels && bitrate <= level.bitrate) ?? table.at(-1);
  return found?.name ?? '';
}

/** The codec string for pictures of this size at this bitrate, in the profile that all engines encode; null for other codecs. */
export function videoCodecString(
  codec: VideoCodec,
  width: number,
  height: number,
  bitrate: number,
): string | null {
  const pixels = width * height;
  switch (codec) {
    case 'avc': {
      const blocks = Math.ceil(width / 16) * Math.ceil(height / 16) * 256;
      return `avc1.6400${levelOf(AVC_LEVELS, blocks, bitrate)}`;
    }
    case 'hevc':
      return `hev1.1.6.${levelOf(HEVC_LEVELS, pixels, bitrate)}.B0`;
    case 'vp8':
      return 'vp8';
    case 'vp9':
      return `vp09.00.${levelOf(VP9_LEVELS, pixels, bitrate)}.08`;
    case 'av1':
      return `av01.0.${levelOf(AV1_LEVELS, pixels, bitrate)}M.08`;
    default:
      return null;
  }
}

/** The codec string for sound, as WebCodecs registers it; null for codecs that WebCodecs cannot encode. */
export function audioCodecString(codec: AudioCodec): string | null {
  switch (codec) {
    case 'aac':
      return 'mp4a.40.2';
    case 'mp3':
    case 'opus':
    case 'vorbis':
    case 'flac':
      return codec;
    default:
      return null;
  }
}

const VIDEO_FAMILIES: readonly (readonly [VideoCodec, RegExp])[] = [
  ['avc', /^avc[13](\.|$)/u],
  ['hevc', /^(hev1|hvc1)(\.|$)/u],
  ['vp8', /^(vp8|vp08\..*)$/u],
  ['vp9', /^vp09(\.|$)/u],
  ['av1', /^av01(\.|$)/u],
];

const AUDIO_FAMILIES: readonly (readonly [AudioCodec, RegExp])[] = [
  ['aac', /^mp4a\.(40|67)/u],
  ['mp3', /^mp4a\.(69|6B)/iu],
];

/** The codec of a codec string or of a container's name for it; null if unknown. */
export const videoCodecOf = (name: string): VideoCodec | null => familyOf(VIDEO_FAMILIES, name);

/** The codec of a codec string or of a container's name for it; null if unknown. */
export const audioCodecOf = (name: string): AudioCodec | null =>
  familyOf(AUDIO_FAMILIES, name) ??
  (audioCodecString(name as AudioCodec) === null ? null : (name as AudioCodec));

const familyOf = <T extends string>(families: readonly (readonly [T, RegExp])[], name: string): T | null =>
  families.find(([codec, pattern]) => codec === name || pattern.test(name))?.[0] ?? null;

/** Bits per pixel at 1080p. Smaller pictures need more per pixel, larger ones less. */
const BITS_PER_PIXEL: Record<string, number> = { avc: 2.9, hevc: 1.9, vp8: 3.2, vp9: 1.9, av1: 1.6 };

/** A bitrate at which pictures of this size look good, in bits per second. */
export function suitableBitrate(codec: VideoCodec, width: number, height: number): number {
  const reference = 1920 * 1080;
  const scaled = reference * ((width * height) / reference) ** 0.95;
  return Math.ceil((scaled * (BITS_PER_PIXEL[codec] ?? 3)) / 1000) * 1000;
}
