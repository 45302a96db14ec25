/** Decoder that freezes on purpose, as hardware decoders do and software decoders do not. */
import { aborted, dataError, invalidState } from '../base/errors.ts';
import type { InnerDecoder } from './blank-decoder.ts';
import { BlankDecoder } from './blank-decoder.ts';
import type { DecoderLimits } from './decoder-limits.ts';
import { isBlank, requireLimits } from './decoder-limits.ts';
import { FrameOutbox } from './frame-outbox.ts';
import { nextTask } from './next-task.ts';

/** Milliseconds without output after which a chunk is assumed to be kept back for the order of frames, and holds no surface. */
const KEPT_BACK_MS = 20;

const RECLAIMED = 'Codec reclaimed due to inactivity.';

interface Flush {
  resolve(): void;
  reject(reason: unknown): void;
  /** Number of frames that the browser's decoder put out up to the end of the flush. Null until the flush has ended. */
  through: number | null;
}

type Message =
  | { readonly kind: 'chunk'; readonly chunk: EncodedVideoChunk }
  | { readonly kind: 'configuration'; readonly config: VideoDecoderConfig }
  | { readonly kind: 'flush'; readonly flush: Flush };

/**
 * Stands in for `VideoDecoder` wherever an option accepts a decoder class. It wraps the browser's own decoder and stops its
 * output without an error while `surfaces` of its frames are open, as hardware decoders do. Decoding and frames are real. The
 * freeze is behavior that no software decoder can show.
 *
 * With `surfaces`, the decoder takes a chunk out of its queue, and dispatches `dequeue`, only when a surface is free for the
 * frame. Other limits make it put out frames in bursts, late, within `decode()` or in decode order.
 *
 * The decoder detects frames that are closed or cloned by their methods, and transferred frames. It may detect a frame late if
 * the frame is only collected. It does not detect a second `VideoFrame` that is constructed from a frame.
 *
 * @example
 * const decoder = LimitedVideoDecoder.with({ surfaces: 4 });
 * for await (const handle of decodeFrames(pool, chunks, config, { decoder })) handle.release();
 */
export class LimitedVideoDecoder extends EventTarget implements VideoDecoder {
  /** Limits of this class. Empty here; the classes that `with()` creates have the limits passed to it. */
  static readonly limits: DecoderLimits = {};

  /**
   * Creates a class with these limits, to pass wherever a `VideoDecoder` class is expected. Limits that count frames
   * (`reclaimAfter`, `failAfter`) count over all decoders of the class, and take effect once.
   *
   * @throws `RangeError` if `surfaces` or `burst` is not a whole number from 1, or `lateTasks` is not a whole number from 0.
   */
  static with(limits: DecoderLimits): typeof LimitedVideoDecoder {
    requireLimits(limits);
    return class extends LimitedVideoDecoder {
      static override readonly limits = limits;
      static override readonly history = { put: 0, reclaimed: false, failed: false };
    };
  }

  /** @internal */
  static readonly history = { put: 0, reclaimed: false, failed: false };

  /** As `VideoDecoder.isConfigSupported()`. */
  static isConfigSupported(config: VideoDecoderConfig): Promise<VideoDecoderSupport> {
    return VideoDecoder.isConfigSupported(config);
  }

  /** As `VideoDecoder.ondequeue`. */
  ondequeue: ((this: VideoDecoder, event: Event) => unknown) | null = null;

  readonly #init: VideoDecoderInit;
  readonly #limits: DecoderLimits;
  readonly #inner: InnerDecoder;
  readonly #outbox: FrameOutbox;
  /** Chunks that wait for a surface, and all messages that follow them. */
  #queue: Message[] = [];
  /** Times of chunks that were taken and whose frames have not come out. */
  #inside: number[] = [];
  #flushes: Flush[] = [];
  #needsKey = true;
  #isScheduled = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(init: VideoDecoderInit) {
    super();
    this.#init = init;
    const { limits, history } = new.target;
    this.#limits = limits;
    this.#outbox = new FrameOutbox(limits, history, {
      isOpen: () => this.state === 'configured',
      isDraining: () => this.#flushes.length > 0,
      put: (frame) => init.output(frame),
      fail: (error) => this.#fail(error),
      changed: () => this.#onOutput(),
    });
    const output = (frame: VideoFrame): void => this.#onDecoded(frame);
    this.#inner = isBlank(limits)
      ? new BlankDecoder(output)
      : new VideoDecoder({ output, error: (error) => this.#fail(error) });
    if (!this.#isGated) this.#inner.ondequeue = () => this.#dispatchDequeue();
  }

  /** Number of its frames that are open now. A frame and its clones count once. */
  get openSurfaces(): number {
    return this.#outbox.openSurfaces;
  }

  /** As `VideoDecoder.state`. */
  get state(): CodecState {
    return this.#inner.state;
  }

  /** As `VideoDecoder.decodeQueueSize`. */
  get decodeQueueSize(): number {
    const waiting = this.#queue.filter(({ kind }) => kind === 'chunk').length;
    return waiting + (this.#isGated ? 0 : this.#inner.decodeQueueSize);
  }

  /** As `VideoDecoder.configure()`. */
  configure(config: VideoDecoderConfig): void {
    if (this.#queue.length === 0) this.#inner.configure(config);
    else this.#queue.push({ kind: 'configuration', config });
    this.#needsKey = true;
  }

  /** As `VideoDecoder.decode()`. */
  decode(chunk: EncodedVideoChunk): void {
    if (!this.#usesQueue) {
      this.#inner.decode(chunk);
      return;
    }
    if (this.state !== 'configured') throw invalidState(`decode(): the decoder is ${this.state}`);
    if (!(chunk instanceof EncodedVideoChunk))
      throw new TypeError('decode(): chunk must be an EncodedVideoChunk');
    if (this.#needsKey && chunk.type !== 'key') throw dataError('decode(): a key frame is required');
    this.#needsKey = false;
    this.#queue.push({ kind: 'chunk', chunk });
    this.#schedule();
  }

  /** As `VideoDecoder.flush()`. Does not settle while the decoder is frozen. */
  flush(): Promise<void> {
    if (this.state !== 'configured')
      return Promise.reject(invalidState(`flush(): the decoder is ${this.state}`));
    this.#needsKey = true;
    return new Promise((resolve, reject) => {
      const flush = { resolve, reject, through: null };
      if (this.#queue.length === 0 && (this.#flushes.length === 0 || !this.#usesQueue)) this.#start(flush);
      else this.#queue.push({ kind: 'flush', flush });
    });
  }

  /** As `VideoDecoder.reset()`. */
  reset(): void {
    this.#inner.reset();
    this.#drop();
  }

  /** As `VideoDecoder.close()`. */
  close(): void {
    this.#inner.close();
    this.#drop();
  }

  /** Reclaims the codec, as browsers do in hidden tabs: closes the decoder and reports `QuotaExceededError`. Idempotent. */
  reclaim(): void {
    if (this.state !== 'closed') this.#fail(new DOMException(RECLAIMED, 'QuotaExceededError'));
  }

  /** Whether chunks wait for surfaces. */
  get #isGated(): boolean {
    const { surfaces, takesAlways } = this.#limits;
    return surfaces !== undefined && takesAlways !== true;
  }

  /** Whether chunks pass through the queue of this class. The browser's decoder has its own queue. */
  get #usesQueue(): boolean {
    return this.#isGated || isBlank(this.#limits);
  }

  #schedule(): void {
    if (this.#queue.length === 0) return;
    if (this.#limits.synchronous === true) {
      this.#run();
      return;
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    void nextTask().then(() => {
      this.#isScheduled = false;
      this.#run();
    });
  }

  /** Takes messages until a chunk must wait for a surface. */
  #run(): void {
    while (this.state === 'configured' && this.#flushes.length === 0) {
      const [first] = this.#queue;
      if (first === undefined || (first.kind === 'chunk' && !this.#hasSurface())) return;
      this.#queue.shift();
      this.#take(first);
    }
  }

  #take(message: Message): void {
    try {
      if (message.kind === 'flush') this.#start(message.flush);
      else if (message.kind === 'configuration') this.#inner.configure(message.config);
      else {
        this.#inside.push(message.chunk.timestamp);
        this.#inner.decode(message.chunk);
        this.#dispatchDequeue();
      }
    } catch (error) {
      this.#fail(error as DOMException);
    }
  }

  #hasSurface(): boolean {
    if (!this.#isGated) return true;
    const { surfaces = Infinity } = this.#limits;
    const taken = this.#outbox.openSurfaces + this.#outbox.waiting;
    if (taken + this.#inside.length < surfaces) return true;
    if (taken < surfaces) {
      this.#timer ??= setTimeout(() => {
        this.#stopTimer();
        this.#inside = [];
        this.#run();
      }, KEPT_BACK_MS);
    }
    return false;
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #onDecoded(frame: VideoFrame): void {
    // Firefox may put a frame out after close() or reset().
    if (this.state !== 'configured') {
      frame.close();
      return;
    }
    const place = this.#inside.indexOf(frame.timestamp);
    // Chunks before it that are shown earlier produce no frame.
    if (place >= 0)
      this.#inside = this.#inside.filter((time, index) => index > place || time > frame.timestamp);
    this.#stopTimer();
    this.#outbox.add(frame);
    this.#schedule();
  }

  /** Called after frames were put out or closed. */
  #onOutput(): void {
    for (const flush of this.#flushes) if (flush.through === this.#outbox.putCount) flush.resolve();
    this.#flushes = this.#flushes.filter(({ through }) => through !== this.#outbox.putCount);
    this.#schedule();
  }

  #start(flush: Flush): void {
    this.#flushes.push(flush);
    const isHere = (): boolean => this.#flushes.includes(flush);
    this.#inner.flush().then(
      () => {
        if (!isHere()) return;
        this.#inside = [];
        flush.through = this.#outbox.addedCount;
        this.#outbox.put();
        this.#onOutput();
      },
      (error: unknown) => {
        if (!isHere()) return;
        this.#flushes = this.#flushes.filter((each) => each !== flush);
        flush.reject(error);
      },
    );
    // An incomplete burst may be put out now.
    this.#outbox.put();
  }

  #dispatchDequeue(): void {
    if (this.#limits.dispatchesDequeue === false) return;
    this.ondequeue?.call(this, new Event('dequeue'));
    this.dispatchEvent(new Event('dequeue'));
  }

  #fail(error: DOMException): void {
    if (this.state !== 'closed') this.#inner.close();
    this.#drop();
    this.#init.error(error);
  }

  #drop(): void {
    this.#stopTimer();
    this.#outbox.drop();
    this.#inside = [];
    this.#needsKey = true;
    const waiting = this.#queue.flatMap((message) => (message.kind === 'flush' ? [message.flush] : []));
    const flushes = [...this.#flushes, ...waiting];
    this.#queue = [];
    this.#flushes = [];
    for (const { reject } of flushes) reject(aborted('the decoder was closed or reset'));
  }
}
