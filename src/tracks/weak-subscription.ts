/** Weak link from the platform, which keeps a track's source alive, to an iteration that only the app keeps alive. */
import type { TrackListener, TrackSource } from './track-source.ts';

/** An iteration, as the platform's side calls it. */
export interface TrackSubscriber extends TrackListener {
  /** Called when the app's signal has fired. */
  onAbort(reason: unknown): void;
}

/** Made at first use, because an import must have no side effects, and the class may be missing. */
let forgotten: FinalizationRegistry<WeakSubscription> | null = null;

/**
 * track ──▶ source ──▶ tether ─ ─ ─ ▶ flow ◀── iterator ◀── app
 *                        ▲     weakly   │
 * signal ────────────────┘ ◀────────────┘
 *
 * A pending read, an event or a frame callback refers to the source, and the source to the tether. The tether refers to the flow
 * strongly only while a caller waits for a frame, because nothing else may refer to that caller. When the flow is collected, the
 * registry, which holds the tether, ends the reading.
 */
export class WeakSubscription implements TrackListener {
  readonly #weak: WeakRef<TrackSubscriber>;
  #held: TrackSubscriber | null = null;
  readonly #source: TrackSource;
  readonly #signal: AbortSignal | undefined;

  constructor(flow: TrackSubscriber, source: TrackSource, signal: AbortSignal | undefined) {
    this.#weak = new WeakRef(flow);
    this.#source = source;
    this.#signal = signal;
    forgotten ??= new FinalizationRegistry((tether) => tether.cut());
    forgotten.register(flow, this, this);
    signal?.addEventListener('abort', this.#onAbort);
    source.start(this);
  }

  get #flow(): TrackSubscriber | undefined {
    return this.#held ?? this.#weak.deref();
  }

  /** Called when a caller waits: keeps the flow alive for as long as the track lives. */
  hold(flow: TrackSubscriber): void {
    this.#held = flow;
  }

  /** Called when no caller waits: the flow lives only as long as the app refers to it. */
  letGo(): void {
    this.#held = null;
  }

  look(): void {
    this.#source.look?.();
  }

  /** See `TrackSource.stop()`. */
  stopReading(): Promise<void> {
    return this.#source.stop();
  }

  /** Ends everything that could call the flow; idempotent. */
  cut(): void {
    this.#held = null;
    void this.#source.stop();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    forgotten?.unregister(this);
  }

  onFrame(frame: VideoFrame): void {
    const flow = this.#flow;
    // The flow is collected, but the registry has not been called yet.
    if (flow === undefined) frame.close();
    else flow.onFrame(frame);
  }

  onDiscarded(count: number): void {
    this.#flow?.onDiscarded(count);
  }

  onEnd(): void {
    this.#flow?.onEnd();
  }

  onError(error: unknown): void {
    this.#flow?.onError(error);
  }

  readonly #onAbort = (): void => this.#flow?.onAbort(this.#signal?.reason);
}
