/** Factory of streams: connects encoder, queue and track of a resolved configuration. */
import type { Output } from 'mediabunny';
import { EncodedAudioPacketSource, EncodedVideoPacketSource } from 'mediabunny';
import type { Clock } from '../../base/clock.ts';
import type { FrameBudget } from '../../pool/frame-budget.ts';
import { coreOf, VideoFramePool } from '../../pool/pool.ts';
import type { BufferStorage } from '../../pool/storage.ts';
import { canvasStorage } from '../../storage/canvas.ts';
import { memoryStorage } from '../../storage/memory.ts';
import { AudioStreamEncoder } from './audio-stream-encoder.ts';
import { ChunkInput } from './chunk-input.ts';
import { EncoderQueue } from './encoder-queue.ts';
import { microsecondsOf } from './microseconds.ts';
import type { AudioStreamConfig, VideoStreamConfig, WriterEncoders } from './options.ts';
import { PacketTrack } from './packet-track.ts';
import type { ResolvedAudio, ResolvedVideo } from './resolve-config.ts';
import { KEY_FRAME_INTERVAL_US, sizedConfig, sizeRefusal } from './resolve-config.ts';
import type { SampleInput } from './sample-input.ts';
import type { StreamConfig } from './stream.ts';
import { WriterStream } from './stream.ts';
import { VideoStreamEncoder } from './video-stream-encoder.ts';

/** The parts of a writer that its streams use. */
export interface StreamMaker {
  readonly output: Output;
  readonly clock: Clock;
  readonly throttle: boolean;
  readonly capacity: number;
  readonly budget: FrameBudget;
  readonly encoders: WriterEncoders;
  readonly samples: SampleInput;
  /** Fires when the writing ends in another way than by `finalize()`. */
  readonly ended: AbortSignal;
  failed(stream: number, error: unknown): void;
  progressed(stream: number): void;
  formatChanged(stream: number, config: VideoEncoderConfig): void;
}

/** A stream that has a track in the file, and the function that starts it. */
export interface MadeStream {
  readonly stream: WriterStream;
  start(): void;
}

/** Adds a video stream to the file. */
export function makeVideo(
  maker: StreamMaker,
  index: number,
  config: VideoStreamConfig,
  { codec, encoder }: ResolvedVideo,
): MadeStream {
  const { rotation = 0, flip = false, metadata } = config;
  const { sizeChange = 'scale', keyFrameInterval = KEY_FRAME_INTERVAL_US } = config;
  const isChunks = config.input === 'chunks';
  const pool = isChunks ? null : samplePool(maker, index, config);
  const source = new EncodedVideoPacketSource(codec);
  maker.output.addVideoTrack(source, { ...metadata, rotation, flip });
  const { stream, track, failed } = joined(maker, index, { kind: 'video', config }, encoder, source, pool);
  return {
    stream,
    start() {
      if (isChunks) {
        stream.start({ kind: 'chunks', queue: new ChunkInput(track, 'video', codec, maker.throttle) });
        return;
      }
      const used = maker.encoders.video ?? VideoEncoder;
      const videoCodec = new VideoStreamEncoder({
        encoder: used,
        config: encoder,
        configOf: (width, height) => sizedConfig(config, codec, width, height),
        orientation: { rotation, flip },
        refusalOf: (size) => sizeRefusal(config, codec, used, size, maker.ended),
        hasDisplaySize: config.displayWidth !== undefined || config.displayHeight !== undefined,
        sizeChange,
        keyFrameInterval,
        onChunk: (chunk, chunkMetadata) => queue.onChunk(chunk, chunkMetadata),
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

/** Adds an audio stream to the file. */
export function makeAudio(
  maker: StreamMaker,
  index: number,
  config: AudioStreamConfig,
  { codec, encoder }: ResolvedAudio,
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
      const audioCodec = new AudioStreamEncoder({
        encoder: maker.encoders.audio ?? AudioEncoder,
        config: encoder,
        onChunk: (chunk, metadata) => queue.onChunk(chunk, metadata),
        isIdle: () => queue.isEmpty,
        onError: failed,
      });
      const { clock, throttle } = maker;
      const queue = new EncoderQueue(audioCodec, { clock, track, throttle, oneToOne: false, failed });
      stream.start({ kind: 'sound', codec: audioCodec, queue });
    },
  };
}

/** From picture to picture, in µs, if known beforehand; else 0. */
function intervalOf({ framerate, metadata }: VideoStreamConfig): number {
  const rate = framerate ?? metadata?.frameRate ?? 0;
  return rate > 0 ? microsecondsOf(1, rate) : 0;
}

function samplePool(
  { capacity, budget, samples }: StreamMaker,
  index: number,
  { width, height, sample = 'canvas' }: VideoStreamConfig,
): VideoFramePool<BufferStorage> {
  const storage: BufferStorage =
    sample === 'canvas'
      ? // Opaque, because encoders drop alpha and would show the colours multiplied by it.
        canvasStorage({ width, height, context: { alpha: false } })
      : memoryStorage({ format: sample, codedWidth: width, codedHeight: height });
  const pool = new VideoFramePool({ capacity, storage, budget, name: `samples of stream ${index}` });
  samples.addPool(coreOf(pool));
  return pool;
}

function joined(
  maker: StreamMaker,
  index: number,
  config: StreamConfig,
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
  const stream = new WriterStream({ index, config, encoder, track, pool, samples: maker.samples });
  return { stream, track, failed };
}
