/** Search for the setting that makes an encoder refuse a configuration: changes one setting at a time. */
import type { VideoCodec } from 'mediabunny';
import { shown } from '../../base/errors.ts';
import type { EncoderTrial } from './encoder-support.ts';
import type { AudioStreamConfig, VideoStreamConfig } from './options.ts';

/** A refused configuration, and the conversion from stream settings to the encoder's. */
export interface RefusedVideo extends EncoderTrial<VideoEncoderConfig> {
  readonly config: VideoStreamConfig;
  readonly codec: VideoCodec;
  configOf(config: VideoStreamConfig): VideoEncoderConfig;
}

/** Settings that a stream can omit. */
const OPTIONAL = [
  'scalabilityMode',
  'latencyMode',
  'hardwareAcceleration',
  'bitrateMode',
  'contentHint',
  'framerate',
] as const;

/** A longest side that every encoder of these codecs accepts, in pixels. */
const SAFE_SIDE = 320;

/** The longest side that is tried: a larger picture takes an encoder many seconds. */
const MOST_SIDE = 4096;

/** Known minimum sides of encoders. */
const LEAST_SIDES = [16, 32, 64, 128] as const;

/**
 * Explains a refused configuration of pictures in one sentence: the setting, its value, and a value that the encoder accepts.
 *
 * @returns Null if no single change makes the encoder accept the configuration.
 */
export async function refusedVideoSetting(refused: RefusedVideo): Promise<string | null> {
  return (
    (await oddSize(refused)) ??
    (await optionalSetting(refused)) ??
    (await videoBitrate(refused)) ??
    (await codecLevel(refused)) ??
    (await smallSize(refused)) ??
    (await largeSize(refused))
  );
}

const evenBelow = (side: number): number => Math.max(2, side - (side % 2));

async function oddSize({ config, configOf, encodes }: RefusedVideo): Promise<string | null> {
  const [width, height] = [evenBelow(config.width), evenBelow(config.height)];
  if (width === config.width && height === config.height) return null;
  if (!(await encodes(configOf({ ...config, width, height })))) return null;
  return (
    `the encoder takes even sizes only, and ${config.width} × ${config.height} is odd; ` +
    `${width} × ${height} is accepted`
  );
}

async function optionalSetting({ config, configOf, encodes }: RefusedVideo): Promise<string | null> {
  for (const name of OPTIONAL) {
    const { [name]: value, ...rest } = config;
    if (value === undefined || !(await encodes(configOf(rest)))) continue;
    return `the encoder refuses ${name} ${shown(value)}; the other settings are accepted without it`;
  }
  return null;
}

async function videoBitrate(refused: RefusedVideo): Promise<string | null> {
  const { config, configOf } = refused;
  const { bitrate: asked, ...rest } = config;
  if (asked === undefined) return null;
  const { bitrate = asked } = configOf(rest);
  return bitrateWords(asked, bitrate, (value) => configOf({ ...config, bitrate: value }), refused);
}

async function bitrateWords<Config>(
  asked: number,
  usual: number,
  configOf: (bitrate: number) => Config,
  trial: EncoderTrial<Config>,
): Promise<string | null> {
  if (!(await trial.encodes(configOf(usual)))) return null;
  const found = await nearest(usual, asked, (value) => trial.isSupported(configOf(value)));
  const accepted = (await trial.encodes(configOf(found))) ? found : usual;
  return `the encoder refuses a bitrate of ${asked} bits a second at this size; ${accepted} is accepted`;
}

async function codecLevel({ config, codec, configOf, encodes }: RefusedVideo): Promise<string | null> {
  const { width, height, bitrate = 0, codec: asked } = configOf(config);
  const { codec: string } = configOf({ ...config, codec, bitrate });
  if (string === asked || !(await encodes(configOf({ ...config, codec, bitrate })))) return null;
  return (
    `profile or level of ${shown(config.codec)} does not support ${width} × ${height} at ${bitrate} bits a second; ` +
    `${shown(string)} is accepted`
  );
}

async function smallSize({ config, configOf, encodes }: RefusedVideo): Promise<string | null> {
  for (const least of LEAST_SIDES) {
    const [width, height] = [Math.max(config.width, least), Math.max(config.height, least)];
    const isLarger = width > config.width || height > config.height;
    if (!isLarger || !(await encodes(configOf({ ...config, width, height })))) continue;
    return `${config.width} × ${config.height} is too small for the encoder; ${width} × ${height} is accepted`;
  }
  return null;
}

async function largeSize({ config, configOf, isSupported, encodes }: RefusedVideo): Promise<string | null> {
  const longest = Math.max(config.width, config.height);
  const sized = (side: number): { width: number; height: number } => ({
    width: scaled(config.width, side / longest),
    height: scaled(config.height, side / longest),
  });
  const of = (side: number): VideoEncoderConfig => configOf({ ...config, ...sized(side) });
  if (longest <= SAFE_SIDE || !(await encodes(of(SAFE_SIDE)))) return null;
  const most = Math.min(longest, MOST_SIDE);
  const takesMost = most < longest && (await isSupported(of(most)));
  const found = takesMost ? most : await nearest(SAFE_SIDE, most, (side) => isSupported(of(side)));
  const { width, height } = sized((await encodes(of(found))) ? found : SAFE_SIDE);
  return `${config.width} × ${config.height} is beyond the encoder; ${width} × ${height} is accepted`;
}

/** Even, and not so small that the encoder would refuse it for that reason. */
const scaled = (side: number, factor: number): number =>
  Math.min(evenBelow(side), Math.max(LEAST_SIDES[0], evenBelow(Math.floor(side * factor))));

/** The accepted whole value that is nearest to a refused one, between that and an accepted one; to a hundredth. */
async function nearest(
  accepted: number,
  refused: number,
  accepts: (value: number) => Promise<boolean>,
): Promise<number> {
  let [good, bad] = [accepted, refused];
  while (Math.abs(bad - good) > Math.max(1, good / 100)) {
    const middle = Math.floor((good + bad) / 2);
    if (await accepts(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** As `RefusedVideo`, for sound. */
export interface RefusedAudio extends EncoderTrial<AudioEncoderConfig> {
  readonly config: AudioStreamConfig;
  configOf(config: AudioStreamConfig): AudioEncoderConfig;
}

/** As `refusedVideoSetting()`. */
export async function refusedAudioSetting(refused: RefusedAudio): Promise<string | null> {
  const { config, configOf, encodes } = refused;
  const { bitrate: asked, ...rest } = config;
  if (asked !== undefined) {
    const { bitrate = asked } = configOf(rest);
    const words = await bitrateWords(
      asked,
      bitrate,
      (value) => configOf({ ...config, bitrate: value }),
      refused,
    );
    if (words !== null) return words;
  }
  for (const [name, accepted] of AUDIO_DEFAULTS) {
    if (accepted === config[name] || !(await encodes(configOf({ ...config, [name]: accepted })))) continue;
    return `the encoder refuses ${name} ${config[name]}; ${accepted} is accepted`;
  }
  return null;
}

/** Values that every audio encoder accepts. */
const AUDIO_DEFAULTS = [
  ['numberOfChannels', 2],
  ['numberOfChannels', 1],
  ['sampleRate', 48_000],
] as const;
