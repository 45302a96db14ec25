/** Resolution of stream configurations: checks the requested settings, and finds out whether the engine encodes them. */
import type { AudioCodec as AudioCodecName, OutputFormat, VideoCodec as VideoCodecName } from 'mediabunny';
import { notSupported, requireWhole, shown } from '../../base/errors.ts';
import { requirePlatform } from '../../pool/frames.ts';
import {
  audioCodecOf,
  audioCodecString,
  suitableBitrate,
  videoCodecOf,
  videoCodecString,
} from './codec-strings.ts';
import type { EncoderTrial } from './encoder-support.ts';
import { audioTrial, requireEncodable, settingError, videoTrial } from './encoder-support.ts';
import type { AudioStreamConfig, VideoStreamConfig, WriterEncoders } from './options.ts';
import { refusedAudioSetting, refusedVideoSetting } from './refused-setting.ts';

/** The kind of file, and the encoders. */
export interface ResolveContext {
  readonly format: OutputFormat;
  readonly encoders: WriterEncoders;
  /** Aborts the search. */
  readonly signal: AbortSignal;
}

/** The codec and encoder configuration of an available stream. */
export interface ResolvedStream<Codec, Config> {
  readonly codec: Codec;
  readonly encoder: Config;
}

export type ResolvedVideo = ResolvedStream<VideoCodecName, VideoEncoderConfig>;
export type ResolvedAudio = ResolvedStream<AudioCodecName, AudioEncoderConfig>;

/** Default time between key frames in microseconds: seeking stays fast, and files small. */
export const KEY_FRAME_INTERVAL_US = 2_000_000;

/** No video has a thousand pictures per second: a smaller value was meant in seconds. */
const LEAST_KEY_FRAME_INTERVAL_US = 1000;

const BITS_PER_CHANNEL = 64_000;

/** Largest side for the codecs that are tried as alternatives: Chromium's AV1 encoder crashes the tab somewhere above 12,288. */
const SAFE_SIDE = 8192;

/** Codecs whose decoders get the size from the container alone, so it cannot change within the stream. */
const FIXED_SIZE: readonly VideoCodecName[] = ['avc', 'hevc'];

const ROTATIONS: readonly unknown[] = [0, 90, 180, 270];
const FLIPS: readonly unknown[] = [false, true];
const SIZE_CHANGES: readonly unknown[] = ['scale', 'reject', 'reconfigure'];
const INPUTS: readonly unknown[] = ['samples', 'chunks'];

function requireOne(name: string, value: unknown, known: readonly unknown[]): void {
  if (value === undefined || known.includes(value)) return;
  throw new TypeError(`${name} must be one of ${known.map(shown).join(', ')}, got ${shown(value)}`);
}

function requireConfig(config: { readonly codec: unknown }): void {
  if (typeof config !== 'object' || config === null) {
    throw new TypeError(`config must be an object, got ${shown(config)}`);
  }
  if (typeof config.codec !== 'string')
    throw new TypeError(`codec must be a string, got ${shown(config.codec)}`);
}

/**
 * Resolves the configuration of a video stream. Adds nothing to the file.
 *
 * @throws `TypeError` or `RangeError` for a wrong setting, `NotSupportedError` for a codec that is not available.
 */
export async function resolveVideoConfig(
  { format, encoders, signal }: ResolveContext,
  config: VideoStreamConfig,
): Promise<ResolvedVideo> {
  requireConfig(config);
  const width = requireWhole('width', config.width, 1, 16_384);
  const height = requireWhole('height', config.height, 1, 16_384);
  if (config.displayWidth !== undefined) requireWhole('displayWidth', config.displayWidth, 1, 65_536);
  if (config.displayHeight !== undefined) requireWhole('displayHeight', config.displayHeight, 1, 65_536);
  if (config.bitrate !== undefined) requireWhole('bitrate', config.bitrate, 1);
  const { keyFrameInterval = KEY_FRAME_INTERVAL_US } = config;
  if (keyFrameInterval !== Infinity) {
    requireWhole('keyFrameInterval (in microseconds)', keyFrameInterval, LEAST_KEY_FRAME_INTERVAL_US);
  }
  requireOne('rotation', config.rotation, ROTATIONS);
  requireOne('flip', config.flip, FLIPS);
  requireOne('sizeChange', config.sizeChange, SIZE_CHANGES);
  requireOne('input', config.input, INPUTS);
  const asked = videoCodecOf(config.codec);
  const encoder = videoEncoderConfig(config, asked, width, height);
  const codecs = format.getSupportedVideoCodecs();
  if (asked !== null && codecs.includes(asked) && config.input === 'chunks') {
    requirePlatform('FrameWriter', 'EncodedVideoChunk');
    return { codec: asked, encoder };
  }
  requirePlatform('FrameWriter', 'VideoFrame');
  const trial = videoTrial(encoders.video ?? platformEncoder('VideoEncoder'), signal);
  const requested = {
    call: 'addVideoStream()',
    asked: config.codec,
    codec: asked,
    config: encoder,
    codecs,
    alternative: (other: VideoCodecName) => alternativeTo(encoder, other),
    refusedSetting: (known: VideoCodecName) => videoSetting(config, known, trial),
  };
  const codec = await requireEncodable(format, trial, requested, signal);
  if (config.sizeChange === 'reconfigure' && FIXED_SIZE.includes(codec)) {
    throw notSupported(
      `sizeChange 'reconfigure' is not available with ${codec}, whose decoders take the size from the header of the file: ` +
        `use VP8, VP9 or AV1, or 'scale', which keeps one size`,
    );
  }
  return { codec, encoder };
}

/** The plain configuration of another codec for pictures of about this size. */
function alternativeTo(encoder: VideoEncoderConfig, other: VideoCodecName): VideoEncoderConfig | null {
  const { bitrate = 1e6 } = encoder;
  const width = Math.min(encoder.width, SAFE_SIDE);
  const height = Math.min(encoder.height, SAFE_SIDE);
  const codec = videoCodecString(other, width, height, bitrate);
  return codec === null ? null : { codec, width, height, bitrate };
}

function videoEncoderConfig(
  config: VideoStreamConfig,
  codec: VideoCodecName | null,
  width: number,
  height: number,
): VideoEncoderConfig {
  const { bitrateMode, contentHint, framerate } = config;
  // Encoders require both or none.
  const hasDisplaySize = config.displayWidth !== undefined || config.displayHeight !== undefined;
  const displayWidth = hasDisplaySize ? (config.displayWidth ?? width) : undefined;
  const displayHeight = hasDisplaySize ? (config.displayHeight ?? height) : undefined;
  const { hardwareAcceleration, latencyMode, scalabilityMode } = config;
  const bitrate = config.bitrate ?? suitableBitrate(codec ?? 'vp8', width, height);
  const name = codec === config.codec ? videoCodecString(codec, width, height, bitrate) : null;
  const given = {
    displayWidth,
    displayHeight,
    bitrateMode,
    contentHint,
    framerate,
    hardwareAcceleration,
    latencyMode,
    scalabilityMode,
  };
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { codec: name ?? config.codec, width, height, bitrate, ...set };
}

const videoSetting = (
  config: VideoStreamConfig,
  codec: VideoCodecName,
  trial: EncoderTrial<VideoEncoderConfig>,
): Promise<string | null> =>
  refusedVideoSetting({
    ...trial,
    config,
    codec,
    configOf: (changed) => videoEncoderConfig(changed, codec, changed.width, changed.height),
  });

/**
 * The error for a new size that the stream's encoder refuses; null if the encoder accepts it.
 *
 * An encoder that is configured for such a size reports only that it failed, and later.
 */
export async function sizeRefusal(
  { displayWidth: _width, displayHeight: _height, ...config }: VideoStreamConfig,
  codec: VideoCodecName,
  encoder: typeof VideoEncoder,
  size: { readonly width: number; readonly height: number },
  signal: AbortSignal,
): Promise<DOMException | null> {
  const sized = { ...config, ...size };
  const trial = videoTrial(encoder, signal);
  if (await trial.isSupported(sizedConfig(config, codec, size.width, size.height))) return null;
  const setting = await videoSetting(sized, codec, trial);
  const call = `writeSample(): the stream cannot continue with ${size.width} × ${size.height}`;
  return settingError(call, config.codec, setting ?? 'the encoder refuses this size', undefined);
}

/** The configuration for pictures of another size. Bitrate and level follow the new size, unless the app set them. */
export function sizedConfig(
  { displayWidth: _width, displayHeight: _height, ...config }: VideoStreamConfig,
  codec: VideoCodecName,
  width: number,
  height: number,
): VideoEncoderConfig {
  return videoEncoderConfig(config, codec, width, height);
}

/** As `resolveVideoConfig()`, for sound. */
export async function resolveAudioConfig(
  { format, encoders, signal }: ResolveContext,
  config: AudioStreamConfig,
): Promise<ResolvedAudio> {
  requireConfig(config);
  requireWhole('numberOfChannels', config.numberOfChannels, 1, 32);
  requireWhole('sampleRate', config.sampleRate, 3000, 768_000);
  if (config.bitrate !== undefined) requireWhole('bitrate', config.bitrate, 1);
  requireOne('input', config.input, INPUTS);
  const asked = audioCodecOf(config.codec);
  const encoder = audioEncoderConfig(config, asked);
  const codecs = format.getSupportedAudioCodecs();
  if (asked !== null && codecs.includes(asked) && config.input === 'chunks') {
    requirePlatform('FrameWriter', 'EncodedAudioChunk');
    return { codec: asked, encoder };
  }
  const { numberOfChannels, sampleRate } = config;
  const trial = audioTrial(encoders.audio ?? platformEncoder('AudioEncoder'), signal);
  const requested = {
    call: 'addAudioStream()',
    asked: config.codec,
    codec: asked,
    config: encoder,
    codecs,
    alternative(other: AudioCodecName): AudioEncoderConfig | null {
      const codec = audioCodecString(other);
      return codec === null ? null : { codec, sampleRate, numberOfChannels };
    },
    refusedSetting: (known: AudioCodecName) =>
      refusedAudioSetting({ ...trial, config, configOf: (changed) => audioEncoderConfig(changed, known) }),
  };
  return { codec: await requireEncodable(format, trial, requested, signal), encoder };
}

function audioEncoderConfig(config: AudioStreamConfig, codec: AudioCodecName | null): AudioEncoderConfig {
  const { numberOfChannels, sampleRate, bitrate = BITS_PER_CHANNEL * numberOfChannels } = config;
  const name = codec === config.codec ? audioCodecString(codec) : null;
  return { codec: name ?? config.codec, numberOfChannels, sampleRate, bitrate };
}

/** @throws `NotSupportedError` if the environment has no such encoder. */
function platformEncoder<K extends 'VideoEncoder' | 'AudioEncoder'>(name: K): (typeof globalThis)[K] {
  const found: unknown = (globalThis as Record<string, unknown>)[name];
  if (typeof found === 'function') return found as (typeof globalThis)[K];
  throw notSupported(`FrameWriter cannot be used here: this environment has no ${name}`);
}
