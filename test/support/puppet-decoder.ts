/** A decoder that does what a test tells it to, each thing at a moment of the test's choice, and decodes nothing. */
import { colourFrame } from './frames.ts';

/** The decoder under somebody's hand. */
export class PuppetDecoder {
  /** The one that was made last. */
  static newest: PuppetDecoder | null = null;

  static isConfigSupported(config: VideoDecoderConfig): Promise<VideoDecoderSupport> {
    return Promise.resolve({ supported: true, config });
  }

  /** As the class that is asked for: what nobody uses of a `VideoDecoder` is left out. */
  static get type(): typeof VideoDecoder {
    return PuppetDecoder as unknown as typeof VideoDecoder;
  }

  ondequeue: ((event: Event) => void) | null = null;
  state: CodecState = 'unconfigured';
  /** Chunks that it was given and has not taken. */
  decodeQueueSize = 0;
  readonly #init: VideoDecoderInit;
  #flushed: (() => void)[] = [];

  constructor(init: VideoDecoderInit) {
    this.#init = init;
    PuppetDecoder.newest = this;
  }

  configure(): void {
    this.state = 'configured';
  }

  decode(): void {
    this.decodeQueueSize++;
  }

  flush(): Promise<void> {
    return new Promise((resolve) => this.#flushed.push(resolve));
  }

  reset(): void {
    this.state = 'unconfigured';
    this.decodeQueueSize = 0;
  }

  close(): void {
    this.state = 'closed';
  }

  /** Takes a chunk out of its queue, and tells. */
  takeChunk(): void {
    this.decodeQueueSize--;
    this.ondequeue?.(new Event('dequeue'));
  }

  /** Puts a frame out. */
  put(timestamp: number): void {
    this.#init.output(colourFrame([0, 0, 0], { timestamp }));
  }

  /** Ends the flushes. */
  endFlush(): void {
    for (const resolve of this.#flushed.splice(0)) resolve();
  }

  fail(error: DOMException): void {
    this.state = 'closed';
    this.#init.error(error);
  }
}
