/** Keeps a file that lies from hanging the thread that reads it: looks at what mediabunny reads on its way there. */
import type { Source } from 'mediabunny';
import { encodingError } from '../errors.ts';
import { requirePlausibleTables } from './plausible-tables.ts';

/** A stretch of the file, within bytes that begin at `offset`. */
interface Stretch {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** How mediabunny reads a source, in its own words: at once from what it keeps, or by a promise. Null beyond the end. */
interface Readable {
  _read?(start: number, end: number, ...rest: unknown[]): Stretch | null | Promise<Stretch | null>;
}

/**
 * The same bytes may be read so often in one go, without a step of any promise in between. mediabunny 1.61 has a loop, where it looks
 * for the next element in a damaged WebM file, that reads the last eight bytes for ever.
 */
const MAX_REPEATS = 1000;

/** Bytes of a box's header: size and name; and of one whose size has 64 bits. */
const HEADER = 8;
const LARGE_HEADER = 16;

const MOOV = 0x6d6f6f76;
const MOOF = 0x6d6f6f66;

/**
 * Puts a guard before a source, which is the very source that is returned. What it throws comes out of whatever mediabunny does with
 * the file. mediabunny has no public place for it: a version that reads by another method goes unguarded.
 */
export function guarded<S extends Source>(source: S): S {
  // The boundary to mediabunny's inside.
  const readable = source as Readable;
  const read = readable._read;
  if (typeof read !== 'function') return source;
  const guard = new ReadGuard();
  readable._read = (start, end, ...rest) => {
    guard.count(start, end);
    const result = read.call(source, start, end, ...rest);
    if (!(result instanceof Promise)) return guard.look(result, start, end);
    return result.then((stretch) => guard.look(stretch, start, end));
  };
  return source;
}

class ReadGuard {
  #start = -1;
  #end = -1;
  #repeats = 0;
  /** Where the contents of the `moov` box begin, once its header was read. */
  #tables = -1;

  /** @throws `EncodingError` for what goes round in circles. */
  count(start: number, end: number): void {
    if (start !== this.#start || end !== this.#end) {
      this.#start = start;
      this.#end = end;
      this.#repeats = 0;
      return;
    }
    // What waits for anything in between, a signal can end.
    if (this.#repeats++ === 0) queueMicrotask(() => (this.#repeats = 0));
    if (this.#repeats > MAX_REPEATS) {
      throw encodingError(`the file is damaged: reading it goes round in circles at byte ${start}`);
    }
  }

  /** @throws `EncodingError` for tables that nobody could go through. */
  look<T extends Stretch | null>(stretch: T, start: number, end: number): T {
    if (stretch === null || end - start < HEADER) return stretch;
    const from = start - stretch.offset;
    const bytes = stretch.bytes.subarray(from, from + end - start);
    if (start === this.#tables) {
      requirePlausibleTables(bytes);
      return stretch;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = view.getUint32(0);
    const name = view.getUint32(4);
    // Its header is read first, and then its contents at one go; a fragment's `moof` as a whole.
    if (name === MOOV) this.#tables = start + (size === 1 ? LARGE_HEADER : HEADER);
    else if (name === MOOF && end - start > LARGE_HEADER) requirePlausibleTables(bytes);
    return stretch;
  }
}
