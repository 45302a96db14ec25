/** Source of a track's frames, and the weak link from it to an iteration that only the app keeps alive. */

/** Receives the events of a track. */
export interface TrackListener {
  /** Called for each frame. The listener owns the frame. */
  onFrame(frame: VideoFrame): void;
  /** Called when the engine has dropped this number of frames before they could be read. */
  onDiscarded(count: number): void;
  /** Called when the track has ended. */
  onEnd(): void;
  /** Called when the track cannot be read, or can no longer be read. */
  onError(error: unknown): void;
}

/**
 * Reads a track continuously, because a camera does not wait. The platform keeps the source and its listener alive, so a listener
 * that the app may abandon is called through a `WeakSubscription`.
 */
export interface TrackSource {
  /** Starts reading. Called once. The listener is not called before this has returned. */
  start(listener: TrackListener): void;
  /** Called while a caller waits and no frame comes. Reports an end for which no event was dispatched. */
  checkEnd?(): void;
  /**
   * Ends the reading, not the track; idempotent. The listener is not called afterwards, and late frames are closed.
   *
   * @returns Resolves when no more frames of the track can come; never rejects.
   */
  stop(): Promise<void>;
}

/** Made at first use, because an import must have no side effects, and the class may be missing. */
let forgotten: FinalizationRegistry<WeakSubscription> | null = null;

/**
 * track ──▶ source ──▶ subscription ─ ─ ▶ buffer ◀── iterator ◀── app
 *                        ▲        weakly     │
 *                        └───────────────────┘
 *
 * A pending read, an event or a frame callback refers to the source, and the source to the subscription. The subscription refers
 * to the buffer strongly only while a caller waits for a frame, because nothing else may refer to that caller. When the buffer is
 * collected, the registry, which holds the subscription, ends the reading.
 */
export class WeakSubscription implements TrackListener {
  readonly #weak: WeakRef<TrackListener>;
  #keptAlive: TrackListener | null = null;
  readonly #source: TrackSource;

  constructor(subscriber: TrackListener, source: TrackSource) {
    this.#weak = new WeakRef(subscriber);
    this.#source = source;
    forgotten ??= new FinalizationRegistry((subscription) => void subscription.end());
    forgotten.register(subscriber, this, this);
    source.start(this);
  }

  get #subscriber(): TrackListener | undefined {
    return this.#keptAlive ?? this.#weak.deref();
  }

  /** Called when a caller waits: keeps the buffer alive for as long as the track lives. */
  keepAlive(subscriber: TrackListener): void {
    this.#keptAlive = subscriber;
  }

  /** Called when no caller waits: the buffer lives only as long as the app refers to it. */
  rest(): void {
    this.#keptAlive = null;
  }

  checkEnd(): void {
    this.#source.checkEnd?.();
  }

  /** Ends the reading, and everything that could call the buffer; idempotent. See `TrackSource.stop()`. */
  end(): Promise<void> {
    this.#keptAlive = null;
    forgotten?.unregister(this);
    return this.#source.stop();
  }

  onFrame(frame: VideoFrame): void {
    const subscriber = this.#subscriber;
    // The buffer is collected, but the registry has not been called yet.
    if (subscriber === undefined) frame.close();
    else subscriber.onFrame(frame);
  }

  onDiscarded(count: number): void {
    this.#subscriber?.onDiscarded(count);
  }

  onEnd(): void {
    this.#subscriber?.onEnd();
  }

  onError(error: unknown): void {
    this.#subscriber?.onError(error);
  }
}
