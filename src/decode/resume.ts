/** Points in a stream of chunks at which another decoder can continue. */
import type { ChunkInside, InFlight } from './in-flight.ts';
import { PassCounter } from './in-flight.ts';

/** The key chunk from which decoding continues after the browser has reclaimed the codec. */
export interface RestartPoint {
  /**
   * The chunk, as `chunks` or an earlier `restart()` returned it. Null if no chunk was read before: the stream then begins again
   * with its first chunk.
   */
  readonly chunk: EncodedVideoChunk | null;
  /** Index in the stream: the number of chunks before it, in decode order, over all passes of a loop. */
  readonly index: number;
}

/** State that a reclaimed decoder leaves to the next one. */
export interface Resume {
  /** Point at which the stream continues. */
  readonly point: RestartPoint;
  /** Number of chunks of the stream that previous decoders received. */
  readonly fed: number;
  /** Indices of those chunks whose frames have not come out. */
  readonly missing: ReadonlySet<number>;
  /** Frames through this time, in µs, came out of a decoder whose position in the stream was unknown. Null if there was none. */
  readonly deliveredThrough: number | null;
}

/** Whether the frame of the chunk at this index came out before. */
export const cameOut = ({ fed, missing }: Resume, index: number): boolean =>
  index < fed && !missing.has(index);

/** Combines the states of two decoders of one stream. The second one began at the point that the first one left. */
function resumeAfter(before: Resume | null, own: Resume): Resume {
  if (before === null) return own;
  const missing = [
    ...[...before.missing].filter((index) => index >= own.fed),
    ...[...own.missing].filter((index) => !cameOut(before, index)),
  ];
  return { ...own, fed: Math.max(before.fed, own.fed), missing: new Set(missing) };
}

interface Key {
  readonly chunk: EncodedVideoChunk;
  readonly index: number;
  readonly pass: number;
}

/** Finds the last key chunk from which all frames that have not come out can be decoded. */
export class RestartPoints {
  readonly #passes = new PassCounter();
  /** The first chunk that was read, or the last key chunk that a frame has reached, and all key chunks after it. */
  #keys: Key[] = [];
  readonly #first: RestartPoint;
  #next: number;

  /** @param firstIndex - Index of the first chunk in the stream. */
  constructor(firstIndex: number) {
    this.#first = { chunk: null, index: firstIndex };
    this.#next = firstIndex;
  }

  /** Adds a chunk. Must be called once for each chunk, in decode order, before it is fed. */
  read(chunk: EncodedVideoChunk): void {
    const pass = this.#passes.read(chunk);
    const index = this.#next++;
    if (chunk.type === 'key' || this.#keys.length === 0) this.#keys.push({ chunk, index, pass });
  }

  /** Notes a frame that came out. Frames that are decoded after a key frame and shown before it need the previous key frame. */
  reach({ index, pass, timestamp }: ChunkInside): void {
    if (this.#keys.length < 2) return;
    const reached = lastOf(
      this.#keys,
      (key) => key.index <= index && (key.pass < pass || key.chunk.timestamp <= timestamp),
    );
    if (reached > 0) this.#keys.splice(0, reached);
  }

  /**
   * Returns the state from which another decoder can continue.
   *
   * @param before - State that the previous decoder left.
   */
  resume(inFlight: InFlight, before: Resume | null, deliveredThrough: number | null): Resume {
    const { nextIndex: fed, indices } = inFlight;
    const point = this.#pointFor(indices[0] ?? fed) ?? before?.point ?? this.#first;
    return resumeAfter(before, { point, fed, missing: new Set(indices), deliveredThrough });
  }

  /**
   * Returns the restart point if all frames of chunks before `oldest` came out. A key chunk that begins another pass needs none
   * of them.
   *
   * @returns Null if no chunk was read.
   */
  #pointFor(oldest: number): RestartPoint | null {
    const [first] = this.#keys;
    if (first === undefined) return null;
    const last = lastOf(this.#keys, (key) => key.index <= oldest && key.pass > first.pass);
    const { chunk, index } = this.#keys[last] ?? first;
    return { chunk, index };
  }
}

/** Returns the position of the last key that fits, or -1 if none does. */
function lastOf(keys: readonly Key[], fits: (key: Key) => boolean): number {
  for (let place = keys.length - 1; place >= 0; place--) {
    const key = keys[place];
    if (key !== undefined && fits(key)) return place;
  }
  return -1;
}
