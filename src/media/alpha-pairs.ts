/** Alpha packets, and the pairing of colour and alpha frames that two decoders put out for the same timestamps. Pure arithmetic. */

/** Whether a transparent video of this codec stores its alpha as packets of the same codec beside the colour (WebM, MKV). */
export const hasAlphaPackets = (codec: string): boolean =>
  codec.startsWith('vp8') || codec.startsWith('vp09');

/**
 * Whether a decoder can start at an alpha packet. The alpha's key frames may be at other packets than the colour's, and the
 * container does not mark them.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6386#section-9.1 | RFC 6386, 9.1}, VP8's frame tag.
 * @see {@link https://www.webmproject.org/vp9/ | VP9 bitstream specification}, 6.2 uncompressed header.
 */
export function isAlphaKey(codec: string, data: Uint8Array): boolean {
  const first = data[0];
  if (first === undefined) return false;
  if (codec.startsWith('vp8')) return (first & 1) === 0;
  if (!codec.startsWith('vp09')) return false;
  const profile = ((first >> 5) & 1) | ((first >> 3) & 2);
  // Marker and profile take four bits, and one more in profile 3. Then follow show_existing_frame and frame_type.
  const bits = profile === 3 ? first >> 1 : first >> 2;
  return (bits & 0b11) === 0;
}

/** The part of a `VideoFrame` that pairing needs. */
export interface TimedFrame {
  readonly timestamp: number;
  close(): void;
}

/**
 * Treatment of a chunk's colour frame: it is put out unmerged (`plain`), gets an alpha of 255 everywhere (`opaque`), or waits for
 * the frame of the alpha decoder (`paired`).
 */
export type AlphaUse = 'plain' | 'opaque' | 'paired';

/** A colour frame and its alpha. `alpha` is null for an opaque or unmerged frame. */
export interface Pair<F> {
  readonly colour: F;
  readonly alpha: F | null;
  readonly use: AlphaUse;
}

/** A chunk whose colour frame is still inside the decoder. */
interface Chunk {
  readonly number: number;
  readonly timestamp: number;
  readonly stretch: number;
  readonly use: AlphaUse;
}

/** A colour frame that has come out. */
interface Waiting<F> extends Pair<F> {
  readonly number: number;
  alpha: F | null;
  isComplete: boolean;
}

/**
 * Both decoders put frames out in presentation order. So once an alpha frame comes out for a later colour frame, the earlier
 * colour frames will get none, and are opaque. An alpha frame whose colour frame has passed is closed.
 *
 * Owns every added frame until `take()` returns it, or `clear()` closes it. When timestamps jump back, a new stretch begins, as
 * in decode/in-flight.ts.
 */
export class AlphaPairs<F extends TimedFrame> {
  #chunks: Chunk[] = [];
  #waiting: Waiting<F>[] = [];
  /** Alpha frames whose colour frames are still inside, in order. */
  #alphas: F[] = [];
  #newest = -Infinity;
  #stretch = 0;
  #number = 0;

  /** Number of the last added chunk. */
  get lastNumber(): number {
    return this.#number;
  }

  /** Colour frames that have come out and were not taken. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Number of those frames that `take()` would return without another frame of the alpha decoder. */
  get completeCount(): number {
    const incomplete = this.#waiting.findIndex(({ isComplete }) => !isComplete);
    return incomplete < 0 ? this.#waiting.length : incomplete;
  }

  /** Adds a chunk that goes into the colour decoder. */
  add(timestamp: number, isKey: boolean, use: AlphaUse): void {
    if (isKey && timestamp <= this.#newest) {
      this.#stretch++;
      this.#newest = timestamp;
    }
    this.#newest = Math.max(this.#newest, timestamp);
    this.#chunks.push({ number: ++this.#number, timestamp, stretch: this.#stretch, use });
  }

  /** Removes the last chunk, because the decoder refused it. */
  removeLast(): void {
    this.#chunks.pop();
  }

  /** Takes ownership of a colour frame. `isWanted` is false for a frame that is put out unmerged, whatever its alpha. */
  addColour(colour: F, isWanted: boolean): void {
    const { timestamp } = colour;
    const chunk = this.#leave(timestamp);
    const use = isWanted && chunk !== undefined ? chunk.use : 'plain';
    const alpha = chunk?.use === 'paired' ? this.#alphaOf(timestamp) : null;
    if (use !== 'paired') alpha?.close();
    const isComplete = use !== 'paired' || alpha !== null || this.#alphas.length > 0;
    const number = chunk?.number ?? this.#number;
    this.#waiting.push({ colour, alpha: use === 'paired' ? alpha : null, use, number, isComplete });
  }

  /** Takes ownership of an alpha frame. */
  addAlpha(alpha: F): void {
    const at = this.#waiting.findIndex(
      ({ colour, isComplete }) => !isComplete && colour.timestamp === alpha.timestamp,
    );
    const waiting = this.#waiting[at];
    if (waiting !== undefined) {
      waiting.alpha = alpha;
      this.#completeUntil(at + 1);
    } else if (this.#isAwaited(alpha)) {
      this.#alphas.push(alpha);
      this.#completeUntil(this.#waiting.length);
    } else {
      alpha.close();
    }
  }

  /** Removes and returns the first pair if it is complete. The caller owns both frames. */
  take(): Pair<F> | null {
    if (this.#waiting[0]?.isComplete !== true) return null;
    return this.#waiting.shift() ?? null;
  }

  /** Marks that both decoders have put out everything up to this chunk. Frames without alpha are opaque. */
  endThrough(number: number): void {
    this.#chunks = this.#chunks.filter((chunk) => chunk.number > number);
    this.#closeStrayAlphas();
    for (const waiting of this.#waiting) if (waiting.number <= number) waiting.isComplete = true;
  }

  /** Closes the first frame that waits for its alpha, and all frames after it. */
  dropIncomplete(): void {
    this.#dropFrom(this.completeCount);
  }

  /** Closes all frames and forgets all chunks. */
  clear(): void {
    this.#dropFrom(0);
    this.#newest = -Infinity;
  }

  /** Closes the frames that have come out, from this one on, and forgets all chunks. */
  #dropFrom(index: number): void {
    for (const { colour, alpha } of this.#waiting.splice(index)) {
      colour.close();
      alpha?.close();
    }
    this.#chunks = [];
    this.#closeStrayAlphas();
  }

  /** Removes the chunk of a colour frame that came out, and the chunks before it, which were hidden or dropped. */
  #leave(timestamp: number): Chunk | undefined {
    const shown = this.#chunks.find((chunk) => chunk.timestamp === timestamp);
    if (shown === undefined) return undefined;
    const { stretch } = shown;
    this.#chunks = this.#chunks.filter(
      (chunk) =>
        chunk !== shown &&
        (chunk.stretch > stretch || (chunk.stretch === stretch && chunk.timestamp >= timestamp)),
    );
    return shown;
  }

  /** Removes and returns the first alpha frame of this time. Closes those before it, whose colour frames have passed. */
  #alphaOf(timestamp: number): F | null {
    const at = this.#alphas.findIndex((alpha) => alpha.timestamp === timestamp);
    const alpha = at < 0 ? null : (this.#alphas[at] ?? null);
    for (const stray of this.#alphas.splice(0, at + 1)) if (stray !== alpha) stray.close();
    this.#closeStrayAlphas();
    return alpha;
  }

  #closeStrayAlphas(): void {
    const kept: F[] = [];
    for (const alpha of this.#alphas) {
      if (this.#isAwaited(alpha)) kept.push(alpha);
      else alpha.close();
    }
    this.#alphas = kept;
  }

  /** Whether the colour frame of this alpha frame is still inside. */
  #isAwaited({ timestamp }: F): boolean {
    return this.#chunks.some((chunk) => chunk.use === 'paired' && chunk.timestamp === timestamp);
  }

  #completeUntil(end: number): void {
    for (const waiting of this.#waiting.slice(0, end)) waiting.isComplete = true;
  }
}
