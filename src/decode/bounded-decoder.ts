/** Decoder bounded by a pool's cap: it admits chunks when there is room, and delivers or closes the frames that come out. */
import { Deferred } from '../base/deferred.ts';
import { invalidState } from '../base/errors.ts';
import { StallDetector } from '../base/stall-detector.ts';
import type { PoolCore } from '../pool/core.ts';
import type { DecodedStorage } from '../pool/decoded.ts';
import type { FrameHandle } from '../pool/handle.ts';
import { PoolStarvedError } from '../pool/starved.ts';
import { ChunkAdmission } from './chunk-admission.ts';
import type { FrameRange } from './chunk-classifier.ts';
import { ALL_FRAMES, ChunkClassifier } from './chunk-classifier.ts';
import { configFor, DecoderDelay } from './decoder-delay.ts';
import type { ChunkKind } from './in-flight.ts';
import { InFlight } from './in-flight.ts';
import type { Resume } from './resume.ts';
import { RestartPoints } from './resume.ts';
import type { DecoderClient } from './weak-decoder.ts';
import { strongDecoder, weakDecoder } from './weak-decoder.ts';

/** Options of a `BoundedDecoder`. */
export interface BoundedDecoderOptions {
  readonly core: PoolCore;
  readonly config: VideoDecoderConfig;
  readonly decoder: typeof VideoDecoder;
  readonly starvationMs: number;
  /** Holder name of handles and permits until another holder takes them. */
  readonly holder: string;
  /** Decoder delay that a previous decoder learned for this configuration. */
  readonly decoderDelay: number;
  /** Frames to deliver. The first frame at or after its end closes the decoder. By default all frames. */
  readonly range?: FrameRange;
  /**
   * `pull`: frames are requested, so the decoder may be collected while its codec is open, unless the stall detector's timer
   * keeps a request alive. `push`: the consumer receives frames that it did not request.
   */
  readonly mode: 'pull' | 'push';
}

/** Consumer of a `BoundedDecoder`. */
export interface DecodedFrameConsumer {
  /** Number of requests that wait for a frame now. */
  readonly awaited: number;
  /** Receives a handle and becomes its owner. */
  onFrame(handle: FrameHandle<DecodedStorage>): void;
  /** Called after the first frame at or after the end of the range has closed the decoder. */
  onRangeEnd(): void;
  /**
   * Called when an error has closed the decoder. If the browser reclaimed the codec, another decoder can continue from `resume`.
   * Null after other errors.
   */
  onError(error: unknown, resume: Resume | null): void;
}

/**
 * Milliseconds without input, output or a taken chunk after which the decoder is assumed to wait for more input. Output was seen
 * up to 55 ms after its `dequeue` event. The rest is a margin for slow machines, on which a false alarm would feed one chunk too
 * many.
 */
const QUIET_MS = 100;

/** A decoder that reports untaken chunks gets this many intervals before the report is doubted. */
const BUSY_INTERVALS = 10;

/**
 * chunk ──classify()──▶ kind ──tryAdmit()──▶ admission ──feed()──▶ codec ──▶ frame ──▶ slot ──▶ consumer
 *                               or requestAdmission()                          └─▶ closed, if it is not wanted
 *
 * The push API (FrameDecoder) and the pull API (decodeFrames) both use it.
 */
export class BoundedDecoder implements DecoderClient {
  readonly #options: BoundedDecoderOptions;
  readonly #consumer: DecodedFrameConsumer;
  readonly #core: PoolCore;
  readonly #codec: VideoDecoder;
  readonly #range: FrameRange;
  readonly #inFlight: InFlight;
  readonly #restartPoints: RestartPoints;
  readonly #classifier: ChunkClassifier;
  readonly #delay: DecoderDelay;
  readonly #admission: ChunkAdmission;
  readonly #stalls: StallDetector;
  /** Its rejection ends a pending flush. */
  #flushing: Deferred<never> | null = null;
  #isClosed = false;

  constructor(options: BoundedDecoderOptions, consumer: DecodedFrameConsumer) {
    const { core, config, range = ALL_FRAMES, starvationMs } = options;
    this.#options = options;
    this.#consumer = consumer;
    this.#core = core;
    this.#range = range;
    this.#delay = new DecoderDelay(config, options.decoderDelay);
    this.#classifier = new ChunkClassifier(config?.codec, range);
    const firstIndex = range.resume?.point.index ?? 0;
    this.#inFlight = new InFlight(firstIndex);
    this.#restartPoints = new RestartPoints(firstIndex);
    this.#admission = new ChunkAdmission(core, options.holder, this.#inFlight, this.#delay);
    this.#stalls = new StallDetector(core.clock, QUIET_MS, starvationMs, {
      untaken: () => this.#codec.decodeQueueSize,
      isAwaited: () => this.#admission.isRequested || (this.#flushing !== null && consumer.awaited > 0),
      onIdle: (silentMs) => this.#onIdle(silentMs),
      onStarved: (silentMs) => this.#onStarved(silentMs),
    });
    this.#codec = (options.mode === 'pull' ? weakDecoder : strongDecoder)(options.decoder, this);
    try {
      this.#codec.configure(configFor(config, core.ledger.target));
    } catch (error) {
      this.close();
      throw error;
    }
    core.admission.expectFrames(config);
  }

  /** Number of chunks beyond its permits that the decoder was found to need before it puts out a frame. */
  get decoderDelay(): number {
    return this.#delay.frames;
  }

  /** Number of chunks that were fed and that the decoder has not taken out of its queue. */
  get queueSize(): number {
    return this.#codec.decodeQueueSize;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether a chunk was fed. */
  get wasFed(): boolean {
    return this.#inFlight.nextIndex > (this.#range.resume?.point.index ?? 0);
  }

  /**
   * Whether all wanted frames were fed. True when the number of classified chunks at or after the end of the range exceeds the
   * reorder depth, because every later chunk is then shown after it. False while the reorder depth is unknown: then the first
   * frame at or after the end closes the decoder.
   */
  get isComplete(): boolean {
    const { reorderDepth } = this.#delay;
    return reorderDepth !== null && this.#classifier.beyond > reorderDepth;
  }

  /** Returns the kind of a chunk. Must be called once for each chunk, in decode order, before its admission. */
  classify(chunk: EncodedVideoChunk): ChunkKind {
    const kind = this.#classifier.classify(chunk);
    this.#restartPoints.read(chunk);
    return kind;
  }

  /**
   * Admits a chunk if there is room now. An admitted chunk must be fed. `isAhead` marks a chunk whose frame no consumer awaits.
   *
   * @throws `InvalidStateError` when the decoder is closed, or a permit is needed and the pool is not active.
   */
  tryAdmit(kind: ChunkKind, isAhead = false): boolean {
    this.#requireOpen();
    return this.#admission.tryAdmit(kind, isAhead);
  }

  /**
   * Waits for admission after `tryAdmit()` returned false. Only one wait at a time.
   *
   * @returns Whether the chunk is admitted. False if `cancelRequest()` or `close()` ended the wait.
   * @throws `PoolStarvedError`, and the error that closed the decoder.
   */
  requestAdmission(kind: ChunkKind): Promise<boolean> {
    const isAdmitted = this.#admission.request(kind);
    this.watch();
    return isAdmitted;
  }

  cancelRequest(): void {
    this.#admission.cancel();
  }

  /**
   * Passes an admitted chunk to the decoder.
   *
   * @throws The errors of `VideoDecoder.decode()`: `DataError` if a key frame is due. The decoder remains usable.
   */
  feed(chunk: EncodedVideoChunk, kind: ChunkKind): void {
    this.#requireOpen();
    if (this.#inFlight.size === 0) this.#stalls.reset();
    this.#stalls.noteInput();
    // Recorded first, because a decoder may put out a frame or fail within decode().
    const inside = this.#inFlight.feed(chunk, kind);
    this.#admission.noteFed();
    try {
      this.#delay.readChunk(chunk);
      this.#codec.decode(chunk);
    } catch (error) {
      this.#inFlight.cancel(inside);
      this.#admission.releaseUnused();
      throw error;
    }
  }

  /** Puts out the frames of all chunks inside. */
  async flush(): Promise<void> {
    const flushing = new Deferred<never>();
    this.#flushing = flushing;
    this.watch();
    try {
      await Promise.race([this.#codec.flush(), flushing.promise]);
      this.#empty();
    } finally {
      this.#flushing = null;
    }
  }

  /**
   * Continues with another configuration after a flush.
   *
   * @throws `TypeError` for a malformed configuration. The previous one stays in use.
   */
  configure(config: VideoDecoderConfig): void {
    this.#codec.configure(configFor(config, this.#core.ledger.target));
    this.#empty();
    this.#classifier.configure(config.codec);
    this.#delay.configure(config);
  }

  /** Starts to detect stalls, because a consumer waits for a frame. */
  watch(): void {
    if (!this.#isClosed) this.#stalls.start();
  }

  /** Closes the decoder and releases all its permits. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#codec.state !== 'closed') this.#codec.close();
    this.#stalls.stop();
    this.#admission.cancel();
    this.#empty();
  }

  onFrame(frame: VideoFrame): void {
    this.#stalls.noteFrame();
    if (this.#isClosed) {
      frame.close();
      return;
    }
    const chunk = this.#inFlight.out(frame.timestamp);
    if (chunk !== null) this.#restartPoints.reach(chunk);
    if ((chunk?.kind ?? this.#classifier.kindOfFrame(frame.timestamp)) === 'wanted') {
      this.#deliver(frame, chunk?.duration ?? null);
    } else {
      this.#drop(frame);
    }
  }

  onError(error: DOMException): void {
    this.#fail(error, error.name === 'QuotaExceededError');
  }

  /** Runs within the decoder's callback, because a frame that is kept here may be the surface that the decoder waits for. */
  #deliver(frame: VideoFrame, duration: number | null): void {
    this.#admission.beginDelivery();
    try {
      const handle = this.#admission.put(frame, duration);
      this.#account();
      this.#admission.admitWaiting();
      this.#consumer.onFrame(handle);
    } catch (error) {
      this.#fail(error, false);
    } finally {
      this.#admission.endDelivery();
    }
  }

  #drop(frame: VideoFrame): void {
    const { timestamp } = frame;
    frame.close();
    this.#account();
    // If the decoder puts out in decode order, wanted frames may follow this one.
    const isLast = !this.#inFlight.hasOvertaken && !this.#inFlight.isInDecodeOrder;
    if (timestamp < this.#range.to || !isLast) {
      this.#admission.admitWaiting();
      return;
    }
    this.close();
    this.#consumer.onRangeEnd();
  }

  /** Runs after each frame: releases permits of chunks that will produce no frame, and updates the delay. */
  #account(): void {
    this.#admission.releaseUnused();
    if (this.#flushing === null) this.#delay.learn(this.#inFlight.size);
  }

  #empty(): void {
    this.#inFlight.clear();
    this.#admission.releaseAll();
  }

  #fail(error: unknown, isReclaimed: boolean): void {
    if (this.#isClosed) return;
    const { resume: before, deliveredThrough } = this.#classifier;
    const resume = isReclaimed ? this.#restartPoints.resume(this.#inFlight, before, deliveredThrough) : null;
    const flushing = this.#flushing;
    this.#admission.reject(error);
    this.close();
    flushing?.reject(error);
    this.#consumer.onError(error, resume);
  }

  #onIdle(silentMs: number): void {
    const hasUntaken = this.#codec.decodeQueueSize > 0;
    // One more chunk must not postpone the end of a wait whose time is over.
    const isDoubted = silentMs >= BUSY_INTERVALS * QUIET_MS && silentMs < this.#options.starvationMs;
    if (!hasUntaken || isDoubted) this.#admission.admitToSilent(hasUntaken);
  }

  #onStarved(silentMs: number): void {
    const { name, admission } = this.#core;
    if (this.#admission.expectedFrames === 0 && admission.outInReach === 0) return;
    const error = new PoolStarvedError(name, silentMs, admission.holdersInReach());
    if (this.#admission.isRequested) this.#admission.reject(error);
    else this.#flushing?.reject(error);
  }

  #requireOpen(): void {
    if (this.#isClosed) throw invalidState('decode: the decoder is closed');
  }
}
