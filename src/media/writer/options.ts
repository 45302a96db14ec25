/** What a `FrameWriter` is given, and what it tells: the public types. */
import type {
  AudioCodec,
  AudioTrackMetadata,
  OutputFormat,
  Target,
  VideoCodec,
  VideoTrackMetadata,
} from 'mediabunny';
import type { Clock } from '../../clock.ts';
import type { MemoryFormat } from '../../storage/layout.ts';

/** How a `FrameWriter` is made. */
export interface FrameWriterOptions {
  /** What kind of file: a format of mediabunny's, used as it is. */
  readonly format: OutputFormat;
  /** Where the bytes go: a target of mediabunny's, used as it is. */
  readonly target: Target;
  /** Who is told. Given here and nowhere else. */
  readonly callbacks?: WriterCallbacks;
  /** How many samples `allocateSample()` lends at most at one time, over all streams. 4 by default. */
  readonly capacity?: number;
  /**
   * Whether `writeSample()` waits for the encoder. True by default; false lets the queue grow, and `getStatistics()` shows
   * how far.
   */
  readonly throttle?: boolean;
  /** The encoders to use; the platform's by default. */
  readonly encoders?: WriterEncoders;
  /** The clock by which an encoder's silence is heard; the platform's by default. */
  readonly clock?: Clock;
}

/** Encoders that stand in for the platform's, such as one that fails on purpose. */
export interface WriterEncoders {
  /** Encodes pictures. */
  readonly video?: typeof VideoEncoder;
  /** Encodes sound. */
  readonly audio?: typeof AudioEncoder;
}

/** How writing ended: `'failed'` with what went wrong first, `'aborted'` with the reason that was given. */
export type WriterStatus =
  | { readonly state: 'finalized' }
  | { readonly state: 'aborted'; readonly reason: unknown }
  | { readonly state: 'failed'; readonly error: unknown };

/**
 * What a writer tells. Never called inside a call of the writer's, and in the order in which things happened; what one of
 * them throws goes to `reportError`.
 */
export interface WriterCallbacks {
  /** Writing has ended, however it did. Once for each writer. */
  onFinalize?(status: WriterStatus): void;
  /** Everything that was written to the stream before this marker is in the file. Markers come in the order of placing. */
  onMarker?(stream: number, context: unknown): void;
  /** A stream has failed, and the writer with it. */
  onStreamError?(stream: number, error: unknown): void;
  /** From the next sample on the stream is encoded with this configuration, because samples of another size came. */
  onFormatChange?(stream: number, config: VideoEncoderConfig): void;
}

/**
 * What becomes of a picture of another size than the stream's: `'scale'` (default) draws it into the stream's size whole,
 * with empty bars where the shapes differ; `'refuse'` rejects the write; `'reencode'` goes on in the new size from a key
 * frame, where codec and container allow it (VP8, VP9 and AV1).
 */
export type WriterSizeChange = 'scale' | 'refuse' | 'reencode';

/** A stream of pictures. */
export interface VideoStreamConfig extends Pick<
  VideoEncoderConfig,
  'hardwareAcceleration' | 'latencyMode' | 'scalabilityMode'
> {
  /** A codec of mediabunny's names (`'avc'`, `'vp9'`), or a codec string of WebCodecs (`'vp09.00.31.08'`). */
  readonly codec: VideoCodec | (string & {});
  /** Width of the stored picture in pixels, before rotation. */
  readonly width: number;
  /** Height of the stored picture in pixels, before rotation. */
  readonly height: number;
  /** Width at which the stored picture is shown, where pixels are not square. */
  readonly displayWidth?: number;
  /** Height at which the stored picture is shown, where pixels are not square. */
  readonly displayHeight?: number;
  /** Whether the rate may vary with the picture (default) or not. */
  readonly bitrateMode?: 'variable' | 'constant';
  /** What the pictures show, as a hint for the encoder. */
  readonly contentHint?: string;
  /** Bits a second; by default what suits the size. */
  readonly bitrate?: number;
  /** Pictures a second, where that is known: a hint for the encoder. */
  readonly framerate?: number;
  /** Microseconds between key frames at most. 2,000,000 by default; `Infinity` leaves it to the encoder. */
  readonly keyFrameInterval?: number;
  /** By how many degrees clockwise players are to turn the stored picture. 0 by default. */
  readonly rotation?: 0 | 90 | 180 | 270;
  /** Whether players must mirror the stored picture left to right, after the rotation. False by default. */
  readonly flip?: boolean;
  /** What becomes of pictures of another size. */
  readonly sizeChange?: WriterSizeChange;
  /** What `allocateSample()` lends: canvases (default), or memory of this format. */
  readonly sample?: 'canvas' | MemoryFormat;
  /** `'samples'` (default) are encoded here; `'chunks'` were encoded elsewhere and come by `writeChunk()`. */
  readonly input?: 'samples' | 'chunks';
  /** What else mediabunny is to note of the track: name, language, disposition, `maximumPacketCount`, … */
  readonly metadata?: Omit<VideoTrackMetadata, 'rotation' | 'flip'>;
}

/** A stream of sound. */
export interface AudioStreamConfig {
  /** A codec of mediabunny's names (`'opus'`, `'aac'`), or a codec string of WebCodecs (`'mp4a.40.2'`). */
  readonly codec: AudioCodec | (string & {});
  /** Number of channels of every sample. */
  readonly numberOfChannels: number;
  /** Samples a second, of every sample. */
  readonly sampleRate: number;
  /** Bits a second; 64,000 for each channel by default. */
  readonly bitrate?: number;
  /** `'samples'` (default) are encoded here; `'chunks'` were encoded elsewhere and come by `writeChunk()`. */
  readonly input?: 'samples' | 'chunks';
  /** What else mediabunny is to note of the track: name, language, disposition, `maximumPacketCount`, … */
  readonly metadata?: AudioTrackMetadata;
}

/**
 * When a sample is shown, and how it is encoded. Times are in whole µs: a fraction is cut off toward zero, as `VideoFrame` and
 * `EncodedVideoChunk` do, and as a reader does with the times of a file.
 */
export interface SampleInfo {
  /** When it is shown, in µs; the sample's own time by default. Samples of `allocateSample()` have none. */
  readonly timestamp?: number;
  /** How long it is shown, in µs; the sample's own by default, or else until the next one. */
  readonly duration?: number;
  /** Whether it is encoded as a key frame in any case. */
  readonly keyFrame?: boolean;
}

/** What has become of a stream so far. Counts only grow, but for `queueSize`, `waitingCount` and `lentCount`. */
export interface WriterStatistics {
  /** Samples or chunks that were written to the stream. */
  readonly received: number;
  /** Samples that went into the encoder. */
  readonly submitted: number;
  /** Samples of which the encoder has put everything out. */
  readonly encoded: number;
  /** Samples that the encoder is taken to have dropped: others that came much later are out. */
  readonly dropped: number;
  /** Packets that the muxer has accepted. */
  readonly written: number;
  /** Bytes of those packets. */
  readonly bytes: number;
  /** Samples inside the encoder or on the way to the muxer. */
  readonly queueSize: number;
  /** Samples that were written and wait for the encoder. */
  readonly waitingCount: number;
  /** Samples beyond its bound that the encoder was found to need before it puts anything out. */
  readonly lag: number;
  /** Slots of `allocateSample()` that are out: in the hands of whoever draws, or waiting for the encoder. */
  readonly lentCount: number;
  /** Gaps told by `sendStreamTick()`. */
  readonly ticks: number;
  /** Ends told by `notifyEndOfSegment()`. */
  readonly segments: number;
}
