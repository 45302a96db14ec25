/** A decoder that gives blank pictures within `decode()`. */
/** The part of a `VideoDecoder` that `LimitedVideoDecoder` works with. */
export type InnerDecoder = Pick<
  VideoDecoder,
  'state' | 'decodeQueueSize' | 'ondequeue' | 'configure' | 'decode' | 'flush' | 'reset' | 'close'
>;

/** Width and height of the pictures in pixels, if the configuration does not say them. */
const SIZE = 16;

/** Each chunk gives a black picture of its time at once, in decode order. */
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
