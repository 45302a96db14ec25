/** Chunks that are inside a decoder, identified by their timestamps. Pure arithmetic. */

/**
 * `wanted`: the frame is delivered, so the chunk needs a permit. `decode-only`: other frames depend on the chunk, and its own
 * frame is closed. `invisible`: the chunk produces no frame.
 */
export type ChunkKind = 'wanted' | 'decode-only' | 'invisible';

/** A chunk inside a decoder. */
export interface ChunkInside {
  readonly timestamp: number;
  /** In µs; null for a chunk without one. */
  readonly duration: number | null;
  readonly kind: ChunkKind;
  /** Number of the pass of a loop, or of the file in a sequence of files. */
  readonly pass: number;
  /** Index in the stream, in decode order. */
  readonly index: number;
}

type Timed = Pick<EncodedVideoChunk, 'timestamp' | 'duration' | 'type'>;

/** Counts passes. A key frame that is not later than all chunks before it begins another pass of a loop, or another file. */
export class PassCounter {
  #newest = -Infinity;
  #pass = 0;

  /** Returns the pass of a chunk. Must be called once for each chunk, in decode order. */
  read({ type, timestamp }: Pick<Timed, 'type' | 'timestamp'>): number {
    if (type === 'key' && timestamp <= this.#newest) {
      this.#pass++;
      this.#newest = timestamp;
    }
    this.#newest = Math.max(this.#newest, timestamp);
    return this.#pass;
  }
}

/** Limit of remembered chunks that were assumed to produce no frame: twice the deepest reordering. */
const MAX_OVERTAKEN = 32;

/**
 * A decoder puts out frames in presentation order. So once a frame is out, the chunks before its timestamp produce no frames:
 * they were hidden frames, or were dropped (633 packets of a real file gave 600 frames). `decodeQueueSize` does not show this,
 * because it counts only chunks that were not taken yet, and engines differ in it.
 *
 * Some hardware decoders put out frames in decode order. The first frame that comes after a later one identifies such a decoder.
 * From then on, the chunks that were decoded before a frame produce no frames.
 *
 * Order holds within a pass.
 */
export class InFlight {
  readonly #chunks: ChunkInside[] = [];
  readonly #passes = new PassCounter();
  /** Chunks that a frame overtook, newest last. */
  readonly #overtaken: ChunkInside[] = [];
  #hasOvertaken = false;
  #isInDecodeOrder = false;
  #lastOut: ChunkInside | null = null;
  #next: number;
  #wanted = 0;

  /** @param firstIndex - Index of the first chunk in the stream. */
  constructor(firstIndex = 0) {
    this.#next = firstIndex;
  }

  /** Number of chunks that were fed and may still come out. */
  get size(): number {
    return this.#chunks.length;
  }

  /** Number of these chunks whose frames will need a slot. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Whether the last frame overtook chunks whose frames need a slot. */
  get hasOvertaken(): boolean {
    return this.#hasOvertaken;
  }

  /** Whether the decoder has put out frames in decode order. */
  get isInDecodeOrder(): boolean {
    return this.#isInDecodeOrder;
  }

  /** Index of the next chunk in the stream. */
  get nextIndex(): number {
    return this.#next;
  }

  /** Indices in the stream of all chunks inside, in decode order. */
  get indices(): number[] {
    return this.#chunks.map(({ index }) => index);
  }

  /** Adds a chunk before it is decoded. Within a pass a key frame is shown after all frames that were decoded before it. */
  feed({ timestamp, duration, type }: Timed, kind: ChunkKind): ChunkInside {
    const pass = this.#passes.read({ type, timestamp });
    const chunk = { timestamp, duration, kind, pass, index: this.#next++ };
    this.#chunks.push(chunk);
    if (kind === 'wanted') this.#wanted++;
    return chunk;
  }

  /** Removes a chunk that the decoder rejected. */
  cancel(chunk: ChunkInside): void {
    this.#keep((each) => each !== chunk);
  }

  /**
   * Removes the chunk of a frame that came out, and every chunk that the frame overtook.
   *
   * @returns The frame's chunk: the first one with its time that produces a frame. Null if no chunk has its time.
   */
  out(timestamp: number): ChunkInside | null {
    this.#hasOvertaken = false;
    const shown = this.#chunks.find((chunk) => chunk.timestamp === timestamp && chunk.kind !== 'invisible');
    if (shown === undefined) return this.#outLate(timestamp);
    this.#lastOut = shown;
    const mayFollow = this.#isInDecodeOrder
      ? (chunk: ChunkInside): boolean => chunk.index > shown.index
      : (chunk: ChunkInside): boolean => chunk !== shown && isShownAfter(chunk, shown);
    this.#keep(mayFollow, shown);
    return shown;
  }

  /**
   * Removes chunks that have the time of the last frame. If several chunks share one time, each may produce a frame, so they stay
   * inside until a later frame comes out. A decoder that is silent although it has taken all chunks has dropped them.
   *
   * @returns Whether there were any.
   */
  dropRepeated(): boolean {
    const last = this.#lastOut;
    if (last === null) return false;
    const before = this.#chunks.length;
    this.#keep(({ pass, timestamp }) => pass !== last.pass || timestamp !== last.timestamp);
    return this.#chunks.length < before;
  }

  /** Removes all chunks after the decoder was flushed, reset or closed. */
  clear(): void {
    this.#chunks.length = 0;
    this.#overtaken.length = 0;
    this.#lastOut = null;
    this.#wanted = 0;
  }

  /** Handles a frame whose chunk is not inside. */
  #outLate(timestamp: number): ChunkInside | null {
    const place = this.#overtaken.findIndex((chunk) => chunk.timestamp === timestamp);
    if (place >= 0) {
      // The other order holds, because this chunk was assumed to be overtaken.
      this.#isInDecodeOrder = !this.#isInDecodeOrder;
      return this.#overtaken.splice(place, 1)[0] ?? null;
    }
    const first = this.#chunks[0];
    if (first === undefined || this.#isInDecodeOrder) return null;
    const unknown = { timestamp, pass: first.pass };
    this.#keep((chunk) => isShownAfter(chunk, unknown));
    return null;
  }

  /** Keeps the chunks that may still come out. All others except `shown` were overtaken. */
  #keep(mayCome: (chunk: ChunkInside) => boolean, shown: ChunkInside | null = null): void {
    // In place, because a new list for each frame would be garbage.
    const chunks = this.#chunks;
    let kept = 0;
    this.#wanted = 0;
    for (const chunk of chunks) {
      if (mayCome(chunk)) {
        chunks[kept++] = chunk;
        if (chunk.kind === 'wanted') this.#wanted++;
      } else if (shown !== null && chunk !== shown && chunk.kind !== 'invisible') {
        this.#overtaken.push(chunk);
        if (chunk.kind === 'wanted') this.#hasOvertaken = true;
      }
    }
    chunks.length = kept;
    if (this.#overtaken.length > MAX_OVERTAKEN)
      this.#overtaken.splice(0, this.#overtaken.length - MAX_OVERTAKEN);
  }
}

/** Whether a decoder that puts out in presentation order may put out the frame of a chunk after another frame. */
const isShownAfter = (chunk: ChunkInside, frame: Pick<ChunkInside, 'pass' | 'timestamp'>): boolean =>
  chunk.pass > frame.pass ||
  (chunk.pass === frame.pass &&
    (chunk.timestamp > frame.timestamp ||
      // Chunks with equal times each produce a frame of their own.
      (chunk.timestamp === frame.timestamp && chunk.kind !== 'invisible')));
