/** Selection of a track's decoder and its configuration, and whether it can be decoded. */
import type { InputVideoTrack, VideoCodec } from 'mediabunny';
import { notSupported, shown } from '../base/errors.ts';
import { codecName } from './codec-names.ts';
import type { DecoderPreferences } from './container/registered-decoders.ts';
import { withRealLevel } from './vp9-level.ts';

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
export const completeConfig = (
  config: VideoDecoderConfig,
  preferences: DecoderPreferences | undefined,
): VideoDecoderConfig => ({
  ...config,
  ...ownDescription(config),
  codec: withRealLevel(config),
  ...preferences,
});

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

/** A copy of the description: as a view of a part of the file, it would be posted with that whole part. */
function ownDescription({ description }: VideoDecoderConfig): { description?: Uint8Array<ArrayBuffer> } {
  if (description === undefined) return {};
  if (!ArrayBuffer.isView(description)) return { description: new Uint8Array(description).slice() };
  const { buffer, byteOffset, byteLength } = description;
  return { description: new Uint8Array(buffer, byteOffset, byteLength).slice() };
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
