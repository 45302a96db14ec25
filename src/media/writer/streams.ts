/** Makes streams: checks what is asked for, finds out what the engine encodes, and joins the parts. */
import type { AudioCodec as AudioCodecName, Output, VideoCodec as VideoCodecName } from 'mediabunny';
import { EncodedAudioPacketSource, EncodedVideoPacketSource } from 'mediabunny';
import type { Clock } from '../../clock.ts';
import { notSupported, requireWhole, shown } from '../../errors.ts';
import { requirePlatform } from '../../pool/frames.ts';
import type { FrameBudget } from '../../pool/frame-budget.ts';
import { coreOf, VideoFramePool } from '../../pool/pool.ts';
import type { BufferStorage } from '../../pool/storage.ts';
import { canvasStorage } from '../../storage/canvas.ts';
import { memoryStorage } from '../../storage/memory.ts';
import { AudioCodec } from './audio-codec.ts';
import { ChunkInput } from './chunk-input.ts';
import {
  audioCodecOf,
  audioCodecString,
  suitableBitrate,
  videoCodecOf,
  videoCodecString,
} from './codec-strings.ts';
import { audioRefusal, noAudioCodec, noVideoCodec, videoRefusal } from './encodable.ts';
import { EncoderQueue } from './encoder-queue.ts';
import type { AudioStreamConfig, VideoStreamConfig, WriterEncoders } from './options.ts';
import { PacketTrack } from './packet-track.ts';
import type { Samples } from './samples.ts';
import { WriterStream } from './stream.ts';
import { VideoCodec } from './video-codec.ts';

/** What a writer lends to the making of its streams. */
export interface StreamMaker {
  readonly output: Output;
  readonly clock: Clock;
  readonly throttle: boolean;
  readonly capacity: number;
  readonly budget: FrameBudget;
  readonly encoders: WriterEncoders;
  readonly samples: Samples;
  failed(stream: number, error: unknown): void;
  progressed(stream: number): void;
  formatChanged(stream: number, config: VideoEncoderConfig): void;
}

/** A stream that has a track in the file, and what begins it. */
export interface MadeStream {
  readonly stream: WriterStream;
  start(): void;
}

/** Microseconds between key frames: seeking stays quick, and files small. */
const KEY_FRAME_INTERVAL_US = 2_000_000;

/** No film has a thousand pictures a second: who asks for less means seconds. */
const LEAST_KEY_FRAME_INTERVAL_US = 1000;

const BITS_PER_CHANNEL = 64_000;

/** Codecs whose decoders are told the size by the container alone, so that it cannot change in mid-stream. */
const FIXED_SIZE: readonly VideoCodecName[] = ['avc', 'hevc'];

const ROTATIONS: readonly unknown[] = [0, 90, 180, 270];
const SIZE_CHANGES: readonly unknown[] = ['scale', 'refuse', 'reencode'];
const INPUTS: readonly unknown[] = ['samples', 'chunks'];

function requireOne(name: string, value: unknown, known: readonly unknown[]): void {
  if (value === undefined || known.includes(value)) return;
  throw new TypeError(`${name} must be one of ${known.map(shown).join(', ')}, got ${shown(value)}`);
}

function requireConfig(config: unknown): void {
  if (typeof config === 'object' && config !== null) return;
  throw new TypeError(`config must be an object, got ${shown(config)}`);
}

/**
 * Finds out whether a stream of pictures can be had; nothing is added so far.
 *
 * @throws `TypeError` or `RangeError` for a wrong setting, `NotSupportedError` for a codec that cannot be had.
 */
export async function planVideo(
  maker: Pick<StreamMaker, 'output' | 'encoders'>,
  config: VideoStreamConfig,
  signal: AbortSignal,
): Promise<{ codec: VideoCodecName; encoder: VideoEncoderConfig }> {
  const { output, encoders } = maker;
  requireConfig(config);
  if (typeof config.codec !== 'string')
    throw new TypeError(`codec must be a string, got ${shown(config.codec)}`);
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
  requireOne('sizeChange', config.sizeChange, SIZE_CHANGES);
  requireOne('input', config.input, INPUTS);
  const codec = videoCodecOf(config.codec);
  const encoder = videoEncoderConfig(config, codec, width, height);
  const inFile = codec !== null && output.format.getSupportedVideoCodecs().includes(codec);
  if (codec !== null && inFile && config.input === 'chunks') {
    requirePlatform('FrameWriter', 'EncodedVideoChunk');
    return { codec, encoder };
  }
  requirePlatform('FrameWriter', 'VideoFrame');
  const used = encoders.video ?? platformEncoder('VideoEncoder');
  const why = inFile
    ? await videoRefusal(used, encoder, signal)
    : new Error('not a codec of this kind of file');
  if (codec === null || why !== null) {
    throw await noVideoCodec(
      output.format,
      used,
      { asked: config.codec, codec, config: encoder, cause: why },
      signal,
    );
  }
  if (config.sizeChange === 'reencode' && FIXED_SIZE.includes(codec)) {
    throw notSupported(
      `sizeChange 'reencode' is not to be had with ${codec}: its decoders learn the size from the head of the file. ` +
        `VP8, VP9 and AV1 have it; 'scale' keeps one size`,
    );
  }
  return { codec, encoder };
}

function videoEncoderConfig(
  config: VideoStreamConfig,
  codec: VideoCodecName | null,
  width: number,
  height: number,
): VideoEncoderConfig {
  const { bitrateMode, contentHint, framerate } = config;
  // Encoders want both or none.
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

/** The configuration for pictures of another size: rate and level are those of the new size, where nobody asked for any. */
function sizedConfig(
  { displayWidth: _width, displayHeight: _height, ...config }: VideoStreamConfig,
  codec: VideoCodecName,
  width: number,
  height: number,
): VideoEncoderConfig {
  return videoEncoderConfig(config, codec, width, height);
}

/** As `planVideo()`, for sound. */
export async function planAudio(
  maker: Pick<StreamMaker, 'output' | 'encoders'>,
  config: AudioStreamConfig,
  signal: AbortSignal,
): Promise<{ codec: AudioCodecName; encoder: AudioEncoderConfig }> {
  const { output, encoders } = maker;
  requireConfig(config);
  if (typeof config.codec !== 'string')
    throw new TypeError(`codec must be a string, got ${shown(config.codec)}`);
  const numberOfChannels = requireWhole('numberOfChannels', config.numberOfChannels, 1, 32);
  const sampleRate = requireWhole('sampleRate', config.sampleRate, 3000, 768_000);
  const bitrate =
    config.bitrate === undefined
      ? BITS_PER_CHANNEL * numberOfChannels
      : requireWhole('bitrate', config.bitrate, 1);
  requireOne('input', config.input, INPUTS);
  const codec = audioCodecOf(config.codec);
  const name = codec === config.codec ? audioCodecString(codec) : null;
  const encoder = { codec: name ?? config.codec, numberOfChannels, sampleRate, bitrate };
  const inFile = codec !== null && output.format.getSupportedAudioCodecs().includes(codec);
  if (codec !== null && inFile && config.input === 'chunks') {
    requirePlatform('FrameWriter', 'EncodedAudioChunk');
    return { codec, encoder };
  }
  const used = encoders.audio ?? platformEncoder('AudioEncoder');
  const why = inFile
    ? await audioRefusal(used, encoder, signal)
    : new Error('not a codec of this kind of file');
  if (codec === null || why !== null)
    throw await noAudioCodec(
      output.format,
      used,
      { asked: config.codec, codec, config: encoder, cause: why },
      signal,
    );
  return { codec, encoder };
}

/** @throws `NotSupportedError` where there is no such encoder. */
function platformEncoder<K extends 'VideoEncoder' | 'AudioEncoder'>(name: K): (typeof globalThis)[K] {
  const found: unknown = (globalThis as Record<string, unknown>)[name];
  if (typeof found === 'function') return found as (typeof globalThis)[K];
  throw notSupported(`FrameWriter cannot be used here: this environment has no ${name}`);
}

/** Adds a stream of pictures to the file. */
export function makeVideo(
  maker: StreamMaker,
  index: number,
  config: VideoStreamConfig,
  { codec, encoder }: { codec: VideoCodecName; encoder: VideoEncoderConfig },
): MadeStream {
  const { rotation = 0, metadata, sizeChange = 'scale', keyFrameInterval = KEY_FRAME_INTERVAL_US } = config;
  const isChunks = config.input === 'chunks';
  const pool = isChunks ? null : samplePool(maker, index, config);
  const source = new EncodedVideoPacketSource(codec);
  maker.output.addVideoTrack(source, { ...metadata, rotation });
  const { stream, track, failed } = joined(maker, index, { kind: 'video', config }, encoder, source, pool);
  return {
    stream,
    start() {
      if (isChunks) {
        stream.start({ kind: 'chunks', queue: new ChunkInput(track, 'video', codec, maker.throttle) });
        return;
      }
      const videoCodec = new VideoCodec({
        encoder: maker.encoders.video ?? VideoEncoder,
        config: encoder,
        configOf: (width, height) => sizedConfig(config, codec, width, height),
        rotation,
        hasDisplaySize: config.displayWidth !== undefined || config.displayHeight !== undefined,
        sizeChange,
        keyFrameInterval,
        onChunk: (chunk, chunkMetadata) => queue.onChunk(chunk, chunkMetadata),
        onEvent: () => queue.heardEvent(),
        isIdle: () => queue.isEmpty,
        onError: failed,
        onFormatChange: (changed) => maker.formatChanged(index, changed),
      });
      const { clock, throttle } = maker;
      const queue = new EncoderQueue(videoCodec, { clock, track, throttle, oneToOne: true, failed });
      stream.start({ kind: 'pictures', codec: videoCodec, queue });
    },
  };
}

/** Adds a stream of sound to the file. */
export function makeAudio(
  maker: StreamMaker,
  index: number,
  config: AudioStreamConfig,
  { codec, encoder }: { codec: AudioCodecName; encoder: AudioEncoderConfig },
): MadeStream {
  const source = new EncodedAudioPacketSource(codec);
  maker.output.addAudioTrack(source, config.metadata);
  const { stream, track, failed } = joined(maker, index, { kind: 'audio', config }, encoder, source, null);
  return {
    stream,
    start() {
      if (config.input === 'chunks') {
        stream.start({ kind: 'chunks', queue: new ChunkInput(track, 'audio', codec, maker.throttle) });
        return;
      }
      const audioCodec = new AudioCodec({
        encoder: maker.encoders.audio ?? AudioEncoder,
        config: encoder,
        onChunk: (chunk, metadata) => queue.onChunk(chunk, metadata),
        onEvent: () => queue.heardEvent(),
        isIdle: () => queue.isEmpty,
        onError: failed,
      });
      const { clock, throttle } = maker;
      const queue = new EncoderQueue(audioCodec, { clock, track, throttle, oneToOne: false, failed });
      stream.start({ kind: 'sound', codec: audioCodec, queue });
    },
  };
}

/** From picture to picture, in µs, where that is known beforehand; else 0. */
function intervalOf({ framerate, metadata }: VideoStreamConfig): number {
  const rate = framerate ?? metadata?.frameRate ?? 0;
  return rate > 0 ? Math.round(1e6 / rate) : 0;
}

function samplePool(
  { capacity, budget, samples }: StreamMaker,
  index: number,
  { width, height, sample = 'canvas' }: VideoStreamConfig,
): VideoFramePool<BufferStorage> {
  const storage: BufferStorage =
    sample === 'canvas'
      ? // Opaque: encoders drop alpha, and would show what is multiplied by it.
        canvasStorage({ width, height, context: { alpha: false } })
      : memoryStorage({ format: sample, codedWidth: width, codedHeight: height });
  const pool = new VideoFramePool({ capacity, storage, budget, name: `samples of stream ${index}` });
  samples.own(coreOf(pool));
  return pool;
}

function joined(
  maker: StreamMaker,
  index: number,
  config: WriterStream['config'],
  encoder: VideoEncoderConfig | AudioEncoderConfig,
  source: EncodedVideoPacketSource | EncodedAudioPacketSource,
  pool: VideoFramePool<BufferStorage> | null,
): { stream: WriterStream; track: PacketTrack; failed(error: unknown): void } {
  const failed = (error: unknown): void => maker.failed(index, error);
  const listener = {
    onError: failed,
    onAccepted() {
      stream.onAccepted();
      maker.progressed(index);
    },
  };
  const track = new PacketTrack(source, listener, config.kind === 'video' ? intervalOf(config.config) : 0);
  const stream = new WriterStream(index, config, encoder, track, pool, maker.samples);
  return { stream, track, failed };
}
