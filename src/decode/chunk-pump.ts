/** Frame producer that decodes chunks on demand, and opens another decoder after the browser has reclaimed the codec. */
import { notSupported } from '../base/errors.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { DecodeFramesOptions } from './decode-frames.ts';
import type { FeedingEvents } from './feeding.ts';
import { Feeding } from './feeding.ts';
import type { FlowOptions } from './flow-options.ts';
import { DecodeFlow } from './flow.ts';
import type { FrameConsumer, FrameProducer } from './frame-producer.ts';
import type { Resume } from './resume.ts';

/** Settings that all flows of an iteration share. */
export type FlowSettings = Pick<FlowOptions, 'core' | 'config' | 'decoder' | 'starvationMs' | 'holder'>;

/** Options that only the sources of this library set, in addition to those of apps. */
export interface PumpOptions extends DecodeFramesOptions {
  /** Whether the frame of a chunk is dropped regardless of its time. Called once for each chunk, in decode order. */
  isDecodeOnly?(chunk: EncodedVideoChunk): boolean;
  /**
   * Returns the configuration of a chunk, or null if it equals that of the previous chunk. A chunk with another configuration
   * must be a key chunk. For the first chunk of `chunks` and of `restart()`, null means the configuration of the pump.
   */
  configOf?(chunk: EncodedVideoChunk): VideoDecoderConfig | null;
}

/**
 * The pump fails when the codec is reclaimed more often than this in a row, each time without a frame from the chunks it
 * received.
 */
const MAX_FRUITLESS_RESTARTS = 3;

/**
 *   new ──pull()──▶ opening ──▶ running ──reclaimed──▶ reclaimed ──a frame is awaited──▶ opening
 *
 * `stop()` ends a pump in any state. A reclaimed pump holds no decoder and reads no chunk.
 */
type State = 'new' | 'opening' | 'running' | 'reclaimed' | 'stopped';

/** Decodes chunks into frame handles. */
export class ChunkPump implements FrameProducer {
  readonly #settings: FlowSettings;
  readonly #options: PumpOptions;
  readonly #consumer: FrameConsumer;
  #source: AsyncIterator<EncodedVideoChunk>;
  #state: State = 'new';
  /** Both are null unless the pump is running. */
  #flow: DecodeFlow | null = null;
  #feeding: Feeding | null = null;
  /** Configuration of the current flow. */
  #config: VideoDecoderConfig;
  #decoderDelay: number;
  #from: number;
  #firstRead: number | null = null;
  #lastOut: number | null = null;
  /** State that the last decoder left. Null before the first decoder ends. */
  #resume: Resume | null = null;
  #fruitless = 0;

  constructor(
    chunks: AsyncIterable<EncodedVideoChunk>,
    settings: FlowSettings,
    options: PumpOptions,
    consumer: FrameConsumer,
  ) {
    this.#settings = settings;
    this.#options = options;
    this.#config = settings.config;
    this.#consumer = consumer;
    this.#decoderDelay = options.decoderDelay ?? 0;
    this.#from = typeof options.from === 'number' ? options.from : -Infinity;
    this.#source = chunks[Symbol.asyncIterator]();
  }

  pull(): void {
    const isAwaited = this.#consumer.awaited > 0;
    if (this.#state === 'new') void this.#open();
    else if (this.#state === 'reclaimed' && isAwaited) this.#restart();
    if (isAwaited) this.#flow?.watch();
    this.#feeding?.go();
  }

  rest(): void {
    this.#flow?.stopWaiting();
  }

  stop(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    const flow = this.#flow;
    this.#flow = null;
    this.#feeding?.stop();
    this.#feeding = null;
    flow?.close();
    this.#dismissSource();
  }

  async #open(): Promise<void> {
    this.#state = 'opening';
    const { decoder, config } = this.#settings;
    const { from } = this.#options;
    try {
      const { supported } = await decoder.isConfigSupported(config);
      if (typeof from === 'function') this.#from = await from();
      if (supported !== true) throw notSupported(`this browser cannot decode "${config.codec}"`);
      this.#begin(this.#source);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Continues with a new decoder. */
  #begin(source: AsyncIterator<EncodedVideoChunk>): void {
    // The iteration may have ended during the wait. It may also end, or lose the decoder, within the decoder's constructor.
    if (this.#state !== 'opening') return;
    const flow = this.#newFlow();
    if (this.#state !== 'opening' || flow.closed) {
      flow.close();
      return;
    }
    this.#state = 'running';
    this.#flow = flow;
    this.#feeding = new Feeding(flow, source, this.#feedingEvents);
    this.#feeding.go();
  }

  get #feedingEvents(): FeedingEvents {
    return {
      isAwaited: () => this.#consumer.awaited > 0,
      read: (chunk) => this.#onChunk(chunk),
      finished: () => this.#finish(),
      // The flow reports its own error first. A replaced feeding reports nothing.
      failed: (error) => this.#onError(error, null),
    };
  }

  /** Returns the configuration that begins with a chunk. Null if the previous one continues. */
  #onChunk(chunk: EncodedVideoChunk): VideoDecoderConfig | null {
    this.#firstRead ??= chunk.timestamp;
    const config = this.#options.configOf?.(chunk) ?? this.#config;
    if (config === this.#config) return null;
    this.#config = config;
    return config;
  }

  #newFlow(): DecodeFlow {
    this.#config = this.#settings.config;
    return new DecodeFlow({
      ...this.#settings,
      decoderDelay: this.#decoderDelay,
      from: this.#from,
      to: this.#options.to ?? Infinity,
      resume: this.#resume,
      deliveredThrough: this.#lastOut,
      isDecodeOnly: (chunk) => this.#options.isDecodeOnly?.(chunk) === true,
      past: () => this.#finish(),
      output: (handle) => this.#onFrame(handle),
      error: (error, resume) => this.#onError(error, resume),
      isAwaited: () => this.#consumer.awaited > 0,
      isForgettable: true,
    });
  }

  #onFrame(handle: FrameHandle<DecodedStorage>): void {
    this.#lastOut = handle.timestamp;
    this.#fruitless = 0;
    this.#consumer.take(handle);
    // Must be last, because it calls the app, which may throw.
    this.#noteDelay();
  }

  #noteDelay(): void {
    const decoderDelay = this.#flow?.decoderDelay ?? this.#decoderDelay;
    if (decoderDelay === this.#decoderDelay) return;
    this.#decoderDelay = decoderDelay;
    this.#options.onDecoderDelay?.(decoderDelay);
  }

  #onError(error: unknown, resume: Resume | null): void {
    if (this.#state === 'stopped') return;
    const isAwaited = this.#consumer.awaited > 0;
    // Browsers reclaim idle codecs. So a decoder without input does not count, unless it was lost in its constructor.
    if (isAwaited && this.#flow?.wasFed !== false) this.#fruitless++;
    if (resume === null || this.#options.restart === undefined || this.#fruitless > MAX_FRUITLESS_RESTARTS) {
      this.#fail(error);
      return;
    }
    this.#resume = resume;
    this.#flow = null;
    this.#feeding?.stop();
    this.#feeding = null;
    this.#dismissSource();
    this.#state = 'reclaimed';
    if (isAwaited) this.#restart();
  }

  #restart(): void {
    const { restart } = this.#options;
    if (restart === undefined) return;
    this.#state = 'opening';
    try {
      const timestamp = this.#lastOut ?? this.#firstRead ?? this.#from;
      const point = this.#resume?.point ?? { chunk: null, index: 0 };
      const source = restart(timestamp, point)[Symbol.asyncIterator]();
      this.#source = source;
      if (this.#state !== 'opening') this.#dismissSource();
      else void this.#reopen(source);
    } catch (cause) {
      this.#fail(cause);
    }
  }

  /**
   * Opens a decoder only when a chunk is available. If the source is silent, an idle codec would be reclaimed again and again.
   */
  async #reopen(source: AsyncIterator<EncodedVideoChunk>): Promise<void> {
    try {
      const first = await source.next();
      this.#begin(beginningWith(first, source));
    } catch (error) {
      this.#fail(error);
    }
  }

  #finish(): void {
    if (this.#state === 'stopped') return;
    this.stop();
    this.#consumer.finish();
  }

  #fail(error: unknown): void {
    if (this.#state === 'stopped') return;
    this.stop();
    this.#consumer.fail(error);
  }

  /** Calls `return()` of the source. The result is not awaited, because the source may be busy. */
  #dismissSource(): void {
    const source = this.#source;
    const dismiss = async (): Promise<void> => void (await source.return?.());
    dismiss().catch(() => {});
  }
}

/** Returns an iterator whose first result was already read. */
function beginningWith(
  first: IteratorResult<EncodedVideoChunk>,
  rest: AsyncIterator<EncodedVideoChunk>,
): AsyncIterator<EncodedVideoChunk> {
  let read: IteratorResult<EncodedVideoChunk> | null = first;
  return {
    next() {
      if (read === null) return rest.next();
      const result = read;
      read = null;
      return Promise.resolve(result);
    },
  };
}
