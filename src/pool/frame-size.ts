/** Bytes of a pool's next decoded frame: those of the last one, and a guess before the first. */

/** 4:2:0 with 8 bits, as most decoders put out. */
const PLANAR_BYTES = 1.5;

/** BGRX, as Firefox puts out. Hidden formats count as many. */
const PACKED_BYTES = 4;

/** Bytes a pixel: 3 are 4:2:0 with more than 8 bits. */
const MOST_PLANAR_BYTES = 3;

/** What a frame is taken for without a configuration: 1080p. */
const UNKNOWN_PIXELS = 1920 * 1080;

/** An engine decodes to one format as a rule, so the last first frame of a stream tells of the next stream's. */
let bytesPerPixel = PLANAR_BYTES;

/** Permits are granted by it if bytes are limited. */
export class FrameSize {
  /** The best guess; at most all that may be held. */
  bytes: number;
  /** Whether a frame has come, so that it is more than a guess from the configuration. */
  isKnown = false;
  readonly #most: number;
  /** Pixels of a frame, as the configuration of the decoder has them; 0 without one. */
  #pixels = 0;

  /** @param most - The most bytes that may be held, of which no frame takes more. */
  constructor(most: number) {
    this.#most = most;
    this.bytes = this.#limited(UNKNOWN_PIXELS * bytesPerPixel);
  }

  /** Takes what a decoder's configuration tells. Returns whether the guess is another one now. */
  expect({ codedWidth = NaN, codedHeight = NaN }: VideoDecoderConfig): boolean {
    const pixels = codedWidth * codedHeight;
    // A fake decoder may take what the platform does not.
    if (this.isKnown || !(pixels > 0 && pixels < Infinity)) return false;
    this.#pixels = pixels;
    this.bytes = this.#limited(pixels * bytesPerPixel);
    return true;
  }

  /** A frame has come: the next ones are taken to be as large. Returns whether that is news. */
  learn(bytes: number): boolean {
    if (bytes === this.bytes && this.isKnown) return false;
    if (!this.isKnown && this.#pixels > 0) {
      bytesPerPixel = bytes > this.#pixels * MOST_PLANAR_BYTES ? PACKED_BYTES : PLANAR_BYTES;
    }
    this.bytes = this.#limited(bytes);
    this.isKnown = true;
    return true;
  }

  #limited(bytes: number): number {
    return Math.min(Math.ceil(bytes), this.#most);
  }
}
