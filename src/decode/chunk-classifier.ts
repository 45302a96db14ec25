/** Decides for each chunk whether its frame is delivered, closed as it comes out, or never comes. */
import { isInvisible } from '../bitstream/invisible-frames.ts';
import { bytesOf } from './chunk-bytes.ts';

/**
 * `wanted`: the frame is delivered, and so the chunk needs a permit. `decode-only`: other frames need the chunk, and its own is
 * closed. `invisible`: the chunk gives no frame.
 */
export type ChunkKind = 'wanted' | 'decode-only' | 'invisible';

/** Which frames are delivered. Times in µs. */
export interface FrameRange {
  /** Frames before this time are decode-only. */
  readonly from: number;
  /** Frames at or after this time are decode-only. */
  readonly to: number;
  /** Frames through this time were delivered by the decoder before. Null for the first decoder. */
  readonly deliveredThrough: number | null;
  /** Whether the source marks a chunk as decode-only. */
  isDecodeOnly?(chunk: EncodedVideoChunk): boolean;
}

/** A chunk is decided on once, in decode order: of chunks with equal times, each has its own kind. */
export class ChunkClassifier {
  readonly #range: FrameRange;
  #codec: string;
  #hasHidden = false;
  /** Null when the chunks have come to what was not delivered before. */
  #deliveredThrough: number | null;
  #newest = -Infinity;
  #beyond = 0;

  constructor(codec: string, range: FrameRange) {
    this.#range = range;
    this.#codec = codec;
    this.#deliveredThrough = range.deliveredThrough;
    this.configure(codec);
  }

  /** Following chunks are of this codec. */
  configure(codec: string): void {
    this.#codec = codec;
    this.#hasHidden = codec === 'vp8' || String(codec).startsWith('vp09.');
  }

  /** Visible chunks at or after `to` so far. */
  get beyond(): number {
    return this.#beyond;
  }

  /** To be called once for each chunk, in decode order. */
  classify(chunk: EncodedVideoChunk): ChunkKind {
    const { timestamp } = chunk;
    if (this.#hasHidden && isInvisible(this.#codec, bytesOf(chunk))) return 'invisible';
    // A key frame that is not later than all before begins another pass of a loop, or another file.
    if (chunk.type === 'key' && timestamp <= this.#newest) this.#deliveredThrough = null;
    this.#newest = Math.max(this.#newest, timestamp);
    if (timestamp >= this.#range.to) {
      this.#beyond++;
      return 'decode-only';
    }
    return this.#isBefore(timestamp) || this.#range.isDecodeOnly?.(chunk) === true ? 'decode-only' : 'wanted';
  }

  /** The kind of a frame that no chunk is known for. */
  kindOfFrame(timestamp: number): ChunkKind {
    return this.#isBefore(timestamp) || timestamp >= this.#range.to ? 'decode-only' : 'wanted';
  }

  /** Whether a frame of this time comes before the first one that is to be delivered. */
  #isBefore(timestamp: number): boolean {
    return timestamp < this.#range.from || timestamp <= (this.#deliveredThrough ?? -Infinity);
  }
}
