/** Between what the platform keeps alive and an iteration that only the app may keep alive. */
import type { TrackListener, TrackSource } from './track-source.ts';

/** An iteration, as seen from the platform's side. */
export interface Tethered extends TrackListener {
  /** The app's signal has fired. */
  onAbort(reason: unknown): void;
}

/** Made at first use: importing does nothing, also where there is no such class. */
let forgotten: FinalizationRegistry<Tether> | null = null;

/**
 * track ──▶ source ──▶ tether ─ ─ ─ ▶ flow ◀── iterator ◀── app
 *                        ▲     weakly   │
 * signal ────────────────┘ ◀────────────┘
 *
 * A pending read, an event or a frame callback refers to the source, and the source to the tether, which refers to the flow
 * strongly only while somebody waits for a frame: nobody else may refer to who waits. When the flow is collected, the
 * registry, which holds the tether, ends the reading.
 */
export class Tether implements TrackListener {
  readonly #weak: WeakRef<Tethered>;
  #held: Tethered | null = null;
  readonly #source: TrackSource;
  readonly #signal: AbortSignal | undefined;

  constructor(flow: Tethered, source: TrackSource, signal: AbortSignal | undefined) {
    this.#weak = new WeakRef(flow);
    this.#source = source;
    this.#signal = signal;
    forgotten ??= new FinalizationRegistry((tether) => tether.cut());
    forgotten.register(flow, this, this);
    signal?.addEventListener('abort', this.#onAbort);
    source.start(this);
  }

  get #flow(): Tethered | undefined {
    return this.#held ?? this.#weak.deref();
  }

  /** Somebody waits: the flow lives as long as the track does. */
  hold(flow: Tethered): void {
    this.#held = flow;
  }

  /** Nobody waits: the flow lives as long as the app refers to it. */
  letGo(): void {
    this.#held = null;
  }

  look(): void {
    this.#source.look?.();
  }

  /** As `TrackSource.stop()`. */
  stopReading(): Promise<void> {
    return this.#source.stop();
  }

  /** Ends everything that could tell the flow anything; idempotent. */
  cut(): void {
    this.#held = null;
    void this.#source.stop();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    forgotten?.unregister(this);
  }

  onFrame(frame: VideoFrame): void {
    const flow = this.#flow;
    // Collected, and the registry has not said so yet.
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
