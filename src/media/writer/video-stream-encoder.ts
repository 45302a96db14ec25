/** Video encoder behind an encoder queue: decides on key frames, and fits pictures to the stream. */
import { aborted } from '../../base/errors.ts';
import type { Orientation } from '../../storage/orientation.ts';
import type { Colours } from './colours.ts';
import { areCompatible, areComplete } from './colours.ts';
import type { StreamEncoder, EncodeJob } from './encoder-queue.ts';
import type { StoredSize, StreamShape } from './fit.ts';
import { Fitter, hasAspectOf, shownAsStored, standsAsStored, storedSize, withoutOrientation } from './fit.ts';
import type { WriterSizeChange } from './options.ts';

/** Configuration and callbacks of a stream's video encoder. */
export interface VideoStreamEncoderOptions {
  readonly encoder: typeof VideoEncoder;
  readonly config: VideoEncoderConfig;
  /** Orientation that players apply to the stored picture. */
  readonly orientation: Orientation;
  /** Whether the app set the stream's display size, instead of leaving it to the first sample. */
  readonly hasDisplaySize: boolean;
  readonly sizeChange: WriterSizeChange;
  /** In µs. */
  readonly keyFrameInterval: number;
  /** The configuration for pictures of another size. */
  configOf(width: number, height: number): VideoEncoderConfig;
  /** The error for a size that the encoder refuses; null if it accepts the size. */
  refusalOf(size: StoredSize): Promise<DOMException | null>;
  onChunk(chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata | undefined): void;
  /** Whether all input has come out, or was given up. */
  isIdle(): boolean;
  onError(error: unknown): void;
  onFormatChange(config: VideoEncoderConfig): void;
}

/** Video encoder of one stream. */
export class VideoStreamEncoder implements StreamEncoder<VideoFrame> {
  readonly #options: VideoStreamEncoderOptions;
  readonly #fitter = new Fitter();
  #encoder: VideoEncoder | null = null;
  #isClosed = false;
  #shape: StreamShape;
  /** Colour space in which the pictures are encoded and that the file declares; null before the first. */
  #colours: Colours | null = null;
  /** Shapes of the pictures inside the encoder, each with the first time that has it. */
  #shapes: { readonly from: number; readonly shape: StreamShape }[] = [];
  /** Key frame interval that contains the last picture. */
  #period = NaN;
  #needsKey = true;
  /** The changed size that the encoder most recently reported as supported. */
  #checked: StoredSize | null = null;
  /** The configuration in effect. */
  config: VideoEncoderConfig;

  constructor(options: VideoStreamEncoderOptions) {
    this.#options = options;
    this.config = options.config;
    const { width, height, displayWidth = width, displayHeight = height } = options.config;
    this.#shape = { width, height, displayWidth, displayHeight, ...options.orientation };
    this.#open();
  }

  get encodeQueueSize(): number {
    return this.#encoder?.encodeQueueSize ?? 0;
  }

  /** @throws `RangeError` for a picture that would have to be scaled. */
  requireFit(frame: VideoFrame): void {
    if (this.#isOfSize(frame) && this.#isAlike(frame)) return;
    const { width, height, displayWidth, displayHeight, rotation, flip } = this.#shape;
    const size = storedSize(frame);
    const [across, down] = shownAsStored(frame);
    throw new RangeError(
      `writeSample(): the stream's pictures are ${width} × ${height}, shown as ${displayWidth} × ${displayHeight}, ` +
        `rotated by ${rotation}°${flip ? ' and mirrored' : ''}, ${textOf(this.#colours)}; got ${size.width} × ${size.height}, shown as ` +
        `${across} × ${down}, ${textOf(frame.colorSpace)}`,
    );
  }

  /** WebKitGTK 2.50 loses the samples inside an encoder that is reconfigured, and a new size needs a key frame in any case. */
  mustDrain({ data }: EncodeJob<VideoFrame>): boolean {
    if (!this.#changesSize(data)) return false;
    const { width, height } = storedSize(data);
    const isChecked = this.#checked?.width === width && this.#checked.height === height;
    return !isChecked || !this.#options.isIdle();
  }

  async requireTakes({ data }: EncodeJob<VideoFrame>): Promise<void> {
    if (!this.#changesSize(data)) return;
    const size = storedSize(data);
    const refusal = await this.#options.refusalOf(size);
    if (refusal !== null) throw refusal;
    this.#checked = size;
  }

  encode({ data, timestamp, keyFrame }: EncodeJob<VideoFrame>): number {
    if (this.#colours === null) this.#takeShapeFrom(data);
    if (this.#changesSize(data)) this.#reconfigure(data);
    const encoder = this.#encoder ?? this.#open();
    const period = Math.floor(timestamp / this.#options.keyFrameInterval);
    // Counted by the timeline of the file instead of from the last key frame: streams whose key frames coincide can be cut
    // together.
    const key = keyFrame || this.#needsKey || period !== this.#period;
    const picture = this.#fitted(data);
    try {
      this.#colours ??= picture.colorSpace.toJSON();
      encoder.encode(picture, { keyFrame: key });
    } finally {
      if (picture !== data) picture.close();
    }
    if (this.#shapes.at(-1)?.shape !== this.#shape)
      this.#shapes.push({ from: timestamp, shape: this.#shape });
    this.#needsKey = false;
    this.#period = period;
    return timestamp;
  }

  async flush(): Promise<void> {
    await this.#encoder?.flush();
  }

  reset(): void {
    const encoder = this.#encoder;
    this.#needsKey = true;
    if (encoder === null || encoder.state === 'closed') return;
    encoder.reset();
    encoder.configure(this.config);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#encoder !== null && this.#encoder.state !== 'closed') this.#encoder.close();
    this.#encoder = null;
  }

  #changesSize(frame: VideoFrame): boolean {
    return (
      this.#options.sizeChange === 'reconfigure' &&
      !this.#isOfSize(frame) &&
      standsAsStored(frame, this.#shape)
    );
  }

  #isOfSize(frame: VideoFrame): boolean {
    const { width, height } = storedSize(frame);
    const isKnown = this.#colours !== null || this.#options.hasDisplaySize;
    return (
      width === this.#shape.width &&
      height === this.#shape.height &&
      (!isKnown || hasAspectOf(frame, this.#shape))
    );
  }

  /** Whether a frame has the orientation and colours of the stream's pictures. */
  #isAlike(frame: VideoFrame): boolean {
    if (!standsAsStored(frame, this.#shape)) return false;
    return this.#colours === null || areCompatible(this.#colours, frame.colorSpace);
  }

  #fitted(frame: VideoFrame): VideoFrame {
    if (this.#isOfSize(frame) && this.#isAlike(frame)) return withoutOrientation(frame);
    return this.#fitter.fit(frame, this.#shape, this.#colours);
  }

  /** Takes the display size from the first sample, unless the app set it. */
  #takeShapeFrom(frame: VideoFrame): void {
    if (this.#options.hasDisplaySize || !this.#isOfSize(frame) || !this.#isAlike(frame)) return;
    const [displayWidth, displayHeight] = shownAsStored(frame);
    this.#shape = { ...this.#shape, displayWidth, displayHeight };
  }

  #open(): VideoEncoder {
    if (this.#isClosed) throw aborted('the encoder is closed');
    const encoder = new this.#options.encoder({
      output: (chunk, metadata) => {
        if (encoder === this.#encoder) this.#options.onChunk(chunk, this.#completeMetadata(chunk, metadata));
      },
      error: (error) => this.#onError(encoder, error),
    });
    try {
      encoder.configure(this.config);
    } catch (error) {
      encoder.close();
      throw error;
    }
    this.#encoder = encoder;
    this.#needsKey = true;
    return encoder;
  }

  /** Browsers reclaim idle encoders in hidden tabs. A new encoder continues if no sample was lost with the old one. */
  #onError(encoder: VideoEncoder, error: DOMException): void {
    if (encoder !== this.#encoder) return;
    this.#encoder = null;
    if (error.name === 'QuotaExceededError' && this.#options.isIdle()) return;
    this.#options.onError(error);
  }

  #reconfigure(frame: VideoFrame): void {
    const { width, height } = storedSize(frame);
    const [displayWidth, displayHeight] = shownAsStored(frame);
    this.#shape = { ...this.#shape, width, height, displayWidth, displayHeight };
    this.config = { ...this.#options.configOf(width, height), displayWidth, displayHeight };
    this.#encoder?.configure(this.config);
    this.#needsKey = true;
    this.#options.onFormatChange({ ...this.config });
  }

  /** Completes the metadata for the file with what engines leave out: display size and colours. */
  #completeMetadata(
    { timestamp }: EncodedVideoChunk,
    metadata: EncodedVideoChunkMetadata | undefined,
  ): EncodedVideoChunkMetadata | undefined {
    const decoderConfig = metadata?.decoderConfig;
    if (decoderConfig === undefined) return metadata;
    while ((this.#shapes[1]?.from ?? Infinity) <= timestamp) this.#shapes.shift();
    const { width, height, displayWidth, displayHeight } = this.#shapes[0]?.shape ?? this.#shape;
    const colorSpace = areComplete(decoderConfig.colorSpace) ? decoderConfig.colorSpace : this.#colours;
    return {
      ...metadata,
      decoderConfig: {
        ...decoderConfig,
        codedWidth: width,
        codedHeight: height,
        displayAspectWidth: displayWidth,
        displayAspectHeight: displayHeight,
        ...(areComplete(colorSpace) ? { colorSpace } : {}),
      },
    };
  }
}

const textOf = (colours: Colours | null): string =>
  colours === null
    ? 'of any colours'
    : `in ${colours.matrix ?? 'unknown'}${colours.fullRange === true ? ', full range' : ''}`;
