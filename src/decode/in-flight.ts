/** Which chunks are still inside a decoder, recognized by their timestamps. Pure arithmetic. */
import type { ChunkKind } from './chunk-classifier.ts';

/** A chunk inside a decoder. */
export interface ChunkInside {
  readonly timestamp: number;
  /** In µs; null for a chunk without one. */
  readonly duration: number | null;
  readonly kind: ChunkKind;
  readonly stretch: number;
}

/**
 * A decoder puts frames out in presentation order. So once a frame is out, the chunks before its timestamp never will be:
 * they were hidden frames, or were dropped (633 packets of a real file gave 600 frames). `decodeQueueSize` does not tell:
 * it counts what was not taken yet, not what has not come out, and engines differ in it.
 *
 * Where timestamps jump back (a loop, files one after the other) a new stretch begins, and order holds within a stretch.
 */
export class InFlight {
  readonly #chunks: ChunkInside[] = [];
  #stretch = 0;
  #newest = -Infinity;

  #wanted = 0;

  /** Chunks that went in and may still come out. */
  get size(): number {
    return this.#chunks.length;
  }

  /** Those of them whose frames will need a slot. */
  get wanted(): number {
    return this.#wanted;
  }

  /** A chunk goes in. Within a stretch a key frame is shown after everything that was decoded before it. */
  feed(
    { timestamp, duration, type }: Pick<EncodedVideoChunk, 'timestamp' | 'duration' | 'type'>,
    kind: ChunkKind,
  ): void {
    if (type === 'key' && timestamp <= this.#newest) {
      this.#stretch++;
      this.#newest = timestamp;
    }
    this.#newest = Math.max(this.#newest, timestamp);
    this.#chunks.push({ timestamp, duration, kind, stretch: this.#stretch });
    if (kind === 'wanted') this.#wanted++;
  }

  /**
   * A frame came out: it, and all that was to come before it, is in there no more.
   *
   * @returns Its chunk: the first one of its time that gives a frame. Null if no chunk has its time.
   */
  out(timestamp: number): ChunkInside | null {
    const chunks = this.#chunks;
    const shown = chunks.find((chunk) => chunk.timestamp === timestamp && chunk.kind !== 'invisible');
    const stretch = (shown ?? chunks[0])?.stretch;
    if (stretch === undefined) return null;
    // In place: a list made anew for each frame would be garbage.
    let kept = 0;
    this.#wanted = 0;
    for (const chunk of chunks) {
      const isLater = chunk.stretch > stretch || (chunk.stretch === stretch && chunk.timestamp > timestamp);
      // Of chunks with one time, each gives a frame of its own.
      const isTwin = chunk.stretch === stretch && chunk.timestamp === timestamp && chunk !== shown;
      if (!isLater && !isTwin) continue;
      chunks[kept++] = chunk;
      if (chunk.kind === 'wanted') this.#wanted++;
    }
    chunks.length = kept;
    return shown ?? null;
  }

  /** The decoder was emptied: flushed, reset or closed. */
  clear(): void {
    this.#chunks.length = 0;
    this.#wanted = 0;
    this.#newest = -Infinity;
  }
}
