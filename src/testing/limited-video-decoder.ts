/** A decoder that freezes on purpose, as hardware does and software does not. */

/** How a limited decoder differs from the browser's. */
export interface DecoderLimits {
  /** How many of its frames may be open at once, from 1. A frame and its clones are one surface. No limit by default. */
  readonly surfaces?: number;
  /** Whether its frames hide their format (`format === null`), as frames in a GPU's memory do. */
  readonly opaque?: boolean;
  /** After how many frames the browser takes the codec away (`QuotaExceededError`), as it does in hidden tabs. */
  readonly reclaimAfter?: number;
  /** After how many frames decoding fails (`EncodingError`). */
  readonly failAfter?: number;
}

/**
 * Stands in for `VideoDecoder`, wherever one is taken as an option: wraps the browser's own and puts nothing more out
 * while `surfaces` of its frames are open, without an error, as hardware decoders do. Real decoding and real frames; the
 * freeze is what no software decoder can show.
 *
 * It sees frames being closed and cloned by their methods, and transferred. One that is only collected it may see late, and
 * a second `VideoFrame` that the constructor makes of one it does not see.
 *
 * @example
 * const decoder = LimitedVideoDecoder.with({ surfaces: 4 });
 * for await (const handle of decodeFrames(pool, chunks, config, { decoder })) handle.release();
 */
export class LimitedVideoDecoder extends EventTarget implements VideoDecoder {
  /** The limits of this class; `with()` makes classes that have some. */
  static readonly limits: DecoderLimits = {};

  /**
   * Makes a class with these limits, to be handed over where a `VideoDecoder` class is asked for. Limits that count frames
   * (`reclaimAfter`, `failAfter`) count over all decoders of the class, and come true once.
   *
   * @throws `RangeError` where `surfaces` is no whole number from 1.
   */
  static with(limits: DecoderLimits): typeof VideoDecoder {
    const { surfaces } = limits;
    if (surfaces !== undefined && !(Number.isInteger(surfaces) && surfaces >= 1)) {
      throw new RangeError(`surfaces must be a whole number from 1, got ${surfaces}`);
    }
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

  readonly #decoder: VideoDecoder;
  readonly #init: VideoDecoderInit;
  readonly #class: typeof LimitedVideoDecoder;
  readonly #open = new Set<Surface>();
  #held: VideoFrame[] = [];
  #flushes: { resolve(): void; reject(reason: unknown): void }[] = [];

  constructor(init: VideoDecoderInit) {
    super();
    this.#init = init;
    this.#class = new.target;
    this.#decoder = new VideoDecoder({
      output: (frame) => {
        this.#held.push(frame);
        this.#put();
      },
      error: (error) => this.#fail(error),
    });
    this.#decoder.ondequeue = (event) => {
      this.ondequeue?.call(this, event);
      this.dispatchEvent(new Event('dequeue'));
    };
  }

  /** How many of its frames are open now, a frame and its clones counted once. */
  get openSurfaces(): number {
    for (const surface of this.#open) surface.forgetTransferred();
    return this.#open.size;
  }

  /** As `VideoDecoder.state`. */
  get state(): CodecState {
    return this.#decoder.state;
  }

  /** As `VideoDecoder.decodeQueueSize`. */
  get decodeQueueSize(): number {
    return this.#decoder.decodeQueueSize;
  }

  /** As `VideoDecoder.configure()`. */
  configure(config: VideoDecoderConfig): void {
    this.#decoder.configure(config);
  }

  /** As `VideoDecoder.decode()`. */
  decode(chunk: EncodedVideoChunk): void {
    this.#decoder.decode(chunk);
  }

  /** As `VideoDecoder.flush()`; does not settle while the decoder is frozen. */
  async flush(): Promise<void> {
    await this.#decoder.flush();
    this.#put();
    if (this.#held.length > 0) {
      await new Promise<void>((resolve, reject) => this.#flushes.push({ resolve, reject }));
    }
  }

  /** As `VideoDecoder.reset()`. */
  reset(): void {
    this.#decoder.reset();
    this.#drop();
  }

  /** As `VideoDecoder.close()`. */
  close(): void {
    this.#decoder.close();
    this.#drop();
  }

  /** Puts out what the limit allows. */
  #put(): void {
    const { limits, history } = this.#class;
    while (this.#held.length > 0 && this.state === 'configured') {
      if (limits.reclaimAfter === history.put && !history.reclaimed) {
        history.reclaimed = true;
        this.#fail(new DOMException('Codec reclaimed due to inactivity.', 'QuotaExceededError'));
        return;
      }
      if (limits.failAfter === history.put && !history.failed) {
        history.failed = true;
        this.#fail(new DOMException('Decoding error.', 'EncodingError'));
        return;
      }
      if (this.openSurfaces >= (limits.surfaces ?? Infinity)) return;
      const frame = this.#held.shift();
      if (frame === undefined) return;
      history.put++;
      const surface = new Surface(() => {
        this.#open.delete(surface);
        // Its own task, as the platform's outputs are: never inside the close() that made room.
        setTimeout(() => this.#put(), 0);
      });
      this.#open.add(surface);
      if (limits.opaque === true) hideFormat(frame);
      surface.watch(frame, limits.opaque === true);
      this.#init.output(frame);
    }
    if (this.#held.length === 0) for (const { resolve } of this.#flushes.splice(0)) resolve();
  }

  #fail(error: DOMException): void {
    if (this.#decoder.state !== 'closed') this.#decoder.close();
    this.#drop();
    this.#init.error(error);
  }

  #drop(): void {
    for (const frame of this.#held.splice(0)) frame.close();
    for (const { reject } of this.#flushes.splice(0))
      reject(new DOMException('Aborted due to close() or reset()', 'AbortError'));
  }
}

// Made apart from the frame: closures that are made together share what they see, and the registry would keep the frame.
const forgetting =
  (surface: WeakRef<Surface>, key: number): (() => void) =>
  () =>
    surface.deref()?.forget(key);

const collected = new FinalizationRegistry<() => void>((forget) => forget());

/** The memory behind a frame and its clones: in use until the last of them is closed, transferred or collected. */
class Surface {
  readonly #frames = new Map<number, WeakRef<VideoFrame>>();
  readonly #onFree: () => void;
  #next = 0;

  constructor(onFree: () => void) {
    this.#onFree = onFree;
  }

  /** Counts a frame in. Its own methods are replaced, for no event tells of a close or a clone. */
  watch(frame: VideoFrame, opaque: boolean): void {
    const key = this.#next++;
    this.#frames.set(key, new WeakRef(frame));
    collected.register(frame, forgetting(new WeakRef(this), key), frame);
    const { close, clone } = frame;
    frame.close = () => {
      close.call(frame);
      collected.unregister(frame);
      this.forget(key);
    };
    frame.clone = () => {
      const copy = clone.call(frame);
      if (opaque) hideFormat(copy);
      this.watch(copy, opaque);
      return copy;
    };
  }

  /** A transferred frame is closed without a call of `close()`. */
  forgetTransferred(): void {
    for (const [key, weak] of this.#frames) if (weak.deref()?.codedWidth === 0) this.forget(key);
  }

  /** Counts a frame out. */
  forget(key: number): void {
    if (this.#frames.delete(key) && this.#frames.size === 0) this.#onFree();
  }
}

/** Makes a frame behave as one in a GPU's memory: it can be drawn, and neither measured nor copied from as it is. */
function hideFormat(frame: VideoFrame): void {
  const refuse = (): never => {
    throw new DOMException('The frame has no known format.', 'NotSupportedError');
  };
  const copyTo = frame.copyTo.bind(frame);
  Object.defineProperties(frame, {
    format: { get: () => null },
    allocationSize: {
      value: (options?: VideoFrameCopyToOptions) =>
        options?.format === undefined ? refuse() : VideoFrame.prototype.allocationSize.call(frame, options),
    },
    copyTo: {
      value: async (target: AllowSharedBufferSource, options?: VideoFrameCopyToOptions) =>
        options?.format === undefined ? refuse() : copyTo(target, options),
    },
  });
}
