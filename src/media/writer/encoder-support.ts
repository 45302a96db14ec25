/** Tests of the engine's encoders: each encodes a picture or a sound, because `isConfigSupported()` is not reliable. */
import type { OutputFormat } from 'mediabunny';
import { notSupported } from '../../base/errors.ts';

/** Tests of one encoder class. */
export interface EncoderTrial<Config> {
  /** Whether the encoder reports support for a configuration. A malformed one, for which the query throws, is unsupported. */
  isSupported(config: Config): Promise<boolean>;
  /** Null if a picture or a sound of this configuration could be encoded; otherwise the reason. */
  refusal(config: Config): Promise<unknown>;
  /** Whether a picture or a sound of this configuration could be encoded. */
  encodes(config: Config): Promise<boolean>;
}

/** The part of an encoder class that trials of both kinds use. */
interface EncoderQuery<Config> {
  isConfigSupported(config: Config): Promise<{ supported?: boolean }>;
}

/** Callbacks of an encoder under test. */
interface ProbeInit {
  output(): void;
  error(error: unknown): void;
}

/** Tests of a video encoder. Each encodes one black picture. */
export const videoTrial = (
  encoder: typeof VideoEncoder,
  signal: AbortSignal,
): EncoderTrial<VideoEncoderConfig> =>
  trialOf('VideoEncoder', encoder, signal, (config) => {
    const { width, height } = config;
    const size = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
    const picture = { format: 'I420', codedWidth: width, codedHeight: height, timestamp: 0 } as const;
    const frame = new VideoFrame(new Uint8Array(size), picture);
    const make = (init: ProbeInit): VideoEncoder => new encoder(init);
    const encode = (probe: VideoEncoder): void => {
      probe.configure(config);
      probe.encode(frame, { keyFrame: true });
    };
    return tryEncoder(make, encode, signal).finally(() => frame.close());
  });

/** Tests of an audio encoder. Each encodes a fifth of a second of silence. */
export const audioTrial = (
  encoder: typeof AudioEncoder,
  signal: AbortSignal,
): EncoderTrial<AudioEncoderConfig> =>
  trialOf('AudioEncoder', encoder, signal, (config) => {
    const { sampleRate, numberOfChannels } = config;
    const numberOfFrames = Math.ceil(sampleRate / 5);
    const sound = {
      format: 'f32-planar',
      sampleRate,
      numberOfChannels,
      numberOfFrames,
      timestamp: 0,
    } as const;
    const data = new AudioData({ ...sound, data: new Float32Array(numberOfFrames * numberOfChannels) });
    const make = (init: ProbeInit): AudioEncoder => new encoder(init);
    const encode = (probe: AudioEncoder): void => {
      probe.configure(config);
      probe.encode(data);
    };
    return tryEncoder(make, encode, signal).finally(() => data.close());
  });

function trialOf<Config extends { readonly codec: string }>(
  name: string,
  encoder: EncoderQuery<Config>,
  signal: AbortSignal,
  encodeOne: (config: Config) => Promise<unknown>,
): EncoderTrial<Config> {
  const refusal = async (config: Config): Promise<unknown> => {
    await initializeCodecs();
    try {
      signal.throwIfAborted();
      const { supported } = await encoder.isConfigSupported(config);
      signal.throwIfAborted();
      if (supported !== true) return new Error(`${name} does not support "${config.codec}"`);
      return await encodeOne(config);
    } catch (error) {
      return error;
    }
  };
  return {
    refusal,
    encodes: async (config) => (await refusal(config)) === null,
    async isSupported(config) {
      try {
        return (await encoder.isConfigSupported(config)).supported === true;
      } catch {
        return false;
      }
    },
  };
}

/** WebKitGTK 2.50 crashes if the first codec that a page queries is an encoder. */
async function initializeCodecs(): Promise<void> {
  if (typeof VideoDecoder === 'function') await VideoDecoder.isConfigSupported({ codec: 'vp8' });
}

/** Runs an encoder to its flush. Null if it put out a chunk; otherwise the reason. */
async function tryEncoder<E extends VideoEncoder | AudioEncoder>(
  make: (init: ProbeInit) => E,
  encode: (probe: E) => void,
  signal: AbortSignal,
): Promise<unknown> {
  let chunks = 0;
  let failure: unknown = null;
  const probe = make({ output: () => chunks++, error: (error) => (failure ??= error) });
  const close = (): void => {
    if (probe.state !== 'closed') probe.close();
  };
  signal.addEventListener('abort', close);
  try {
    encode(probe);
    await probe.flush();
  } catch (error) {
    failure ??= error;
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
  return failure ?? (chunks > 0 ? null : new Error('the encoder put out no chunk'));
}

/** A requested stream of samples. */
export interface RequestedStream<Codec extends string, Config> {
  /** The call that requests it, for errors. */
  readonly call: string;
  /** The codec as it was requested. */
  readonly asked: string;
  /** Null for an unknown name. */
  readonly codec: Codec | null;
  readonly config: Config;
  /** Codecs that the kind of file can hold. */
  readonly codecs: readonly Codec[];
  /** The configuration with which another codec is tried; null for a codec without one. */
  alternative(codec: Codec): Config | null;
  /** The setting that makes the encoder refuse the configuration, in one sentence; null if no single one does. */
  refusedSetting(codec: Codec): Promise<string | null>;
}

/**
 * Tests whether a stream can be encoded. Returns its codec.
 *
 * @throws `NotSupportedError` with the refused setting, or with the list of available codecs.
 */
export async function requireEncodable<Codec extends string, Config>(
  format: OutputFormat,
  trial: EncoderTrial<Config>,
  requested: RequestedStream<Codec, Config>,
  signal: AbortSignal,
): Promise<Codec> {
  const { call, asked, codec, config, codecs } = requested;
  const isInFile = codec !== null && codecs.includes(codec);
  const cause = isInFile ? await trial.refusal(config) : new Error('not a codec of this kind of file');
  if (isInFile && cause === null) return codec;
  const setting = isInFile ? await requested.refusedSetting(codec) : null;
  signal.throwIfAborted();
  if (setting !== null) throw settingError(call, asked, setting, cause);
  const available: string[] = [];
  for (const each of codecs) {
    const alternative = requested.alternative(each);
    if (alternative !== null && (await trial.encodes(alternative))) available.push(each);
  }
  if (codec !== null && available.includes(codec)) {
    const words = `cannot be encoded here with these settings; without them ${codec} can`;
    throw notSupported(`${call}: "${asked}" ${words}`, cause);
  }
  const rest =
    available.length > 0
      ? `available are ${available.join(', ')}`
      : 'no codec is available for this size or kind here';
  throw notSupported(`${call}: "${asked}" cannot be written as ${format.fileExtension} here; ${rest}`, cause);
}

/** The error for a stream whose codec would be available with one setting changed. */
export const settingError = (call: string, asked: string, setting: string, cause: unknown): DOMException =>
  notSupported(`${call}: "${asked}" cannot be encoded here with these settings: ${setting}`, cause);
