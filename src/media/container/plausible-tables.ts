/** Refuses tables of an MP4 or MOV file that list more frames than there can be, before anybody counts to four billion with them. */
import { encodingError } from '../../errors.ts';

/** Frames that a table may list beyond one for each byte that the tables have. So many are gone through in a fraction of a second. */
const SPARE_FRAMES = 2 ** 20;

/** Bytes before the entries of a table: size, name, version and flags, count. */
const HEADER = 16;

const LETTER_T = 't'.charCodeAt(0);

/** The names that matter, their letters as one number. Each has a `t` as its first or second letter. */
const TRAK = 0x7472616b;
const TRUN = 0x7472756e;
const STTS = 0x73747473;
const CTTS = 0x63747473;
const STSC = 0x73747363;
const STSZ = 0x7374737a;
const STZ2 = 0x73747a32;

/**
 * Looks through the contents of a `moov` box, or a `moof` box. mediabunny 1.61 makes an object for each frame that is listed where
 * times are off (`ctts`), and goes through a chunk's frames for each of them: a count of 2^32 hangs the thread, beyond the reach of
 * any signal.
 *
 * Names are looked for wherever they stand, rather than box by box: where a box ends may be a lie, too.
 *
 * @throws `EncodingError`.
 */
export function requirePlausibleTables(bytes: Uint8Array): void {
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

/** What the tables of one track come to. */
class TrackTables {
  readonly #view: DataView;
  readonly #most: number;
  /** Frames by their durations, and by what their times are off. */
  #durations = 0;
  #offsets = 0;
  /** Frames of the largest chunk. */
  #chunk = 0;
  /** Tables that give all frames one size, and that give each its own. */
  #oneSize = 0;
  #ownSizes = 0;
  /** Frames that are listed without a byte for each. */
  #bare = 0;
  /** Entries that were looked at: more than fit side by side, and the tables lie within each other. */
  #looks = 0;

  constructor(view: DataView) {
    this.#view = view;
    this.#most = view.byteLength + SPARE_FRAMES;
  }

  note(name: number, box: number): void {
    const view = this.#view;
    // A size of 1 says that the real one follows the name, in eight bytes.
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
      // The size of each size in bits, and the count.
      const isBare = name === STZ2 && (first & 0xff) === 0 && start + HEADER + 4 <= view.byteLength;
      if (isBare) this.#bare += view.getUint32(start + HEADER);
    } else if (name === TRUN) {
      this.#bare += first;
    } else {
      return;
    }
    this.#check();
  }

  /** Visits the entries of a table, each of so many numbers of 32 bits, as far as there are bytes. */
  #each(start: number, numbers: number, visit: (at: number) => void): void {
    const { byteLength } = this.#view;
    const count = this.#view.getUint32(start + 12);
    const entries = Math.min(count, Math.floor((byteLength - start - HEADER) / (numbers * 4)));
    this.#looks += entries;
    if (this.#looks > byteLength) this.#refuse(this.#looks);
    for (let n = 0; n < entries; n++) visit(start + HEADER + n * numbers * 4);
  }

  #check(): void {
    // Where all frames have one size, nobody goes through a chunk; and without offsets through all frames.
    const chunk = this.#oneSize === 1 && this.#ownSizes === 0 ? 0 : this.#chunk;
    const durations = this.#offsets > 0 ? this.#durations : 0;
    const listed = Math.max(durations, this.#offsets, chunk, this.#bare);
    if (listed > this.#most) this.#refuse(listed);
  }

  #refuse(listed: number): never {
    throw encodingError(`the file is damaged: its tables list ${listed} frames, more than it can have`);
  }
}
