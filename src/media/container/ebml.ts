/** Parser of EBML element headers, of which Matroska and WebM files consist. */

/** ID and size of an element. */
export interface EbmlHeader {
  /** With its marker bits, as written in specifications. */
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
