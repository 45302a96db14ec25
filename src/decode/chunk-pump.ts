/** Pulls chunks through a decoder as frames are asked for, and opens it again when the browser took it away. */
import { notSupported } from '../errors.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { DecodeFramesOptions } from './decode-frames.ts';
import type { FeedingEvents } from './feeding.ts';
import { Feeding } from './feeding.ts';
import type { FlowOptions } from './flow-options.ts';
import { DecodeFlow } from './flow.ts';
import type { FrameConsumer, FrameProducer } from './frame-producer.ts';

/** What every flow of an iteration has in common. */
export type FlowSettings = Pick<FlowOptions, 'core' | 'config' | 'decoder' | 'starvationMs' | 'holder'>;

/** What a source of this library says beyond what apps can. */
export interface PumpOptions extends DecodeFramesOptions {
  /** Whether the frame of a chunk is not delivered, whatever its time. Called once for each chunk, in decode order. */
  isDecodeOnly?(chunk: EncodedVideoChunk): boolean;
  /**
   * The configuration of a chunk, which must be a key chunk if that is another one than before; null if it is that of the chunk
   * before. Null for the first chunk of `chunks`, and of `restart()`, stands for the configuration of the pump.
   */
  configOf?(chunk: EncodedVideoChunk): VideoDecoderConfig | null;
}

/** A codec that is taken away so often without giving a frame in between is given up. */
const MAX_FRUITLESS_RESTARTS = 3;

/** Chunks in, handles out. */
export class ChunkPump implements FrameProducer {
  readonly #settings: FlowSettings;
  readonly #options: PumpOptions;
  readonly #consumer: FrameConsumer;
  #source: AsyncIterator<EncodedVideoChunk>;
  /** Both null while it is being opened. */
  #flow: DecodeFlow | null = null;
  /** Of the flow. */
  #config: VideoDecoderConfig;
  #feeding: Feeding | null = null;
  #isOpening = false;
  #stopped = false;
  #lag: number;
  #from: number;
  #firstFed: number | null = null;
  #lastOut: number | null = null;
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
    this.#lag = options.lag ?? 0;
    this.#from = typeof options.from === 'number' ? options.from : -Infinity;
    this.#source = chunks[Symbol.asyncIterator]();
  }

  pull(): void {
    if (this.#stopped) return;
    if (this.#consumer.awaited > 0) this.#flow?.watch();
    if (this.#feeding !== null) this.#feeding.go();
    else if (!this.#isOpening) void this.#open();
  }

  rest(): void {
    this.#flow?.stopWaiting();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    const flow = this.#flow;
    this.#flow = null;
    this.#feeding?.stop();
    this.#feeding = null;
    flow?.close();
    this.#dismissSource();
  }

  async #open(): Promise<void> {
    this.#isOpening = true;
    const { decoder, config } = this.#settings;
    const { from } = this.#options;
    try {
      const { supported } = await decoder.isConfigSupported(config);
      if (typeof from === 'function') this.#from = await from();
      if (supported !== true) throw notSupported(`this browser cannot decode "${config.codec}"`);
      if (this.#stopped) return;
      this.#begin();
      this.#feeding?.go();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Begins, or begins anew, with a decoder of its own. */
  #begin(): void {
    const flow = this.#newFlow();
    if (this.#stopped || flow.closed) {
      flow.close();
      return;
    }
    // Kept at once, in the same step as the question whether all has ended: what ends it later must find the decoder.
    this.#flow = flow;
    this.#feeding = new Feeding(flow, this.#source, this.#feedingEvents);
  }

  get #feedingEvents(): FeedingEvents {
    return {
      isAwaited: () => this.#consumer.awaited > 0,
      read: (chunk) => this.#onChunk(chunk),
      finished: () => this.#finish(),
      // What its flow says of itself has come before; a feeding that was replaced says nothing.
      failed: (error) => this.#onError(error, false),
    };
  }

  /** Returns the configuration that begins with a chunk; null if the one before goes on. */
  #onChunk(chunk: EncodedVideoChunk): VideoDecoderConfig | null {
    this.#firstFed ??= chunk.timestamp;
    const config = this.#options.configOf?.(chunk) ?? this.#config;
    if (config === this.#config) return null;
    this.#config = config;
    return config;
  }

  #newFlow(): DecodeFlow {
    this.#config = this.#settings.config;
    return new DecodeFlow({
      ...this.#settings,
      lag: this.#lag,
      from: this.#from,
      to: this.#options.to ?? Infinity,
      deliveredThrough: this.#lastOut,
      isDecodeOnly: (chunk) => this.#options.isDecodeOnly?.(chunk) === true,
      past: () => this.#finish(),
      output: (handle) => this.#onFrame(handle),
      error: (error, reclaimed) => this.#onError(error, reclaimed),
      isAwaited: () => this.#consumer.awaited > 0,
      mayKeep: true,
      isForgettable: true,
    });
  }

  #onFrame(handle: FrameHandle<DecodedStorage>): void {
    this.#lastOut = handle.timestamp;
    this.#fruitless = 0;
    this.#consumer.take(handle);
    // Last, for it calls the app, which may throw.
    this.#noteLag();
  }

  #noteLag(): void {
    const lag = this.#flow?.lag ?? this.#lag;
    if (lag === this.#lag) return;
    this.#lag = lag;
    this.#options.onLag?.(lag);
  }

  #onError(error: unknown, reclaimed: boolean): void {
    if (this.#stopped) return;
    const { restart } = this.#options;
    if (!reclaimed || restart === undefined || this.#fruitless >= MAX_FRUITLESS_RESTARTS) {
      this.#fail(error);
      return;
    }
    this.#fruitless++;
    this.#feeding?.stop();
    this.#dismissSource();
    try {
      this.#source = restart(this.#lastOut ?? this.#firstFed ?? this.#from)[Symbol.asyncIterator]();
      if (this.#stopped) {
        this.#dismissSource();
        return;
      }
      this.#begin();
      if (this.#consumer.awaited > 0) this.pull();
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #finish(): void {
    if (this.#stopped) return;
    this.stop();
    this.#consumer.finish();
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#consumer.fail(error);
  }

  /** Tells the source that nothing more is wanted; it may be busy, so nobody waits for it. */
  #dismissSource(): void {
    const source = this.#source;
    const dismiss = async (): Promise<void> => void (await source.return?.());
    dismiss().catch(() => {});
  }
}
