/** Classifier that decides for each chunk whether its frame is delivered, closed on output or never produced. */
import { isInvisible } from '../bitstream/vpx.ts';
import type { ChunkKind } from './in-flight.ts';
import type { Resume } from './resume.ts';
import { cameOut } from './resume.ts';

/** Range of frames that are delivered. Times are in µs. */
export interface FrameRange {
  /** Frames before this time are decode-only. */
  readonly from: number;
  /** Frames at or after this time are decode-only. */
  readonly to: number;
  /** State that the previous decoder left. Null for the first decoder. */
  readonly resume: Resume | null;
  /** Previous decoders delivered the frames through this time. Used only if the chunks do not begin at the point of `resume`. */
  readonly deliveredThrough: number | null;
  /** Whether the source marks a chunk as decode-only. */
  isDecodeOnly?(chunk: EncodedVideoChunk): boolean;
}

/** The range of a decoder that delivers all frames. */
export const ALL_FRAMES: FrameRange = {
  from: -Infinity,
  to: Infinity,
  resume: null,
  deliveredThrough: null,
};

/** Classifies each chunk once, in decode order. So chunks with equal times each get their own kind. */
export class ChunkClassifier {
  readonly #range: FrameRange;
  #codec: string;
  #hasHidden = false;
  #resume: Resume | null;
  /** Null once the chunks have reached frames that were not delivered before. */
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

  /** Sets the codec of the following chunks. */
  configure(codec: string): void {
    this.#codec = codec;
    this.#hasHidden = codec === 'vp8' || String(codec).startsWith('vp09.');
  }

  /** Number of visible chunks at or after `to` so far. */
  get beyond(): number {
    return this.#beyond;
  }

  /** State that the previous decoder left. Null if the chunks did not begin at its point. */
  get resume(): Resume | null {
    return this.#resume;
  }

  /** Frames through this time, in µs, are not delivered. Null if times do not decide. */
  get deliveredThrough(): number | null {
    return this.#deliveredThrough;
  }

  /** Returns the kind of a chunk. Must be called once for each chunk, in decode order. */
  classify(chunk: EncodedVideoChunk): ChunkKind {
    const { timestamp } = chunk;
    if (this.#read === 0) this.#align(chunk);
    const place = this.#read++;
    if (this.#hasHidden && isInvisible(this.#codec, bytesOf(chunk))) return 'invisible';
    // A key frame that is not later than all frames before it begins another pass of a loop, or another file.
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

  /** Returns the kind of a frame whose chunk is unknown. */
  kindOfFrame(timestamp: number): ChunkKind {
    return this.#isBefore(timestamp) || timestamp >= this.#range.to ? 'decode-only' : 'wanted';
  }

  /** Positions are known if the first chunk is the requested one. If the source begins elsewhere, times decide instead. */
  #align({ type, timestamp }: EncodedVideoChunk): void {
    const chunk = this.#resume?.point.chunk ?? null;
    if (chunk === null || (type === 'key' && timestamp === chunk.timestamp)) return;
    this.#resume = null;
    this.#deliveredThrough = this.#range.deliveredThrough;
  }

  /** Whether a frame with this time precedes the first frame to deliver. */
  #isBefore(timestamp: number): boolean {
    return timestamp < this.#range.from || timestamp <= (this.#deliveredThrough ?? -Infinity);
  }
}

/** Grows to the size of the largest chunk. All decoders of this thread share it, because no caller keeps the bytes. */
let scratch = new Uint8Array(0);

/** Returns the bytes of a chunk, to read its headers. They are valid until the next call. */
export function bytesOf(chunk: EncodedVideoChunk): Uint8Array {
  const { byteLength } = chunk;
  if (scratch.length < byteLength) scratch = new Uint8Array(Math.max(byteLength, 2 * scratch.length));
  const bytes = scratch.subarray(0, byteLength);
  chunk.copyTo(bytes);
  return bytes;
}
