/** Reads a track through a `MediaStreamTrackProcessor`, or any stream of frames. */
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

/** Reads frames from a stream, each as soon as it is there. */
export class StreamSource implements TrackSource {
  readonly #reader: ReadableStreamDefaultReader<VideoFrame>;
  readonly #processor: TrackProcessor | null;
  #discarded = 0;
  #stopped = false;

  /** @param from - A stream that is not locked. */
  constructor(from: ReadableStream<VideoFrame> | TrackProcessor) {
    this.#processor = 'readable' in from ? from : null;
    this.#reader = ('readable' in from ? from.readable : from).getReader();
  }

  static ofTrack(track: MediaStreamTrack, Processor: TrackProcessorConstructor): StreamSource {
    return new StreamSource(new Processor({ track, maxBufferSize: MAX_BUFFER_SIZE }));
  }

  start(listener: TrackListener): void {
    void this.#read(listener);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    // It may have failed before, which was told then.
    this.#reader.cancel().catch(() => {});
  }

  async #read(listener: TrackListener): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (this.#stopped) {
          // A stream that an app handed over may carry anything.
          if (isVideoFrame(value)) value.close();
          return;
        }
        const discarded = this.#processor?.discardedFrames ?? 0;
        if (discarded > this.#discarded) listener.onDiscarded(discarded - this.#discarded);
        this.#discarded = discarded;
        if (done) {
          listener.onEnd();
          return;
        }
        listener.onFrame(value);
      }
    } catch (error) {
      if (!this.#stopped) listener.onError(error);
    }
  }
}
