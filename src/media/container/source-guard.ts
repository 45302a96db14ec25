/**
 * Guard around everything that mediabunny reads: rejects files that would hang the thread, and collects facts that mediabunny
 * does not expose.
 */
import type { Source } from 'mediabunny';
import { encodingError } from '../../base/errors.ts';
import { ClusterRepair } from './matroska.ts';
import { validateSampleTables, hasTablesAndFragments, withoutSamples } from './sample-tables.ts';
import type { EditEnd } from './edit-list.ts';
import { editEndsOf } from './edit-list.ts';
import type { SampleDescriptions } from './sample-descriptions.ts';
import { fragmentDescriptionsOf, sampleDescriptionsOf } from './sample-descriptions.ts';

/** A part of the file, within bytes that begin at `offset`. */
interface ByteRange {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly offset: number;
}

type Read = (start: number, end: number, ...rest: unknown[]) => ByteRange | null | Promise<ByteRange | null>;

/** mediabunny's interface to a source: returns synchronously from its cache, or a promise. Null beyond the end. */
interface Readable {
  _read?: Read;
  _getFileSize?(): number | null | undefined;
}

/** Facts about the file that its reads have revealed so far. */
export interface SourceFindings {
  /** Tracks with more than one sample description, by track ID. */
  readonly descriptions: ReadonlyMap<number, SampleDescriptions>;
  /** Descriptions that fragments name: by the position of the fragment, then by track ID. In the order of reading. */
  readonly fragments: ReadonlyMap<number, ReadonlyMap<number, number>>;
  /** Ends of tracks by their edit lists, by track ID. */
  readonly editEnds: ReadonlyMap<number, EditEnd>;
  /** Whether an MP4 or MOV file lists some samples in tables, and others in fragments. */
  readonly hasTablesAndFragments: boolean;
  /** Whether the last cluster of a Matroska file is truncated. */
  readonly isTruncated: boolean;
}

/** Options of a guard. */
export interface GuardOptions {
  /** Whether the samples in tables are left out: mediabunny reads either the tables or the fragments. */
  readonly isWithoutTables?: boolean;
}

/** For a source without a guard. */
export const NO_FINDINGS: SourceFindings = {
  descriptions: new Map(),
  fragments: new Map(),
  editEnds: new Map(),
  hasTablesAndFragments: false,
  isTruncated: false,
};

/**
 * Maximum of reads of the same bytes without a promise in between. A loop of mediabunny 1.61, which searches for the next element
 * in a damaged WebM file, reads the last eight bytes forever.
 */
const MAX_REPEATS = 1000;

/** Bytes of a box's header: size and name. The larger one is for a 64-bit size. */
const HEADER = 8;
const LARGE_HEADER = 16;

const MOOV = 0x6d6f6f76;
const MOOF = 0x6d6f6f66;
const EBML = 0x1a45dfa3;

/**
 * Wraps the reads of a source. An error of the guard is thrown by the mediabunny call that reads. mediabunny has no public hook
 * for this: a version that reads by another method is not guarded.
 */
export function guardSource(source: Source, { isWithoutTables = false }: GuardOptions = {}): SourceFindings {
  // The boundary to mediabunny's private members.
  const readable = source as Readable;
  const read = readable._read;
  if (typeof read !== 'function') return NO_FINDINGS;
  const guard = new SourceGuard(
    (start, end) => read.call(source, start, end, 0, Infinity),
    () => readable._getFileSize?.() ?? null,
    isWithoutTables,
  );
  readable._read = (start, end, ...rest) => {
    guard.countRead(start, end);
    const result = read.call(source, start, end, ...rest);
    if (!(result instanceof Promise)) return guard.inspect(result, start, end);
    return result.then((range) => guard.inspect(range, start, end));
  };
  return guard;
}

class SourceGuard implements SourceFindings {
  readonly descriptions = new Map<number, SampleDescriptions>();
  readonly fragments = new Map<number, ReadonlyMap<number, number>>();
  editEnds: ReadonlyMap<number, EditEnd> = new Map();
  hasTablesAndFragments = false;
  readonly #isWithoutTables: boolean;
  readonly #repairer: ClusterRepair;
  #start = -1;
  #end = -1;
  #repeats = 0;
  /** Start of the contents of the `moov` box, once its header was read. */
  #tables = -1;
  #isMatroska = false;

  constructor(read: Read, fileSize: () => number | null, isWithoutTables: boolean) {
    this.#isWithoutTables = isWithoutTables;
    this.#repairer = new ClusterRepair(async (start, end) => {
      const range = await read(start, end);
      return range === null ? null : bytesOf(range, start, end);
    }, fileSize);
  }

  get isTruncated(): boolean {
    return this.#repairer.isTruncated;
  }

  /** @throws `EncodingError` for reads that repeat forever. */
  countRead(start: number, end: number): void {
    if (start !== this.#start || end !== this.#end) {
      this.#start = start;
      this.#end = end;
      this.#repeats = 0;
      return;
    }
    // Reset when a promise settles in between, because a signal can end such reads.
    if (this.#repeats++ === 0) queueMicrotask(() => (this.#repeats = 0));
    if (this.#repeats > MAX_REPEATS) {
      throw encodingError(`the file is damaged: reading it does not advance beyond byte ${start}`);
    }
  }

  /** @throws `EncodingError` for implausible tables. */
  inspect(range: ByteRange | null, start: number, end: number): ByteRange | null | Promise<ByteRange | null> {
    if (range === null) return range;
    const bytes = bytesOf(range, start, end);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (start === 0 && bytes.length >= 4 && view.getUint32(0) === EBML) this.#isMatroska = true;
    if (this.#isMatroska) return this.#repair(range, bytes, start);
    return bytes.length >= HEADER ? this.#inspectBoxes(range, bytes, view, start) : range;
  }

  #repair(range: ByteRange, bytes: Uint8Array, start: number): ByteRange | null | Promise<ByteRange | null> {
    const repaired = this.#repairer.repair(bytes, start);
    if (repaired === bytes) return range;
    return Promise.resolve(repaired).then((other) => (other === null ? null : byteRangeOf(other, start)));
  }

  #inspectBoxes(range: ByteRange, bytes: Uint8Array, view: DataView, start: number): ByteRange {
    if (start === this.#tables) {
      validateSampleTables(bytes);
      for (const [track, found] of sampleDescriptionsOf(bytes)) this.descriptions.set(track, found);
      this.editEnds = editEndsOf(bytes);
      this.hasTablesAndFragments = hasTablesAndFragments(bytes);
      return this.#isWithoutTables ? byteRangeOf(withoutSamples(bytes), start) : range;
    }
    const size = view.getUint32(0);
    const name = view.getUint32(4);
    // Its header is read first, and then its contents at once; a fragment's `moof` is read as a whole.
    if (name === MOOV) this.#tables = start + (size === 1 ? LARGE_HEADER : HEADER);
    else if (name === MOOF && bytes.length > LARGE_HEADER) {
      validateSampleTables(bytes);
      const header = size === 1 ? LARGE_HEADER : HEADER;
      if (this.descriptions.size > 0)
        this.fragments.set(start, fragmentDescriptionsOf(bytes.subarray(header)));
    }
    return range;
  }
}

const bytesOf = ({ bytes, offset }: ByteRange, start: number, end: number): Uint8Array =>
  bytes.subarray(start - offset, end - offset);

const byteRangeOf = (bytes: Uint8Array, offset: number): ByteRange => ({
  bytes,
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset,
});
