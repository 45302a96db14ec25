/** Sample tables of MP4 and MOV files: rejects tables that list more frames than possible, and leaves out the samples in tables. */
import { encodingError } from '../../base/errors.ts';
import { boxAt, boxesOf, viewOf } from './boxes.ts';

/** Frames that a table may list in addition to one per byte of the tables. A loop over this many takes a fraction of a second. */
const SPARE_FRAMES = 2 ** 20;

/** Bytes before the entries of a table: size, name, version and flags, count. */
const HEADER = 16;

const LETTER_T = 't'.charCodeAt(0);

/** The relevant names, their letters as one number. Each has a `t` as its first or second letter. */
const TRAK = 0x7472616b;
const TRUN = 0x7472756e;
const STTS = 0x73747473;
const CTTS = 0x63747473;
const STSC = 0x73747363;
const STSZ = 0x7374737a;
const STZ2 = 0x73747a32;

/**
 * Scans the contents of a `moov` or `moof` box. mediabunny 1.61 creates an object for each frame with a composition offset
 * (`ctts`), and loops over a chunk's frames for each of them: a count of 2^32 hangs the thread, and no signal can interrupt it.
 *
 * Names are searched at every position instead of box by box, because box sizes can be wrong, too.
 *
 * @throws `EncodingError` for implausible tables.
 */
export function validateSampleTables(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let track = new TrackTables(view);
  for (let at = bytes.indexOf(LETTER_T); at !== -1; at = bytes.indexOf(LETTER_T, at + 1)) {
    for (const start of [at - 4, at - 5]) {
      if (start < 0 || start + HEADER > bytes.length) continue;
      const name = view.getUint32(start + 4);
      if (name === TRAK) track = new TrackTables(view);
      else track.note(name, start);
    }
  }
}

/** Totals of the tables of one track. */
class TrackTables {
  readonly #view: DataView;
  readonly #maxFrames: number;
  /** Frames counted by durations, and by composition offsets. */
  #durations = 0;
  #offsets = 0;
  /** Frames of the largest chunk. */
  #chunk = 0;
  /** Number of tables with one size for all frames, and with a size for each. */
  #oneSize = 0;
  #ownSizes = 0;
  /** Frames that are listed without a byte for each. */
  #unsized = 0;
  /** Visited entries. More than fit side by side mean that the tables overlap. */
  #visited = 0;

  constructor(view: DataView) {
    this.#view = view;
    this.#maxFrames = view.byteLength + SPARE_FRAMES;
  }

  note(name: number, box: number): void {
    const view = this.#view;
    // A size of 1 means that the real size follows the name, in eight bytes.
    const start = view.getUint32(box) === 1 ? box + 8 : box;
    if (start + HEADER > view.byteLength) return;
    const first = view.getUint32(start + 12);
    if (name === STTS) {
      this.#each(start, 2, (at) => (this.#durations += view.getUint32(at)));
    } else if (name === CTTS) {
      this.#offsets++;
      this.#each(start, 2, (at) => (this.#offsets += view.getUint32(at)));
    } else if (name === STSC) {
      this.#each(start, 3, (at) => (this.#chunk = Math.max(this.#chunk, view.getUint32(at + 4))));
    } else if (name === STSZ && first > 0) {
      this.#oneSize++;
    } else if (name === STSZ || name === STZ2) {
      this.#ownSizes++;
      // The size of each entry in bits, and the count.
      const isBare = name === STZ2 && (first & 0xff) === 0 && start + HEADER + 4 <= view.byteLength;
      if (isBare) this.#unsized += view.getUint32(start + HEADER);
    } else if (name === TRUN) {
      this.#unsized += first;
    } else {
      return;
    }
    this.#check();
  }

  /** Visits the entries of a table, each of `numbers` 32-bit numbers, as far as there are bytes. */
  #each(start: number, numbers: number, visit: (at: number) => void): void {
    const { byteLength } = this.#view;
    const count = this.#view.getUint32(start + 12);
    const entries = Math.min(count, Math.floor((byteLength - start - HEADER) / (numbers * 4)));
    this.#visited += entries;
    if (this.#visited > byteLength) this.#reject(this.#visited);
    for (let n = 0; n < entries; n++) visit(start + HEADER + n * numbers * 4);
  }

  #check(): void {
    // If all frames have one size, mediabunny does not loop over a chunk. Without offsets it does not loop over all frames.
    const chunk = this.#oneSize === 1 && this.#ownSizes === 0 ? 0 : this.#chunk;
    const durations = this.#offsets > 0 ? this.#durations : 0;
    const listed = Math.max(durations, this.#offsets, chunk, this.#unsized);
    if (listed > this.#maxFrames) this.#reject(listed);
  }

  #reject(listed: number): never {
    throw encodingError(`the file is damaged: its tables list ${listed} frames, more than it can have`);
  }
}

/** Tables whose number of entries follows version and flags. */
const TABLES = ['stts', 'ctts', 'stsc', 'stco', 'co64', 'stss'];

function sampleTablesOf(moov: Uint8Array): Uint8Array[] {
  return [...boxesOf(moov)]
    .filter(({ name }) => name === 'trak')
    .flatMap(({ bytes }) => boxAt(bytes, 'mdia', 'minf', 'stbl') ?? []);
}

/** Whether a `moov` box lists samples although fragments follow. Takes the contents of the box. */
export function hasTablesAndFragments(moov: Uint8Array): boolean {
  if (boxAt(moov, 'mvex') === null) return false;
  return sampleTablesOf(moov).some((table) => {
    const sizes = boxAt(table, 'stsz');
    return sizes !== null && sizes.length >= 12 && viewOf(sizes).getUint32(8) > 0;
  });
}

/** Returns the contents of a `moov` box without any listed sample. */
export function withoutSamples(moov: Uint8Array): Uint8Array {
  const copy = moov.slice();
  for (const table of sampleTablesOf(copy)) {
    for (const name of TABLES) {
      const box = boxAt(table, name);
      if (box !== null && box.length >= 8) viewOf(box).setUint32(4, 0);
    }
    const sizes = boxAt(table, 'stsz');
    if (sizes !== null && sizes.length >= 12) viewOf(sizes).setBigUint64(4, 0n);
  }
  return copy;
}
