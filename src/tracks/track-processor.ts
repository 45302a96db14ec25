/** Track source over a `MediaStreamTrackProcessor`, or over any stream of frames. */
import { platformClock } from '../base/clock.ts';
import { isVideoFrame } from '../pool/frames.ts';
import type { TrackListener, TrackSource } from './weak-subscription.ts';

/**
 * The members of the platform's class that are used here.
 *
 * @see {@link https://w3c.github.io/mediacapture-transform/ | mediacapture-transform}
 */
interface TrackProcessor {
  readonly readable: ReadableStream<VideoFrame>;
  /** Number of frames that it has dropped so far. Exists in Chromium, but not in the specification. */
  readonly discardedFrames?: number;
}

/** Constructor of a track processor. */
export type TrackProcessorConstructor = new (init: {
  track: MediaStreamTrack;
  maxBufferSize: number;
}) => TrackProcessor;

/** The platform's processor, if there is one: in Chromium's windows, and in WebKit's dedicated workers. */
export function platformProcessor(): TrackProcessorConstructor | undefined {
  // The cast is needed, because TypeScript's DOM library lacks the class.
  return (globalThis as { MediaStreamTrackProcessor?: TrackProcessorConstructor }).MediaStreamTrackProcessor;
}

// A frame that waits for longer than this thread is busy waits in the pool, which counts it.
/** Number of frames that wait inside the processor: only the newest. */
const MAX_BUFFER_SIZE = 1;

/**
 * Number and length of the waits for the last read. Together they exceed the frame interval of a camera, even in low light.
 * The waits are consecutive, because after the first one a thread that was busy still has frames in transit.
 */
const LAST_WAITS = 10;
const LAST_WAIT_MS = 25;

/**
 * Reads frames from a stream as soon as they arrive.
 *
 * Chromium makes a frame in one task and enqueues it into the stream in the next. A frame in transit when the stream is cancelled
 * is enqueued nowhere: it stays open until it is garbage-collected, and counts against the camera's limit of open frames. So the
 * last read ends by itself, with the track's next frame. A track that produces no frames has none in transit.
 */
export class StreamSource implements TrackSource {
  readonly #reader: ReadableStreamDefaultReader<VideoFrame>;
  readonly #processor: TrackProcessor | null;
  /** µs from frame to frame of a source with an even rate. Null if that is unknown. */
  readonly #interval: number | null;
  #discarded = 0;
  /** The time of the newest frame, in µs. */
  #newest: number | null = null;
  #isStopped = false;
  /** Pending while frames may come. Never rejects. */
  #reading: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | null = null;

  /**
   * @param from - A stream that is not locked.
   * @param frameRate - Frames per second of a stream with an even rate.
   */
  constructor(from: ReadableStream<VideoFrame> | TrackProcessor, frameRate?: number) {
    this.#interval = frameRate === undefined ? null : 1e6 / frameRate;
    this.#processor = 'readable' in from ? from : null;
    this.#reader = ('readable' in from ? from.readable : from).getReader();
  }

  static ofTrack(track: MediaStreamTrack, Processor: TrackProcessorConstructor): StreamSource {
    return new StreamSource(new Processor({ track, maxBufferSize: MAX_BUFFER_SIZE }));
  }

  start(listener: TrackListener): void {
    this.#reading = this.#read(listener);
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopping ??= this.#cancel();
    return this.#stopping;
  }

  async #cancel(): Promise<void> {
    let isOver = false;
    void this.#reading.then(() => (isOver = true));
    for (let left = LAST_WAITS; left > 0 && !isOver; left--) await this.#waitForLast();
    // The stream may have failed before, and that was reported then. A stream of the app may take any time for its cancel, so it
    // is not awaited.
    this.#reader.cancel().catch(() => {});
  }

  /** Uses the platform's clock, whichever clock the pool has, because it waits for the platform. */
  async #waitForLast(): Promise<void> {
    let timer: unknown;
    const waited = new Promise<void>((resolve) => {
      timer = platformClock.setTimeout(resolve, LAST_WAIT_MS);
    });
    await Promise.race([this.#reading, waited]);
    platformClock.clearTimeout(timer);
  }

  async #read(listener: TrackListener): Promise<void> {
    try {
      while (!this.#isStopped) {
        const { done, value } = await this.#reader.read();
        if (this.#isStopped) {
          // A stream of the app may carry values of any type.
          if (isVideoFrame(value)) value.close();
          return;
        }
        const dropped = this.#processorDropped() + (isVideoFrame(value) ? this.#missingBefore(value) : 0);
        if (dropped > 0) listener.onDiscarded(dropped);
        if (done) {
          listener.onEnd();
          return;
        }
        listener.onFrame(value);
      }
    } catch (error) {
      if (!this.#isStopped) listener.onError(error);
    }
  }

  /** Number of frames that the processor dropped since the last call. */
  #processorDropped(): number {
    const before = this.#discarded;
    this.#discarded = Math.max(before, this.#processor?.discardedFrames ?? 0);
    return this.#discarded - before;
  }

  /**
   * Number of frames of an even source that are missing between the last frame and this one. A processor in another thread does
   * not report them.
   */
  #missingBefore({ timestamp }: VideoFrame): number {
    const last = this.#newest;
    this.#newest = timestamp;
    if (last === null || this.#interval === null) return 0;
    return Math.max(0, Math.round((timestamp - last) / this.#interval) - 1);
  }
}
