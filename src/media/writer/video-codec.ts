/** A video encoder behind an encoder queue: key frames, sizes, and what it says of its configuration. */
import { aborted } from '../../errors.ts';
import { isSideways, orientationOf } from '../../storage/orientation.ts';
import type { WriterSizeChange } from './options.ts';
import type { Codec, Job } from './encoder-queue.ts';
import type { StreamShape } from './fit.ts';
import { Fitter, standsAsStored, storedSize, withoutOrientation } from './fit.ts';

/** How a stream's pictures are encoded, and who is told. */
export interface VideoCodecOptions {
  readonly encoder: typeof VideoEncoder;
  readonly config: VideoEncoderConfig;
  readonly rotation: 0 | 90 | 180 | 270;
  /** Whether the stream's display size was asked for, rather than left to the first sample. */
  readonly hasDisplaySize: boolean;
  readonly sizeChange: WriterSizeChange;
  /** µs. */
  readonly keyFrameInterval: number;
  onChunk(chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata | undefined): void;
  onEvent(): void;
  onError(error: unknown): void;
  onFormatChange(config: VideoEncoderConfig): void;
}

/** The encoder of one stream. */
export class VideoCodec implements Codec<VideoFrame> {
  readonly #options: VideoCodecOptions;
  readonly #fitter = new Fitter();
  #encoder: VideoEncoder | null = null;
  #closed = false;
  #inside = 0;
  #shape: StreamShape;
  #hasFirst = false;
  /** Which interval between key frames the last picture was in. */
  #period = NaN;
  #wantsKey = true;
  #firstColors: VideoColorSpaceInit | null = null;
  /** The configuration in effect. */
  config: VideoEncoderConfig;

  constructor(options: VideoCodecOptions) {
    this.#options = options;
    this.config = options.config;
    const { width, height, displayWidth = width, displayHeight = height } = options.config;
    this.#shape = { width, height, displayWidth, displayHeight, rotation: options.rotation };
    this.#open();
  }

  get encodeQueueSize(): number {
    return this.#encoder?.encodeQueueSize ?? 0;
  }

  /** The next picture begins anew: nothing after it needs what is before. */
  beginSegment(): void {
    this.#wantsKey = true;
  }

  /** Whether a picture would have to be drawn, or the stream changed, to be encoded. */
  fits(frame: VideoFrame): boolean {
    const { width, height } = storedSize(frame);
    const shape = this.#shape;
    return (
      width === shape.width &&
      height === shape.height &&
      standsAsStored(frame, shape) &&
      (!this.#hasShape || hasAspectOf(frame, shape))
    );
  }

  /** @throws `RangeError` for a picture that does not fit. */
  requireFit(frame: VideoFrame): void {
    if (this.fits(frame)) return;
    const { width, height } = storedSize(frame);
    throw new RangeError(
      `writeSample(): the stream's pictures are ${this.#shape.width} × ${this.#shape.height}, ` +
        `shown as ${this.#shape.displayWidth} × ${this.#shape.displayHeight} and turned by ${this.#shape.rotation}°; ` +
        `got ${width} × ${height}, shown as ${frame.displayWidth} × ${frame.displayHeight} and turned by ${orientationOf(frame).rotation}°`,
    );
  }

  encode({ data, timestamp, keyFrame }: Job<VideoFrame>): number {
    this.#learn(data);
    if (!this.fits(data) && this.#options.sizeChange === 'reencode') this.#reconfigure(data);
    const encoder = this.#encoder ?? this.#open();
    // By the clock of the file, and not from the last one: streams that have key frames together can be cut together.
    const period = Math.floor(timestamp / this.#options.keyFrameInterval);
    const key = keyFrame || this.#wantsKey || period !== this.#period;
    const picture = this.fits(data) ? withoutOrientation(data) : this.#fitter.fit(data, this.#shape);
    try {
      encoder.encode(picture, { keyFrame: key });
    } finally {
      if (picture !== data) picture.close();
    }
    this.#inside++;
    this.#wantsKey = false;
    this.#period = period;
    return timestamp;
  }

  async flush(): Promise<void> {
    await this.#encoder?.flush();
  }

  reset(): void {
    const encoder = this.#encoder;
    this.#inside = 0;
    this.#wantsKey = true;
    if (encoder === null || encoder.state === 'closed') return;
    encoder.reset();
    encoder.configure(this.config);
  }

  close(): void {
    this.#closed = true;
    if (this.#encoder !== null && this.#encoder.state !== 'closed') this.#encoder.close();
    this.#encoder = null;
  }

  get #hasShape(): boolean {
    return this.#hasFirst || this.#options.hasDisplaySize;
  }

  /** The first sample says how the stream is shown, where nobody else did, and what its colours are. */
  #learn(frame: VideoFrame): void {
    if (this.#hasFirst) return;
    if (!this.#options.hasDisplaySize && this.fits(frame)) {
      const [displayWidth, displayHeight] = shownAsStored(frame);
      this.#shape = { ...this.#shape, displayWidth, displayHeight };
    }
    this.#hasFirst = true;
    this.#firstColors = frame.colorSpace.toJSON();
  }

  #open(): VideoEncoder {
    if (this.#closed) throw aborted('the encoder is closed');
    const encoder = new this.#options.encoder({
      output: (chunk, metadata) => this.#onChunk(encoder, chunk, metadata),
      error: (error) => this.#onError(encoder, error),
    });
    encoder.ondequeue = () => this.#options.onEvent();
    encoder.configure(this.config);
    this.#encoder = encoder;
    this.#inside = 0;
    this.#wantsKey = true;
    return encoder;
  }

  #onChunk(encoder: VideoEncoder, chunk: EncodedVideoChunk, metadata?: EncodedVideoChunkMetadata): void {
    if (encoder !== this.#encoder) return;
    this.#inside--;
    this.#options.onChunk(chunk, this.#completed(metadata));
  }

  /** Browsers take idle encoders away in hidden tabs: another one goes on where nothing was lost with it. */
  #onError(encoder: VideoEncoder, error: DOMException): void {
    if (encoder !== this.#encoder) return;
    this.#encoder = null;
    if (error.name === 'QuotaExceededError' && this.#inside <= 0) return;
    this.#options.onError(error);
  }

  #reconfigure(frame: VideoFrame): void {
    const { width, height } = storedSize(frame);
    const [displayWidth, displayHeight] = shownAsStored(frame);
    this.#shape = { ...this.#shape, width, height, displayWidth, displayHeight };
    this.config = { ...this.config, width, height, displayWidth, displayHeight };
    this.#encoder?.configure(this.config);
    this.#wantsKey = true;
    this.#options.onFormatChange(this.config);
  }

  /** What the file is told, with what engines leave out: how large the picture is shown, and in which colours. */
  #completed(metadata: EncodedVideoChunkMetadata | undefined): EncodedVideoChunkMetadata | undefined {
    const decoderConfig = metadata?.decoderConfig;
    if (decoderConfig === undefined) return metadata;
    const { width, height, displayWidth, displayHeight } = this.#shape;
    const colorSpace = hasColors(decoderConfig.colorSpace) ? decoderConfig.colorSpace : this.#firstColors;
    return {
      ...metadata,
      decoderConfig: {
        ...decoderConfig,
        codedWidth: width,
        codedHeight: height,
        displayAspectWidth: displayWidth,
        displayAspectHeight: displayHeight,
        ...(hasColors(colorSpace) ? { colorSpace } : {}),
      },
    };
  }
}

const hasColors = (colors: VideoColorSpaceInit | null | undefined): colors is VideoColorSpaceInit =>
  typeof colors?.primaries === 'string' &&
  typeof colors.transfer === 'string' &&
  typeof colors.matrix === 'string' &&
  typeof colors.fullRange === 'boolean';

/**
 * Whether a frame of the stream's stored size has pixels of the stream's shape. Square ones say nothing: pictures that are
 * drawn into what is stored have them.
 */
function hasAspectOf(frame: VideoFrame, { displayWidth, displayHeight }: StreamShape): boolean {
  const [across, down] = shownAsStored(frame);
  const { width, height } = storedSize(frame);
  if (across === width && down === height) return true;
  // Display sizes are rounded to whole pixels: within one they are the same.
  return Math.abs(across * displayHeight - down * displayWidth) <= Math.max(displayWidth, displayHeight);
}

/** The display size before the turn. */
function shownAsStored(frame: VideoFrame): [width: number, height: number] {
  const { displayWidth, displayHeight } = frame;
  return isSideways(orientationOf(frame)) ? [displayHeight, displayWidth] : [displayWidth, displayHeight];
}
