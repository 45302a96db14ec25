/** Selection of a track's decoder and its configuration, whether it can be decoded, and the error if it cannot. */
import type { InputVideoTrack, VideoCodec } from 'mediabunny';
import { descriptionOf } from '../bitstream/codec.ts';
import { notSupported, shown } from '../base/errors.ts';
import type { DecoderPreferences } from './container/registered-decoders.ts';
import { withRealLevel } from './decoder-config.ts';

/** Decoders that an app registered with mediabunny. */
export interface RegisteredDecoders {
  /** Whether one of them decodes this, regardless of platform support. */
  accepts(codec: VideoCodec, config: VideoDecoderConfig): Promise<boolean>;
  /** The decoder class of a track. */
  classFor(track: InputVideoTrack): typeof VideoDecoder;
}

/** Preferences for the decoder, as `openVideo()` takes them. */
export interface DecodingOptions {
  readonly decoder?: typeof VideoDecoder | undefined;
  readonly decoderConfig?: DecoderPreferences | undefined;
  /** Undefined in a script that bundles its own mediabunny: no app can register a decoder there. */
  readonly registered?: RegisteredDecoders | undefined;
}

/** Decoder and configuration of a track. */
export interface Decoding {
  readonly config: VideoDecoderConfig;
  /** Undefined for the platform's. */
  readonly decoder: typeof VideoDecoder | undefined;
  readonly canDecode: boolean;
}

/**
 * Selects the decoder of a track: the one of the options, else one that is registered with mediabunny, else the platform's. That
 * is mediabunny's own order.
 *
 * @param config - From the container.
 */
export async function decodingOf(
  track: InputVideoTrack,
  config: VideoDecoderConfig,
  { decoder, decoderConfig, registered }: DecodingOptions,
): Promise<Decoding> {
  const whole = completeConfig(config, decoderConfig);
  if (decoder !== undefined) return { config: whole, decoder, canDecode: await isSupported(decoder, whole) };
  const codec = await track.getCodec();
  if (codec !== null && registered !== undefined && (await registered.accepts(codec, whole))) {
    return { config: whole, decoder: registered.classFor(track), canDecode: true };
  }
  const canDecode = typeof VideoDecoder === 'function' && (await isSupported(VideoDecoder, whole));
  return { config: whole, decoder: undefined, canDecode };
}

/** The configuration for the decoder: with a real level and the preferences of the app. */
export function completeConfig(
  config: VideoDecoderConfig,
  preferences: DecoderPreferences | undefined,
): VideoDecoderConfig {
  const description = descriptionOf(config);
  return {
    ...config,
    // A copy: as a view of a part of the file, it would be posted with that whole part.
    ...(description !== null && { description: description.slice() }),
    codec: withRealLevel(config),
    ...preferences,
  };
}

/** The error of a call that needs a decoder for a codec that none decodes. `hint` describes what may help. */
export function undecodableError(call: string, codec: string, hint: string): DOMException {
  const where =
    typeof VideoDecoder === 'function' ? 'this browser' : 'this environment (it has no VideoDecoder)';
  return notSupported(`${call}: ${where} cannot decode ${codecName(codec)}${hint}`);
}

/** The error for a codec that the container names and mediabunny does not know. */
export function unknownCodecError(identifier: string | number | Uint8Array | null): DOMException {
  if (identifier === null) return notSupported("the file's video codec is unknown (it has no name)");
  const name = identifier instanceof Uint8Array ? shown(identifier) : codecName(identifier);
  return notSupported(`the file's video codec cannot be decoded: ${name}`);
}

/** A malformed configuration cannot be decoded. Other errors are ignored here, because the decoder reports them when used. */
async function isSupported(decoder: typeof VideoDecoder, config: VideoDecoderConfig): Promise<boolean> {
  try {
    const { supported } = await decoder.isConfigSupported(config);
    return supported === true;
  } catch (error) {
    return !(error instanceof TypeError);
  }
}

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
