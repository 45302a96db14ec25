/** Decides for each chunk whether its frame is delivered, closed as it comes out, or never comes. */
import { isInvisible } from '../bitstream/invisible-frames.ts';
import { bytesOf } from './chunk-bytes.ts';
import type { Resume } from './resume.ts';
import { cameOut } from './resume.ts';

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
  /** What the decoder before left. Null for the first decoder. */
  readonly resume: Resume | null;
  /** Frames through this time were delivered by decoders before. It counts only if the chunks do not begin where `resume` says. */
  readonly deliveredThrough: number | null;
  /** Whether the source marks a chunk as decode-only. */
  isDecodeOnly?(chunk: EncodedVideoChunk): boolean;
}

/** A chunk is decided on once, in decode order: of chunks with equal times, each has its own kind. */
export class ChunkClassifier {
  readonly #range: FrameRange;
  #codec: string;
  #hasHidden = false;
  #resume: Resume | null;
  /** Null when the chunks have come to what was not delivered before. */
  #deliveredThrough: number | null;
  #newest = -Infinity;
  #read = 0;
  #beyond = 0;

  constructor(codec: string, range: FrameRange) {
    this.#range = range;
    this.#codec = codec;
    this.#resume = range.resume;
    this.#deliveredThrough = range.resume?.deliveredThrough ?? null;
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

  /** What the decoder before left; null if the chunks did not begin there. */
  get resume(): Resume | null {
    return this.#resume;
  }

  /** Frames through this time, in µs, are not delivered; null if times do not decide. */
  get deliveredThrough(): number | null {
    return this.#deliveredThrough;
  }

  /** To be called once for each chunk, in decode order. */
  classify(chunk: EncodedVideoChunk): ChunkKind {
    const { timestamp } = chunk;
    if (this.#read === 0) this.#align(chunk);
    const place = this.#read++;
    if (this.#hasHidden && isInvisible(this.#codec, bytesOf(chunk))) return 'invisible';
    // A key frame that is not later than all before begins another pass of a loop, or another file.
    if (chunk.type === 'key' && timestamp <= this.#newest) this.#deliveredThrough = null;
    this.#newest = Math.max(this.#newest, timestamp);
    if (timestamp >= this.#range.to) {
      this.#beyond++;
      return 'decode-only';
    }
    const isMarked = this.#range.isDecodeOnly?.(chunk) === true;
    const isOut = this.#resume !== null && cameOut(this.#resume, this.#resume.point.index + place);
    return isMarked || isOut || this.#isBefore(timestamp) ? 'decode-only' : 'wanted';
  }

  /** The kind of a frame that no chunk is known for. */
  kindOfFrame(timestamp: number): ChunkKind {
    return this.#isBefore(timestamp) || timestamp >= this.#range.to ? 'decode-only' : 'wanted';
  }

  /** Places are known if the first chunk is the one that was asked for. A source that begins elsewhere is placed by times. */
  #align({ type, timestamp }: EncodedVideoChunk): void {
    const chunk = this.#resume?.point.chunk ?? null;
    if (chunk === null || (type === 'key' && timestamp === chunk.timestamp)) return;
    this.#resume = null;
    this.#deliveredThrough = this.#range.deliveredThrough;
  }

  /** Whether a frame of this time comes before the first one that is to be delivered. */
  #isBefore(timestamp: number): boolean {
    return timestamp < this.#range.from || timestamp <= (this.#deliveredThrough ?? -Infinity);
  }
}
