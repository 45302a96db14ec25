/** The same chunks through a bare decoder into a bare encoder: what the machine gives at the moment. */
import type { SmallFrames } from './small-frames.ts';
import { HEIGHT, WIDTH } from './small-frames.ts';

/** Frames inside the two at most: as many as the pool of the long run has. */
const INSIDE = 4;

/** One decoder and one encoder for the whole run. */
export class BareLoop {
  readonly #frames: SmallFrames;
  readonly #decoder: VideoDecoder;
  readonly #encoder: VideoEncoder;
  #fed = 0;
  #out = 0;
  #wake = (): void => {};
  #failure: DOMException | null = null;

  constructor(frames: SmallFrames) {
    this.#frames = frames;
    const error = (failure: DOMException): void => {
      this.#failure = failure;
      this.#wake();
    };
    const done = (): void => {
      this.#out++;
      this.#wake();
    };
    this.#encoder = new VideoEncoder({ output: done, error });
    this.#encoder.configure({ codec: 'vp8', width: WIDTH, height: HEIGHT, bitrate: 100_000 });
    const output = (frame: VideoFrame): void => {
      this.#encoder.encode(frame);
      frame.close();
    };
    this.#decoder = new VideoDecoder({ output, error });
    this.#decoder.configure(frames.config);
  }

  /** Milliseconds a frame, over so many. */
  async run(count: number): Promise<number> {
    const began = performance.now();
    const last = this.#fed + count;
    while (this.#out < last) {
      while (this.#fed < last && this.#fed - this.#out < INSIDE)
        this.#decoder.decode(this.#frames.chunk(this.#fed++));
      await new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#failure !== null) throw this.#failure;
    }
    return (performance.now() - began) / count;
  }

  close(): void {
    this.#decoder.close();
    this.#encoder.close();
  }
}
