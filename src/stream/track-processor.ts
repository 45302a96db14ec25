/** Reads a track through a `MediaStreamTrackProcessor`, or any stream of frames. */
import { platformClock } from '../clock.ts';
import { isVideoFrame } from '../pool/frames.ts';
import type { TrackListener, TrackSource } from './track-source.ts';

/**
 * What is used of the platform's class.
 *
 * @see {@link https://w3c.github.io/mediacapture-transform/ | mediacapture-transform}
 */
interface TrackProcessor {
  readonly readable: ReadableStream<VideoFrame>;
  /** How many frames it has dropped so far. Chromium has it, the specification has not. */
  readonly discardedFrames?: number;
}

/** Makes a processor of a track. */
export type TrackProcessorConstructor = new (init: {
  track: MediaStreamTrack;
  maxBufferSize: number;
}) => TrackProcessor;

/** The platform's processor, where there is one: windows in Chromium, dedicated workers in WebKit. */
export function platformProcessor(): TrackProcessorConstructor | undefined {
  // A boundary: TypeScript's DOM library does not know the class.
  return (globalThis as { MediaStreamTrackProcessor?: TrackProcessorConstructor }).MediaStreamTrackProcessor;
}

// What waits longer than this thread is busy does so in the pool, where it counts.
/** Frames that wait inside the processor: the newest alone. */
const MAX_BUFFER_SIZE = 1;

/**
 * How often, and how long each time, the last read is waited for. Together it is longer than a camera takes for a frame, also in
 * the dark; and one after the other, for a thread that was busy has frames on their way to it when the first time is over.
 */
const LAST_WAITS = 10;
const LAST_WAIT_MS = 25;

/**
 * Reads frames from a stream, each as soon as it is there.
 *
 * Chromium makes a frame in one task and puts it into the stream in the next. One that is on its way when the stream is cancelled
 * is put nowhere: it stays open, and counts among those that the camera may have open, until it is collected. So the last
 * read is left to end by itself, with the track's next frame; a track that gives none has none on its way.
 */
export class StreamSource implements TrackSource {
  readonly #reader: ReadableStreamDefaultReader<VideoFrame>;
  readonly #processor: TrackProcessor | null;
  /** µs from frame to frame of an even source; null if that is not known. */
  readonly #interval: number | null;
  #discarded = 0;
  /** The time of the newest frame, in µs. */
  #newest: number | null = null;
  #isStopped = false;
  /** Pending while frames may come; never rejects. */
  #reading: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | null = null;

  /**
   * @param from - A stream that is not locked.
   * @param frameRate - Frames a second of a stream whose frames come evenly.
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
    // It may have failed before, which was told then. And a stream of the app's own may take as long as it likes for this.
    this.#reader.cancel().catch(() => {});
  }

  /** In the platform's time, whatever clock the pool has: it is the platform that is waited for. */
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
          // A stream that an app handed over may carry anything.
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

  /** Frames that the processor dropped since the last call. */
  #processorDropped(): number {
    const before = this.#discarded;
    this.#discarded = Math.max(before, this.#processor?.discardedFrames ?? 0);
    return this.#discarded - before;
  }

  /** Frames that an even source must have given between the last one and this. A processor in another thread does not report them. */
  #missingBefore({ timestamp }: VideoFrame): number {
    const last = this.#newest;
    this.#newest = timestamp;
    if (last === null || this.#interval === null) return 0;
    return Math.max(0, Math.round((timestamp - last) / this.#interval) - 1);
  }
}
