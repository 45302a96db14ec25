/** Tests of the engine's encoders: each encodes a picture or a sound, because `isConfigSupported()` is not reliable. */
import type { OutputFormat } from 'mediabunny';
import { notSupported } from '../../base/errors.ts';
import { audioCodecString, videoCodecString } from './codec-strings.ts';
import type { EncoderTrial } from './refused-setting.ts';

/** WebKitGTK 2.50 crashes if the first codec that a page queries is an encoder. */
async function initializeCodecs(): Promise<void> {
  if (typeof VideoDecoder === 'function') await VideoDecoder.isConfigSupported({ codec: 'vp8' });
}

/** Null if a picture of this configuration could be encoded; otherwise the reason. */
export async function videoRefusal(
  encoder: typeof VideoEncoder,
  config: VideoEncoderConfig,
  signal: AbortSignal,
): Promise<unknown> {
  await initializeCodecs();
  try {
    signal.throwIfAborted();
    const { supported } = await encoder.isConfigSupported(config);
    signal.throwIfAborted();
    if (supported !== true) return new Error(`VideoEncoder does not support "${config.codec}"`);
    const { width, height } = config;
    const size = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
    const picture = { format: 'I420', codedWidth: width, codedHeight: height, timestamp: 0 } as const;
    const frame = new VideoFrame(new Uint8Array(size), picture);
    const make = (output: () => void, error: (error: unknown) => void): VideoEncoder =>
      new encoder({ output, error });
    const use = (probe: VideoEncoder): void => {
      probe.configure(config);
      probe.encode(frame, { keyFrame: true });
    };
    return await tryEncoder(make, use, signal).finally(() => frame.close());
  } catch (error) {
    return error;
  }
}

/** Null if sound of this configuration could be encoded; otherwise the reason. */
export async function audioRefusal(
  encoder: typeof AudioEncoder,
  config: AudioEncoderConfig,
  signal: AbortSignal,
): Promise<unknown> {
  await initializeCodecs();
  try {
    signal.throwIfAborted();
    const { supported } = await encoder.isConfigSupported(config);
    signal.throwIfAborted();
    if (supported !== true) return new Error(`AudioEncoder does not support "${config.codec}"`);
    const { sampleRate, numberOfChannels } = config;
    const numberOfFrames = Math.ceil(sampleRate / 5);
    const data = new AudioData({
      format: 'f32-planar',
      sampleRate,
      numberOfChannels,
      numberOfFrames,
      timestamp: 0,
      data: new Float32Array(numberOfFrames * numberOfChannels),
    });
    const make = (output: () => void, error: (error: unknown) => void): AudioEncoder =>
      new encoder({ output, error });
    const use = (probe: AudioEncoder): void => {
      probe.configure(config);
      probe.encode(data);
    };
    return await tryEncoder(make, use, signal).finally(() => data.close());
  } catch (error) {
    return error;
  }
}

/** Runs an encoder to its flush. Null if it put out a chunk; otherwise the reason. */
async function tryEncoder<E extends VideoEncoder | AudioEncoder>(
  make: (output: () => void, error: (error: unknown) => void) => E,
  use: (probe: E) => void,
  signal: AbortSignal,
): Promise<unknown> {
  let chunks = 0;
  let failure: unknown = null;
  const probe = make(
    () => chunks++,
    (error) => (failure ??= error),
  );
  const close = (): void => {
    if (probe.state !== 'closed') probe.close();
  };
  signal.addEventListener('abort', close);
  try {
    use(probe);
    await probe.flush();
  } catch (error) {
    failure ??= error;
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
  return failure ?? (chunks > 0 ? null : new Error('the encoder put out no chunk'));
}

/** Largest side for the codecs that are tried as alternatives: Chromium's AV1 encoder crashes the tab somewhere above 12,288. */
const SAFE_SIDE = 8192;

/** A requested codec that is not available. `codec` is null for an unknown name. */
interface RefusedCodec<Config> {
  readonly asked: string;
  readonly codec: string | null;
  readonly config: Config;
  readonly cause: unknown;
}

/** The error for a stream whose codec would be available with one setting changed. */
export const settingError = (call: string, asked: string, setting: string, cause: unknown): DOMException =>
  notSupported(`${call}: "${asked}" cannot be encoded here with these settings: ${setting}`, cause);

/** Queries a video encoder about configurations that differ from a refused one. */
export const videoTrial = (
  encoder: typeof VideoEncoder,
  signal: AbortSignal,
): EncoderTrial<VideoEncoderConfig> => ({
  isSupported: (config) => isSupported(encoder, config),
  encodes: async (config) => (await videoRefusal(encoder, config, signal)) === null,
});

/** As `videoTrial()`, for sound. */
export const audioTrial = (
  encoder: typeof AudioEncoder,
  signal: AbortSignal,
): EncoderTrial<AudioEncoderConfig> => ({
  isSupported: (config) => isSupported(encoder, config),
  encodes: async (config) => (await audioRefusal(encoder, config, signal)) === null,
});

/**
 * Whether an encoder reports support for a configuration. A malformed configuration, for which the query throws, is unsupported.
 */
export async function isSupported<Config>(
  encoder: { isConfigSupported(config: Config): Promise<{ supported?: boolean }> },
  config: Config,
): Promise<boolean> {
  try {
    return (await encoder.isConfigSupported(config)).supported === true;
  } catch {
    return false;
  }
}

/** The error for an unavailable video codec. It lists the available ones. */
export async function videoCodecError(
  format: OutputFormat,
  encoder: typeof VideoEncoder,
  refused: RefusedCodec<VideoEncoderConfig>,
  signal: AbortSignal,
): Promise<DOMException> {
  const { bitrate = 1e6 } = refused.config;
  const width = Math.min(refused.config.width, SAFE_SIDE);
  const height = Math.min(refused.config.height, SAFE_SIDE);
  const available: string[] = [];
  for (const codec of format.getSupportedVideoCodecs()) {
    const name = videoCodecString(codec, width, height, bitrate);
    if (name === null) continue;
    const why = await videoRefusal(encoder, { codec: name, width, height, bitrate }, signal);
    if (why === null) available.push(codec);
  }
  return codecError('addVideoStream()', format, refused, available);
}

/** The error for an unavailable audio codec. It lists the available ones. */
export async function audioCodecError(
  format: OutputFormat,
  encoder: typeof AudioEncoder,
  refused: RefusedCodec<AudioEncoderConfig>,
  signal: AbortSignal,
): Promise<DOMException> {
  const { sampleRate, numberOfChannels } = refused.config;
  const available: string[] = [];
  for (const codec of format.getSupportedAudioCodecs()) {
    const name = audioCodecString(codec);
    if (name === null) continue;
    const why = await audioRefusal(encoder, { codec: name, sampleRate, numberOfChannels }, signal);
    if (why === null) available.push(codec);
  }
  return codecError('addAudioStream()', format, refused, available);
}

function codecError(
  call: string,
  format: OutputFormat,
  { asked, codec, cause }: RefusedCodec<unknown>,
  available: readonly string[],
): DOMException {
  if (codec !== null && available.includes(codec)) {
    return notSupported(
      `${call}: "${asked}" cannot be encoded here with these settings; without them ${codec} can`,
      cause,
    );
  }
  const rest =
    available.length > 0
      ? `available are ${available.join(', ')}`
      : 'no codec is available for this size or kind here';
  return notSupported(
    `${call}: "${asked}" cannot be written as ${format.fileExtension} here; ${rest}`,
    cause,
  );
}
