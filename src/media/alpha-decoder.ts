/** Decoder of transparent video: two decoders of one class, whose frames are merged in pairs. */
import { aborted, encodingError } from '../base/errors.ts';
import { AlphaMerger } from './alpha-merger.ts';
import { isInvisible } from '../bitstream/vpx.ts';
import { AlphaMerges } from './alpha-merges.ts';
import type { AlphaUse } from './alpha-pairs.ts';
import { AlphaPairs } from './alpha-pairs.ts';

/** The alpha of a chunk: a packet of the same codec whose luma is the alpha. */
export interface AlphaData {
  readonly data: Uint8Array;
  /** Whether a decoder can start at it: see `isAlphaKey()`. */
  readonly isKey: boolean;
}

/** Returns the alpha of a chunk; null for a chunk without. */
export type AlphaOf = (chunk: EncodedVideoChunk) => AlphaData | null;

/** Options for merging frames. */
export interface AlphaDecoderOptions {
  /** Whether a frame of this time, in µs, is merged. Others are put out unmerged. By default all are merged. */
  isWanted?(timestamp: number): boolean;
  /** Keeps buffers for later decoders. One for each decoder by default. */
  readonly merger?: AlphaMerger;
}

/** Settings shared by the decoders of a class. */
interface Settings extends AlphaDecoderOptions {
  readonly base: typeof VideoDecoder;
  readonly alphaOf: AlphaOf;
}

/**
 * Creates a decoder class that can replace `base`. Each decoder uses two `base` decoders, one for colour and, from the first
 * chunk with alpha on, one for alpha. It puts out one transparent frame for each pair.
 *
 * Frames are put out unmerged until the first chunk with alpha. From then on every frame has alpha: 255 for chunks without, and
 * for those before the first key frame of the alpha, which no decoder can decode.
 */
export function alphaDecoder(
  base: typeof VideoDecoder,
  alphaOf: AlphaOf,
  options: AlphaDecoderOptions = {},
): typeof VideoDecoder {
  const settings = { ...options, base, alphaOf };
  return class extends AlphaDecoder {
    static isConfigSupported(config: VideoDecoderConfig): Promise<VideoDecoderSupport> {
      return base.isConfigSupported(config);
    }

    constructor(init: VideoDecoderInit) {
      super(init, settings);
    }
  };
}

interface Flush {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 *   chunk ─┬─ colour ─▶ decoder ─▶ frame ─┐
 *          │                              ├─ AlphaPairs ─▶ AlphaMerges ─▶ output
 *          └─ alpha ──▶ decoder ─▶ frame ─┘
 *
 * The pairs own a frame from the callback of its decoder until `take()`, then the merges own it until its merge has ended. The
 * output callback owns the merged frame. `#drop()` closes all of them.
 */
class AlphaDecoder extends EventTarget implements VideoDecoder {
  ondequeue: ((this: VideoDecoder, event: Event) => unknown) | null = null;
  readonly #init: VideoDecoderInit;
  readonly #settings: Settings;
  readonly #colour: VideoDecoder;
  #alpha: VideoDecoder | null = null;
  #config: VideoDecoderConfig | null = null;
  readonly #pairs = new AlphaPairs<VideoFrame>();
  /** Whether a chunk with alpha has arrived. */
  #isTransparent = false;
  /** Whether the alpha decoder got a key frame since it was configured, reset or flushed. */
  #hasAlphaKey = false;
  readonly #merges: AlphaMerges;
  readonly #flushes = new Set<Flush>();
  /** The error of a decoder, until the good frames before it are out. */
  #failure: { readonly error: unknown } | null = null;
  #isClosed = false;

  constructor(init: VideoDecoderInit, settings: Settings) {
    super();
    this.#init = init;
    this.#settings = settings;
    this.#merges = new AlphaMerges(this.#pairs, settings.merger ?? new AlphaMerger(), {
      put: (frame) => this.#put(frame),
      onMerged: () => this.#onDequeue(),
      onMergeError: (error) => this.#end(error),
    });
    this.#colour = this.#open((frame) => {
      this.#pairs.addColour(frame, settings.isWanted?.(frame.timestamp) ?? true);
    });
  }

  get state(): CodecState {
    return this.#failure === null ? this.#colour.state : 'configured';
  }

  /** Chunks that a decoder has not taken, and frames that wait for their merge: a merge counts as decoding. */
  get decodeQueueSize(): number {
    const untaken = Math.max(this.#colour.decodeQueueSize, this.#alpha?.decodeQueueSize ?? 0);
    return untaken + this.#pairs.completeCount + (this.#merges.isBusy ? 1 : 0);
  }

  configure(config: VideoDecoderConfig): void {
    if (this.#failure !== null) return;
    this.#colour.configure(config);
    this.#config = config;
    this.#hasAlphaKey = false;
    this.#alpha?.configure(alphaConfigOf(config));
  }

  decode(chunk: EncodedVideoChunk): void {
    // Chunks after the one that failed are ignored, as in a decoder.
    if (this.#failure !== null) return;
    const alpha = this.#settings.alphaOf(chunk);
    const use = this.#useOf(alpha);
    this.#pairs.add(chunk.timestamp, chunk.type === 'key', use);
    try {
      this.#colour.decode(chunk);
    } catch (error) {
      this.#pairs.removeLast();
      throw error;
    }
    if (alpha === null) return;
    this.#isTransparent = true;
    if (alpha.isKey || this.#hasAlphaKey) this.#decodeAlpha(chunk, alpha);
  }

  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      const flush = { resolve, reject };
      this.#flushes.add(flush);
      void this.#flush(flush);
    });
  }

  reset(): void {
    if (this.#failure === null) {
      this.#colour.reset();
      if (this.#alpha?.state !== 'closed') this.#alpha?.reset();
    }
    this.#hasAlphaKey = false;
    this.#drop();
  }

  close(): void {
    const hasFailed = this.#failure !== null;
    this.#failure = null;
    this.#isClosed = true;
    if (this.#colour.state !== 'closed' || !hasFailed) this.#colour.close();
    closeDecoder(this.#alpha);
    this.#drop();
  }

  #open(add: (frame: VideoFrame) => void): VideoDecoder {
    const decoder = new this.#settings.base({
      output: (frame) => {
        if (this.#isClosed) {
          frame.close();
          return;
        }
        add(frame);
        this.#merges.start();
      },
      error: (error) => this.#onError(error, decoder),
    });
    decoder.ondequeue = () => this.#onDequeue();
    return decoder;
  }

  #useOf(alpha: AlphaData | null): AlphaUse {
    if (alpha === null) return this.#isTransparent ? 'opaque' : 'plain';
    const isDecoded = alpha.isKey || this.#hasAlphaKey;
    return isDecoded && !isInvisible(this.#config?.codec ?? '', alpha.data) ? 'paired' : 'opaque';
  }

  #decodeAlpha({ timestamp, duration }: EncodedVideoChunk, { data, isKey }: AlphaData): void {
    try {
      const decoder = this.#alpha ?? this.#openAlpha();
      const type = isKey ? 'key' : 'delta';
      decoder.decode(
        new EncodedVideoChunk({ type, timestamp, data, ...(duration === null ? {} : { duration }) }),
      );
      this.#hasAlphaKey = true;
    } catch (error) {
      this.#onError(error, this.#alpha);
    }
  }

  #openAlpha(): VideoDecoder {
    this.#alpha = this.#open((frame) => this.#pairs.addAlpha(frame));
    if (this.#config !== null) this.#alpha.configure(alphaConfigOf(this.#config));
    return this.#alpha;
  }

  async #flush(flush: Flush): Promise<void> {
    const number = this.#pairs.lastNumber;
    try {
      const flushed = [this.#colour.flush()];
      if (this.#alpha !== null) flushed.push(this.#alpha.flush());
      this.#hasAlphaKey = false;
      await Promise.all(flushed);
      if (!this.#flushes.has(flush)) return;
      this.#pairs.endThrough(number);
      await this.#merges.finish();
      if (this.#flushes.delete(flush)) flush.resolve();
    } catch (error) {
      // After a failure the good frames come first; then the error ends all flushes.
      if (this.#failure === null && this.#flushes.delete(flush)) flush.reject(error);
    }
  }

  #put(frame: VideoFrame): void {
    try {
      this.#init.output(frame);
    } catch (error) {
      reportError(error);
    }
  }

  #onDequeue(): void {
    const event = new Event('dequeue');
    this.ondequeue?.call(this, event);
    this.dispatchEvent(event);
  }

  #onError(error: unknown, decoder: VideoDecoder | null): void {
    if (this.#failure !== null || this.#isClosed) return;
    this.#failure = { error };
    if (decoder !== this.#alpha || decoder === null) void this.#endAfterAlpha(error);
    else void this.#endAfterMerges(error);
  }

  /** Handles a failure of the colour decoder: its frames that are out wait for their alpha. */
  async #endAfterAlpha(error: unknown): Promise<void> {
    const number = this.#pairs.lastNumber;
    closeDecoder(this.#colour);
    if (this.#pairs.waitingCount > 0 && this.#alpha?.state === 'configured') {
      await this.#alpha.flush().catch(() => {});
      this.#pairs.endThrough(number);
    }
    await this.#endAfterMerges(error);
  }

  async #endAfterMerges(error: unknown): Promise<void> {
    this.#pairs.dropIncomplete();
    this.#merges.start();
    if (this.#merges.isBusy) await this.#merges.finish();
    if (this.#failure?.error === error) this.#end(error);
  }

  #end(cause: unknown): void {
    const error =
      cause instanceof DOMException ? cause : encodingError('the alpha of a frame cannot be merged', cause);
    this.#failure = null;
    this.#isClosed = true;
    closeDecoder(this.#colour);
    closeDecoder(this.#alpha);
    this.#drop(error);
    this.#init.error(error);
  }

  /** Closes every frame in here, and rejects all flushes. */
  #drop(error: unknown = aborted('the decoder was closed or reset')): void {
    this.#merges.drop();
    this.#pairs.clear();
    for (const { reject } of this.#flushes) reject(error);
    this.#flushes.clear();
  }
}

/** Alpha has no colour: a colour space would only change how an engine converts it. */
function alphaConfigOf(config: VideoDecoderConfig): VideoDecoderConfig {
  const alphaConfig = { ...config };
  delete alphaConfig.colorSpace;
  return alphaConfig;
}

function closeDecoder(decoder: VideoDecoder | null): void {
  if (decoder !== null && decoder.state !== 'closed') decoder.close();
}
