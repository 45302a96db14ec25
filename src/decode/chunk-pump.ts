/** Pulls chunks through a decoder as frames are asked for, and opens it again when the browser took it away. */
import { notSupported } from '../errors.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import type { DecodeFramesOptions } from './decode-frames.ts';
import type { FlowOptions } from './flow-options.ts';
import { DecodeFlow } from './flow.ts';
import type { FrameConsumer, FrameProducer } from './frame-producer.ts';

/** What every flow of an iteration has in common. */
export type FlowSettings = Pick<FlowOptions, 'core' | 'config' | 'decoder' | 'starvationMs' | 'holder'>;

/** A codec that is taken away so often without giving a frame in between is given up. */
const MAX_FRUITLESS_RESTARTS = 3;

/** Chunks in, handles out. */
export class ChunkPump implements FrameProducer {
  readonly #settings: FlowSettings;
  readonly #options: DecodeFramesOptions;
  readonly #consumer: FrameConsumer;
  #source: AsyncIterator<EncodedVideoChunk>;
  #flow: DecodeFlow | null = null;
  /** A chunk that was read and has no ticket yet. */
  #chunk: EncodedVideoChunk | null = null;
  #stopped = false;
  #pumping = false;
  #lag: number;
  #from: number;
  #firstFed: number | null = null;
  #lastOut: number | null = null;
  #fruitless = 0;

  constructor(
    chunks: AsyncIterable<EncodedVideoChunk>,
    settings: FlowSettings,
    options: DecodeFramesOptions,
    consumer: FrameConsumer,
  ) {
    this.#settings = settings;
    this.#options = options;
    this.#consumer = consumer;
    this.#lag = options.lag ?? 0;
    this.#from = typeof options.from === 'number' ? options.from : -Infinity;
    this.#source = chunks[Symbol.asyncIterator]();
  }

  pull(): void {
    if (this.#consumer.awaited > 0) this.#flow?.watch();
    if (this.#pumping || this.#stopped) return;
    this.#pumping = true;
    void this.#pumpOnce();
  }

  rest(): void {
    this.#flow?.stopWaiting();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    const flow = this.#flow;
    this.#flow = null;
    this.#chunk = null;
    flow?.close();
    this.#dismissSource();
  }

  async #pumpOnce(): Promise<void> {
    let flow = this.#flow;
    try {
      flow ??= await this.#open();
      await this.#run(flow);
    } catch (error) {
      // What a flow says that was replaced meanwhile is no news.
      if (flow === this.#flow) this.#onError(error, false);
    }
    // When the codec was replaced, another pump is at work.
    if (flow !== this.#flow) return;
    this.#pumping = false;
    // A wait may have begun while this was on its way out.
    if (this.#consumer.awaited > 0) this.pull();
  }

  /** Feeds the decoder until there is nothing to feed, or nobody waits and no permit is free. */
  async #run(flow: DecodeFlow): Promise<void> {
    while (this.#flow === flow && !this.#stopped) {
      if (this.#chunk === null) {
        const { done, value } = await this.#read(flow);
        if (this.#flow !== flow) break;
        if (done === true) {
          await flow.flush();
          if (this.#flow === flow) this.#finish();
          break;
        }
        this.#chunk = value;
        this.#firstFed ??= value.timestamp;
      }
      let ticket = flow.tryAdmit(this.#chunk.timestamp, this.#consumer.awaited === 0);
      if (ticket === null) {
        if (this.#consumer.awaited === 0) break;
        ticket = await flow.admit(this.#chunk.timestamp);
        if (ticket === null) continue;
      }
      const chunk: EncodedVideoChunk = this.#chunk;
      this.#chunk = null;
      flow.feed(chunk, ticket);
    }
  }

  /** The next chunk. A source that fails ends the iteration after the good frames before that, also those inside. */
  async #read(flow: DecodeFlow): Promise<IteratorResult<EncodedVideoChunk>> {
    try {
      return await this.#source.next();
    } catch (error) {
      if (this.#flow === flow) await flow.flush().catch(() => {});
      throw error;
    }
  }

  async #open(): Promise<DecodeFlow> {
    const { decoder, config } = this.#settings;
    const { from } = this.#options;
    const { supported } = await decoder.isConfigSupported(config);
    if (typeof from === 'function') this.#from = await from();
    if (supported !== true) throw notSupported(`this browser cannot decode "${config.codec}"`);
    if (this.#stopped) throw new Error('ended while opening');
    // Kept at once, in the same step as the question whether all has ended: what ends it later must find the decoder.
    this.#flow = this.#newFlow();
    return this.#flow;
  }

  #newFlow(): DecodeFlow {
    const lastOut = this.#lastOut;
    const from = lastOut === null ? this.#from : Math.max(this.#from, lastOut + 1);
    return new DecodeFlow({
      ...this.#settings,
      lag: this.#lag,
      from,
      to: this.#options.to ?? Infinity,
      past: () => this.#finish(),
      output: (handle) => this.#onFrame(handle),
      error: (error, reclaimed) => this.#onError(error, reclaimed),
      isAwaited: () => this.#consumer.awaited > 0,
      permitsStarve: true,
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
    this.#chunk = null;
    this.#dismissSource();
    try {
      this.#source = restart(this.#lastOut ?? this.#firstFed ?? this.#from)[Symbol.asyncIterator]();
      if (this.#stopped) {
        this.#dismissSource();
        return;
      }
      this.#flow = this.#newFlow();
      // The pump of the flow before may hang on a chunk that never comes.
      this.#pumping = false;
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
