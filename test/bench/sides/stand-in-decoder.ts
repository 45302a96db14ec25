/** A decoder that decodes nothing, so that only the work around it remains. */
import type { BenchClip } from '../page/clips.ts';

/** Width and height, in pixels, of its picture for every chunk. */
const SIZE = 16;

/** Makes the class. Frames of all its decoders share one picture's memory. */
export function standInDecoder(): typeof VideoDecoder {
  const picture = new VideoFrame(new Uint8Array((SIZE * SIZE * 3) / 2), {
    format: 'I420',
    codedWidth: SIZE,
    codedHeight: SIZE,
    timestamp: 0,
  });
  const dequeue = new Event('dequeue');

  class StandInDecoder {
    ondequeue: ((event: Event) => void) | null = null;
    state: CodecState = 'unconfigured';
    decodeQueueSize = 0;
    readonly #output: VideoFrameOutputCallback;
    #inside = 0;
    #flushed: (() => void) | null = null;

    static isConfigSupported(config: VideoDecoderConfig): Promise<VideoDecoderSupport> {
      return Promise.resolve({ supported: true, config });
    }

    constructor({ output }: VideoDecoderInit) {
      this.#output = output;
    }

    configure(): void {
      this.state = 'configured';
    }

    /** Each frame comes in a task of its own, as a real decoder's does: microtasks run after each. */
    decode({ timestamp }: EncodedVideoChunk): void {
      this.#inside++;
      // The only way to a task that does not leave the thread: the thread never waits.
      void scheduler.postTask(() => {
        this.#inside--;
        this.ondequeue?.(dequeue);
        this.#output(new VideoFrame(picture, { timestamp }));
        if (this.#inside === 0) this.#flushed?.();
      });
    }

    flush(): Promise<void> {
      if (this.#inside === 0) return Promise.resolve();
      return new Promise((resolve) => (this.#flushed = resolve));
    }

    close(): void {
      this.state = 'closed';
    }
  }

  // Members of a VideoDecoder that no side uses are omitted.
  return StandInDecoder as unknown as typeof VideoDecoder;
}

const FRAME_US = 33_333;

/** Its input in place of a clip: chunks of one byte. */
export function standInClip(frames: number): BenchClip {
  const chunks = Array.from({ length: frames }, (_, index) => {
    const type = index === 0 ? 'key' : 'delta';
    return new EncodedVideoChunk({ type, timestamp: index * FRAME_US, data: new Uint8Array(1) });
  });
  return { config: { codec: 'vp8' }, chunks, blob: new Blob() };
}
