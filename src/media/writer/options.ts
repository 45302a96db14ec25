/** Public option, callback and statistics types of `FrameWriter`. */
import type {
  AudioCodec,
  AudioTrackMetadata,
  OutputFormat,
  Target,
  VideoCodec,
  VideoTrackMetadata,
} from 'mediabunny';
import type { Clock } from '../../base/clock.ts';
import type { MemoryFormat } from '../../storage/layout.ts';

/** Options of a `FrameWriter`. */
export interface FrameWriterOptions {
  /** Kind of file: a format of mediabunny, used unchanged. */
  readonly format: OutputFormat;
  /** Destination of the bytes: a target of mediabunny, used unchanged. */
  readonly target: Target;
  /** Callbacks for events. Can be set here only. */
  readonly callbacks?: WriterCallbacks;
  /** Maximum of samples that `allocateSample()` lends at one time, over all streams. 4 by default. */
  readonly capacity?: number;
  /**
   * Whether `writeSample()` waits for the encoder. True by default; false lets the queue grow, and `getStatistics()` reports its
   * size.
   */
  readonly throttle?: boolean;
  /** The encoders to use; the platform's by default. */
  readonly encoders?: WriterEncoders;
  /** The clock for the detection of stalled encoders; the platform's by default. */
  readonly clock?: Clock;
}

/** Encoders that replace the platform's, such as one that fails on purpose. */
export interface WriterEncoders {
  /** Encodes pictures. */
  readonly video?: typeof VideoEncoder;
  /** Encodes sound. */
  readonly audio?: typeof AudioEncoder;
}

/** Outcome of the writing: `'failed'` with the first error, `'aborted'` with the given reason. */
export type WriterStatus =
  | { readonly state: 'finalized' }
  | { readonly state: 'aborted'; readonly reason: unknown }
  | { readonly state: 'failed'; readonly error: unknown };

/**
 * Callbacks of a writer. They are called in the order of the events, never inside a call of the writer. An error that a callback
 * throws goes to `reportError`.
 */
export interface WriterCallbacks {
  /** Writing has ended, with any outcome. Once per writer. */
  onFinalize?(status: WriterStatus): void;
  /** All samples that were written to the stream before this marker are in the file. Markers come in the order of placing. */
  onMarker?(stream: number, context: unknown): void;
  /** A stream has failed, and the writer with it. */
  onStreamError?(stream: number, error: unknown): void;
  /** From the next sample on, the stream is encoded with this configuration, because the size of the samples changed. */
  onFormatChange?(stream: number, config: VideoEncoderConfig): void;
}

/**
 * Handling of a picture of another size than the stream's: `'scale'` (default) draws the whole picture into the stream's size,
 * with empty bars if the shapes differ; `'reject'` rejects the write; `'reconfigure'` continues in the new size from a key frame, if
 * codec and container allow it (VP8, VP9 and AV1).
 */
export type WriterSizeChange = 'scale' | 'reject' | 'reconfigure';

/** Configuration of a video stream. */
export interface VideoStreamConfig extends Pick<
  VideoEncoderConfig,
  'hardwareAcceleration' | 'latencyMode' | 'scalabilityMode'
> {
  /** A codec name of mediabunny (`'avc'`, `'vp9'`), or a codec string of WebCodecs (`'vp09.00.31.08'`). */
  readonly codec: VideoCodec | (string & {});
  /** Width of the stored picture in pixels, before rotation. */
  readonly width: number;
  /** Height of the stored picture in pixels, before rotation. */
  readonly height: number;
  /** Display width of the stored picture, if pixels are not square. */
  readonly displayWidth?: number;
  /** Display height of the stored picture, if pixels are not square. */
  readonly displayHeight?: number;
  /** Whether the bitrate may vary with the picture (default) or not. */
  readonly bitrateMode?: 'variable' | 'constant';
  /** Kind of content, as a hint for the encoder. */
  readonly contentHint?: string;
  /** Bits per second; by default a bitrate that suits the size. */
  readonly bitrate?: number;
  /** Pictures per second, if known: a hint for the encoder. */
  readonly framerate?: number;
  /** Maximum time between key frames, in microseconds. 2,000,000 by default; `Infinity` leaves it to the encoder. */
  readonly keyFrameInterval?: number;
  /** Clockwise rotation in degrees that players apply to the stored picture. 0 by default. */
  readonly rotation?: 0 | 90 | 180 | 270;
  /** Whether players mirror the stored picture left to right, after the rotation. False by default. */
  readonly flip?: boolean;
  /** Handling of pictures of another size. */
  readonly sizeChange?: WriterSizeChange;
  /** Kind of sample that `allocateSample()` lends: canvases (default), or memory of this format. */
  readonly sample?: 'canvas' | MemoryFormat;
  /** `'samples'` (default) are encoded here; `'chunks'` were encoded elsewhere and are written by `writeChunk()`. */
  readonly input?: 'samples' | 'chunks';
  /** Further metadata of the track for mediabunny: name, language, disposition, `maximumPacketCount`, … */
  readonly metadata?: Omit<VideoTrackMetadata, 'rotation' | 'flip'>;
}

/** Configuration of an audio stream. */
export interface AudioStreamConfig {
  /** A codec name of mediabunny (`'opus'`, `'aac'`), or a codec string of WebCodecs (`'mp4a.40.2'`). */
  readonly codec: AudioCodec | (string & {});
  /** Number of channels of every sample. */
  readonly numberOfChannels: number;
  /** Samples per second, of every sample. */
  readonly sampleRate: number;
  /** Bits per second; 64,000 per channel by default. */
  readonly bitrate?: number;
  /** `'samples'` (default) are encoded here; `'chunks'` were encoded elsewhere and are written by `writeChunk()`. */
  readonly input?: 'samples' | 'chunks';
  /** Further metadata of the track for mediabunny: name, language, disposition, `maximumPacketCount`, … */
  readonly metadata?: AudioTrackMetadata;
}

/**
 * Times and encoding of a sample. Times are in whole µs: a fraction is truncated toward zero, as `VideoFrame` and
 * `EncodedVideoChunk` do, and as a reader does with the times of a file.
 */
export interface SampleInfo {
  /** Presentation time, in µs; the sample's own by default. Samples of `allocateSample()` have none. */
  readonly timestamp?: number;
  /** Duration, in µs; the sample's own by default, or else until the next one. */
  readonly duration?: number;
  /** Whether the sample must be encoded as a key frame. */
  readonly keyFrame?: boolean;
}

/** Counts of a stream so far. They only grow, except for `queueSize`, `waitingCount` and `lentCount`. */
export interface WriterStatistics {
  /** Samples or chunks that were written to the stream. */
  readonly received: number;
  /** Samples that were submitted to the encoder. */
  readonly submitted: number;
  /** Samples whose chunks have all come out of the encoder. */
  readonly encoded: number;
  /** Samples that the encoder is assumed to have dropped, because much later samples have come out. */
  readonly dropped: number;
  /** Packets that the muxer has accepted. */
  readonly written: number;
  /** Bytes of those packets. */
  readonly bytes: number;
  /** Samples inside the encoder or in flight to the muxer. */
  readonly queueSize: number;
  /** Written samples that wait for the encoder. */
  readonly waitingCount: number;
  /** Samples beyond the limit that the encoder turned out to need before it puts anything out. */
  readonly encoderDelay: number;
  /** Slots of `allocateSample()` that are lent: held by the app, or waiting for the encoder. */
  readonly lentCount: number;
  /** Number of `sendStreamTick()` calls. */
  readonly ticks: number;
  /** Number of `notifyEndOfSegment()` calls. */
  readonly segments: number;
}
