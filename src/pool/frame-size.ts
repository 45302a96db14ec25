/** Expected bytes of a pool's next decoded frame: those of the last frame, or a guess before the first frame. */

/** Bytes per pixel of 4:2:0 with 8 bits, the output of most decoders. */
const PLANAR_BYTES = 1.5;

/** Bytes per pixel of BGRX, the output of Firefox. Frames of a hidden format count with the same size. */
const PACKED_BYTES = 4;

/** Maximum bytes per pixel of a planar format: 4:2:0 with more than 8 bits has 3. */
const MOST_PLANAR_BYTES = 3;

/** Assumed pixels of a frame without a configuration: 1080p. */
const UNKNOWN_PIXELS = 1920 * 1080;

/** Guess for the next stream, from the first frame of the last: an engine usually decodes all streams to the same format. */
let bytesPerPixel = PLANAR_BYTES;

/** Estimate of the bytes of the next frame. If bytes are limited, permits are granted for this size. */
export class FrameSize {
  /** Expected bytes of the next frame, at most the limit. */
  bytes: number;
  /** Whether `bytes` is the size of a frame, rather than a guess from the configuration. */
  isKnown = false;
  readonly #most: number;
  /** Pixels of a frame in the decoder's configuration; 0 without a configuration. */
  #pixels = 0;

  /** @param most - Maximum bytes that may be held, which no frame can exceed. */
  constructor(most: number) {
    this.#most = most;
    this.bytes = this.#limited(UNKNOWN_PIXELS * bytesPerPixel);
  }

  /** Takes a guess from a decoder's configuration. Returns whether the guess was updated. */
  expect({ codedWidth = NaN, codedHeight = NaN }: VideoDecoderConfig): boolean {
    const pixels = codedWidth * codedHeight;
    // A fake decoder may accept sizes that the platform rejects.
    if (this.isKnown || !(pixels > 0 && pixels < Infinity)) return false;
    this.#pixels = pixels;
    this.bytes = this.#limited(pixels * bytesPerPixel);
    return true;
  }

  /** Records the size of a frame; the next frames are expected to have the same size. Returns whether this changed anything. */
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
