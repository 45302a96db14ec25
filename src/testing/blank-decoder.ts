/** Decoder that puts out blank pictures within `decode()`. */
/** The part of a `VideoDecoder` that `LimitedVideoDecoder` uses. */
export type InnerDecoder = Pick<
  VideoDecoder,
  'state' | 'decodeQueueSize' | 'ondequeue' | 'configure' | 'decode' | 'flush' | 'reset' | 'close'
>;

/** Width and height of the pictures in pixels if the configuration does not specify them. */
const SIZE = 16;

/** Puts out a black picture with the time of each chunk, at once and in decode order. */
export class BlankDecoder implements InnerDecoder {
  ondequeue: VideoDecoder['ondequeue'] = null;
  readonly decodeQueueSize = 0;
  state: CodecState = 'unconfigured';
  readonly #output: (frame: VideoFrame) => void;
  #config: VideoDecoderConfig | null = null;

  constructor(output: (frame: VideoFrame) => void) {
    this.#output = output;
  }

  configure(config: VideoDecoderConfig): void {
    if (typeof config?.codec !== 'string' || config.codec === '')
      throw new TypeError(`configure(): codec must be a string that names a codec, got ${config?.codec}`);
    this.state = 'configured';
    this.#config = config;
  }

  decode({ timestamp, duration }: EncodedVideoChunk): void {
    const { codedWidth = SIZE, codedHeight = SIZE } = this.#config ?? {};
    const frame = new VideoFrame(new Uint8Array(codedWidth * codedHeight * 4), {
      format: 'RGBX',
      codedWidth,
      codedHeight,
      timestamp,
      ...(duration !== null && { duration }),
    });
    this.#output(frame);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  reset(): void {
    this.state = 'unconfigured';
  }

  close(): void {
    this.state = 'closed';
  }
}
