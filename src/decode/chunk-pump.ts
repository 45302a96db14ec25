/** Source of decoded frames: it reads and decodes chunks on demand, and opens another decoder after the codec was reclaimed. */
import { currentCall } from '../base/call-site.ts';
import { Deferred } from '../base/deferred.ts';
import { notSupported } from '../base/errors.ts';
import type { PullSink, PullSource } from '../base/pull-queue.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { noteCall } from '../pool/handle.ts';
import type { DecodedFrameConsumer } from './bounded-decoder.ts';
import { BoundedDecoder } from './bounded-decoder.ts';
import type { FrameRange } from './chunk-classifier.ts';
import type { PumpOptions, PumpSettings } from './decode-options.ts';
import type { ChunkKind } from './in-flight.ts';
import type { Resume } from './resume.ts';

/** Recipient of decoded frames. */
export type FrameSink = PullSink<FrameHandle<DecodedStorage>>;

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
export class ChunkPump implements PullSource<FrameHandle<DecodedStorage>>, DecodedFrameConsumer {
  readonly #settings: PumpSettings;
  readonly #options: PumpOptions;
  readonly #sink: FrameSink;
  /** Call of the app that began the iteration, for pools with `trackHolders`. */
  readonly #call = currentCall();
  #source: AsyncIterator<EncodedVideoChunk>;
  #state: State = 'new';
  /** Null unless the pump is running. The loop of another decoder is over. */
  #decoder: BoundedDecoder | null = null;
  /** Resolved by the next `pull()`, or by the end. Null unless the loop waits for it. */
  #resting: Deferred | null = null;
  #decoderDelay: number;
  #from: number;
  #firstRead: number | null = null;
  #lastOut: number | null = null;
  /** State that the last decoder left. Null before the first decoder ends. */
  #resume: Resume | null = null;
  #fruitless = 0;

  constructor(
    chunks: AsyncIterable<EncodedVideoChunk>,
    settings: PumpSettings,
    options: PumpOptions,
    sink: FrameSink,
  ) {
    this.#settings = settings;
    this.#options = options;
    this.#sink = sink;
    this.#decoderDelay = options.decoderDelay ?? 0;
    this.#from = typeof options.from === 'number' ? options.from : -Infinity;
    this.#source = chunks[Symbol.asyncIterator]();
  }

  get awaited(): number {
    return this.#sink.awaited;
  }

  // ---- calls of the sink ----

  pull(): void {
    const isAwaited = this.awaited > 0;
    if (this.#state === 'new') void this.#open();
    else if (this.#state === 'reclaimed' && isAwaited) void this.#restart();
    if (isAwaited) this.#decoder?.watch();
    this.#wake();
  }

  rest(): void {
    this.#decoder?.cancelRequest();
  }

  stop(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    this.#endDecoder()?.close();
    this.#dismissSource();
  }

  discard(handle: FrameHandle<DecodedStorage>): void {
    handle.release();
  }

  // ---- calls of the decoder ----

  onFrame(handle: FrameHandle<DecodedStorage>): void {
    noteCall(handle, this.#call);
    this.#lastOut = handle.timestamp;
    this.#fruitless = 0;
    this.#sink.push(handle);
    const decoderDelay = this.#decoder?.decoderDelay ?? this.#decoderDelay;
    if (decoderDelay !== this.#decoderDelay) this.#onDecoderDelay(decoderDelay);
  }

  onRangeEnd(): void {
    this.#finish();
  }

  onError(error: unknown, resume: Resume | null): void {
    if (this.#state === 'stopped') return;
    const isAwaited = this.awaited > 0;
    // Browsers reclaim idle codecs. So a decoder without input does not count, unless it was lost in its constructor.
    if (isAwaited && this.#decoder?.wasFed !== false) this.#fruitless++;
    if (resume === null || this.#options.restart === undefined || this.#fruitless > MAX_FRUITLESS_RESTARTS) {
      this.#fail(error);
      return;
    }
    this.#resume = resume;
    this.#endDecoder();
    this.#dismissSource();
    this.#state = 'reclaimed';
    if (isAwaited) void this.#restart();
  }

  // ---- decoders, one after the other ----

  async #open(): Promise<void> {
    this.#state = 'opening';
    const { decoder, config } = this.#settings;
    const { from } = this.#options;
    try {
      const { supported } = await decoder.isConfigSupported(config);
      if (typeof from === 'function') this.#from = await from();
      if (supported !== true) throw notSupported(`this browser cannot decode "${config.codec}"`);
      this.#begin(null);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Opens a decoder. `first` was already read from the source; null if nothing was. */
  #begin(first: IteratorResult<EncodedVideoChunk> | null): void {
    // The iteration may have ended during the wait. It may also end, or lose the decoder, within the decoder's constructor.
    if (this.#state !== 'opening') return;
    const decoder = new BoundedDecoder(
      { ...this.#settings, decoderDelay: this.#decoderDelay, range: this.#range, mode: 'pull' },
      this,
    );
    if (this.#state !== 'opening' || decoder.isClosed) {
      decoder.close();
      return;
    }
    this.#state = 'running';
    this.#decoder = decoder;
    void this.#decode(decoder, this.#source, first);
  }

  get #range(): FrameRange {
    const { to = Infinity } = this.#options;
    return {
      from: this.#from,
      to,
      resume: this.#resume,
      deliveredThrough: this.#lastOut,
      isDecodeOnly: (chunk) => this.#options.isDecodeOnly?.(chunk) === true,
    };
  }

  /**
   * Opens a decoder only when a chunk is available. If the source is silent, an idle codec would be reclaimed again and again.
   */
  async #restart(): Promise<void> {
    const { restart } = this.#options;
    const resume = this.#resume;
    if (restart === undefined || resume === null) return;
    this.#state = 'opening';
    try {
      const timestamp = this.#lastOut ?? this.#firstRead ?? this.#from;
      const source = restart(timestamp, resume.point)[Symbol.asyncIterator]();
      this.#source = source;
      // The app may have ended the iteration in its callback.
      if (this.#state === 'opening') this.#begin(await source.next());
      else this.#dismissSource();
    } catch (error) {
      this.#fail(error);
    }
  }

  // ---- chunks ----

  /** Reads all chunks of a source and decodes them, until the decoder is replaced. */
  async #decode(
    decoder: BoundedDecoder,
    source: AsyncIterator<EncodedVideoChunk>,
    first: IteratorResult<EncodedVideoChunk> | null,
  ): Promise<void> {
    let { config } = this.#settings;
    let result = first;
    try {
      while (this.#decoder === decoder) {
        result ??= await this.#read(decoder, source);
        if (this.#decoder !== decoder) return;
        if (result.done === true) break;
        const chunk = result.value;
        result = null;
        this.#firstRead ??= chunk.timestamp;
        const next = this.#options.configOf?.(chunk) ?? config;
        if (next !== config) {
          config = next;
          // The frames of the previous configuration come out first.
          await decoder.flush();
          if (this.#decoder !== decoder) return;
          decoder.configure(config);
        }
        const kind = decoder.classify(chunk);
        if (decoder.isComplete) break;
        await this.#feed(decoder, chunk, kind);
      }
      if (this.#decoder !== decoder) return;
      await decoder.flush();
      if (this.#decoder === decoder) this.#finish();
    } catch (error) {
      // A decoder reports its own error first, which ends this loop.
      if (this.#decoder === decoder) this.onError(error, null);
    }
  }

  /** Reads a chunk. If the source fails, the good frames before the error are delivered first. */
  async #read(
    decoder: BoundedDecoder,
    source: AsyncIterator<EncodedVideoChunk>,
  ): Promise<IteratorResult<EncodedVideoChunk>> {
    try {
      return await source.next();
    } catch (error) {
      if (this.#decoder === decoder) await decoder.flush().catch(() => {});
      throw error;
    }
  }

  /** Feeds a chunk once it is admitted. While no frame is awaited and no permit is free, it waits for the next `pull()`. */
  async #feed(decoder: BoundedDecoder, chunk: EncodedVideoChunk, kind: ChunkKind): Promise<void> {
    let isAdmitted = false;
    while (!isAdmitted) {
      const isAhead = this.awaited === 0;
      isAdmitted = decoder.tryAdmit(kind, isAhead);
      if (!isAdmitted && isAhead) await this.#rested();
      else if (!isAdmitted) isAdmitted = await decoder.requestAdmission(kind);
      if (this.#decoder !== decoder) return;
    }
    decoder.feed(chunk, kind);
  }

  #rested(): Promise<void> {
    this.#resting = new Deferred();
    return this.#resting.promise;
  }

  #wake(): void {
    this.#resting?.resolve();
    this.#resting = null;
  }

  // ---- ends ----

  /** Ends the loop of the decoder, and returns the decoder. */
  #endDecoder(): BoundedDecoder | null {
    const decoder = this.#decoder;
    this.#decoder = null;
    this.#wake();
    return decoder;
  }

  #finish(): void {
    if (this.#state === 'stopped') return;
    this.stop();
    this.#sink.end();
  }

  #fail(error: unknown): void {
    if (this.#state === 'stopped') return;
    this.stop();
    this.#sink.fail(error);
  }

  #onDecoderDelay(decoderDelay: number): void {
    this.#decoderDelay = decoderDelay;
    try {
      this.#options.onDecoderDelay?.(decoderDelay);
    } catch (error) {
      reportError(error);
    }
  }

  /** Calls `return()` of the source. The result is not awaited, because the source may be busy. */
  #dismissSource(): void {
    const source = this.#source;
    const dismiss = async (): Promise<void> => void (await source.return?.());
    dismiss().catch(() => {});
  }
}
