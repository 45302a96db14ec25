/** Elements of Matroska and WebM files: their headers, and the repair of a truncated cluster. */

/** ID and size of an element. */
export interface EbmlHeader {
  /** Element ID including its length marker bits, as specifications write it. */
  readonly id: number;
  /** Size of the contents in bytes; null if unknown (live recordings). */
  readonly size: number | null;
  /** Bytes of the ID, and of ID and size together. */
  readonly idLength: number;
  readonly length: number;
}

/**
 * Reads the header at the beginning of these bytes, or returns null if it is truncated.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8794#section-4 | RFC 8794, 4 to 6}, variable-length numbers, IDs and sizes.
 */
export function readEbmlHeader(bytes: Uint8Array): EbmlHeader | null {
  const id = readNumber(bytes, 0);
  if (id === null || id.length > 4) return null;
  const size = readNumber(bytes, id.length);
  if (size === null) return null;
  return {
    id: id.marked,
    size: size.isAllOnes ? null : size.value,
    idLength: id.length,
    length: id.length + size.length,
  };
}

/** A variable-length number: the count of leading zero bits is the number of bytes after the first. */
function readNumber(
  bytes: Uint8Array,
  at: number,
): { marked: number; value: number; isAllOnes: boolean; length: number } | null {
  const first = bytes[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (length > 8 || at + length > bytes.length) return null;
  let marked = first;
  let value = first & (0xff >> length);
  let isAllOnes = value === 0xff >> length;
  for (const byte of bytes.subarray(at + 1, at + length)) {
    marked = marked * 256 + byte;
    value = value * 256 + byte;
    isAllOnes &&= byte === 0xff;
  }
  return { marked, value, isAllOnes, length };
}

/** Elements of Matroska. */
const CLUSTER = 0x1f43b675;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;

/** The longest header of an element: eight bytes each for ID and size. */
const MAX_HEADER = 16;

/**
 * mediabunny reads a cluster at once, and returns none of it if its last bytes are missing. So the size in the header is replaced
 * with that of the complete blocks. A cluster of unknown size is read element by element, and ends before the first truncated
 * one.
 */
export class ClusterRepair {
  readonly #read: (start: number, end: number) => Promise<Uint8Array | null>;
  readonly #fileSize: () => number | null;
  readonly #repaired = new Map<number, Promise<Uint8Array>>();
  #isTruncated = false;

  constructor(
    read: (start: number, end: number) => Promise<Uint8Array | null>,
    fileSize: () => number | null,
  ) {
    this.#read = read;
    this.#fileSize = fileSize;
  }

  /** Whether a truncated cluster was found. */
  get isTruncated(): boolean {
    return this.#isTruncated;
  }

  /** Returns the same bytes if they need no repair, and null to end a cluster of unknown size. */
  repair(bytes: Uint8Array, start: number): Uint8Array | Promise<Uint8Array> | null {
    if (bytes.length > MAX_HEADER) return bytes;
    const fileSize = this.#fileSize();
    if (fileSize === null) return bytes;
    const header = readEbmlHeader(bytes);
    if (header === null || header.size === null || start + header.length + header.size <= fileSize)
      return bytes;
    if (header.id === SIMPLE_BLOCK || header.id === BLOCK_GROUP) {
      this.#isTruncated = true;
      return null;
    }
    if (header.id !== CLUSTER) return bytes;
    this.#isTruncated = true;
    let repaired = this.#repaired.get(start);
    if (repaired === undefined) {
      repaired = this.#shortened(bytes.slice(), header, start + header.length, fileSize);
      this.#repaired.set(start, repaired);
    }
    return repaired;
  }

  async #shortened(
    bytes: Uint8Array,
    { idLength, length }: EbmlHeader,
    contents: number,
    fileSize: number,
  ): Promise<Uint8Array> {
    let end = contents;
    while (end < fileSize) {
      const found = await this.#read(end, Math.min(end + MAX_HEADER, fileSize));
      const child = found === null ? null : readEbmlHeader(found);
      if (child === null || child.size === null || end + child.length + child.size > fileSize) break;
      end += child.length + child.size;
    }
    let size = end - contents;
    for (let at = length - 1; at >= idLength; at--) {
      bytes[at] = size % 256;
      size = Math.floor(size / 256);
    }
    // The marker of the number's own length.
    bytes[idLength] = (bytes[idLength] ?? 0) | (0x80 >> (length - idLength - 1));
    return bytes;
  }
}
