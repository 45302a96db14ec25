/** Parser of a file's parts: boxes (MP4, MOV), elements (WebM, MKV) or packets (MPEG-TS), each with the place of its size. */

/** One box, element or packet. */
export interface Part {
  /** A box's four letters, an element's id in hexadecimal digits, `'packet'`, or `'file'` if the format is unknown. */
  readonly name: string;
  readonly start: number;
  /** Offset of its contents. */
  readonly content: number;
  readonly end: number;
  /**
   * Offset and length of its size field: a big-endian number, or an EBML number with its length in front. Null if it has none.
   */
  readonly size: { readonly at: number; readonly bytes: number; readonly isEbml: boolean } | null;
  readonly parent: Part | null;
  /** Whether it contains parts. */
  readonly isMaster: boolean;
}

/** Boxes that contain boxes, and the number of bytes before the first of these. */
const BOXES = new Map([
  ...['moov', 'trak', 'mdia', 'minf', 'stbl', 'dinf', 'edts', 'mvex', 'moof', 'traf', 'mfra', 'udta'].map(
    (name) => [name, 0] as const,
  ),
  ['stsd', 8],
  ['dref', 8],
  ['avc1', 78],
  ['av01', 78],
]);

/**
 * Elements that contain elements: EBML, Segment, SeekHead, Seek, Info, Tracks, TrackEntry, Video, Cues and their parts, Cluster,
 * BlockGroup.
 */
const ELEMENTS = new Set(
  '1a45dfa3 18538067 114d9b74 4dbb 1549a966 1654ae6b ae e0 1c53bb6b bb b7 1f43b675 a0'.split(' '),
);

const PACKET_BYTES = 188;
const SYNC = 0x47;

/** A part without a size field and without a parent. */
const LEAF = { start: 0, size: null, parent: null, isMaster: false };

/** All parts of a file, including nested parts, in the order of their start offsets. At least one. */
export function partsOf(bytes: Uint8Array): readonly Part[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Part[] = [];
  if (bytes[0] === SYNC && bytes[PACKET_BYTES] === SYNC) packets(bytes.length, found);
  else if (bytes.length > 4 && view.getUint32(0) === 0x1a45dfa3) elements(view, 0, bytes.length, null, found);
  else boxes(view, 0, bytes.length, null, found);
  if (found.length === 0) found.push({ ...LEAF, name: 'file', content: 0, end: bytes.length });
  return found;
}

function packets(length: number, found: Part[]): void {
  for (let start = 0; start + PACKET_BYTES <= length; start += PACKET_BYTES) {
    found.push({ ...LEAF, name: 'packet', start, content: start + 4, end: start + PACKET_BYTES });
  }
}

function boxes(view: DataView, from: number, to: number, parent: Part | null, found: Part[]): void {
  for (let start = from; start + 8 <= to;) {
    const bytes = view.getUint32(start);
    const end = start + bytes;
    if (bytes < 8 || end > to) return;
    const name = String.fromCharCode(...[4, 5, 6, 7].map((at) => view.getUint8(start + at)));
    const inside = BOXES.get(name);
    const size = { at: start, bytes: 4, isEbml: false };
    const part = { name, start, content: start + 8, end, size, parent, isMaster: inside !== undefined };
    found.push(part);
    if (inside !== undefined) boxes(view, start + 8 + inside, end, part, found);
    start = end;
  }
}

function elements(view: DataView, from: number, to: number, parent: Part | null, found: Part[]): void {
  for (let start = from; start + 2 <= to;) {
    const idBytes = Math.clz32(view.getUint8(start)) - 23;
    const at = start + idBytes;
    if (idBytes > 4 || at >= to) return;
    const sizeBytes = Math.clz32(view.getUint8(at)) - 23;
    const content = at + sizeBytes;
    if (sizeBytes > 8 || content > to) return;
    const length = ebmlNumber(view, at, sizeBytes);
    const end = length === null ? to : content + length;
    if (end > to) return;
    const id = Array.from({ length: idBytes }, (_, n) => view.getUint8(start + n));
    const name = id.map((byte) => byte.toString(16).padStart(2, '0')).join('');
    const isMaster = ELEMENTS.has(name);
    const size = { at, bytes: sizeBytes, isEbml: true };
    const part = { name, start, content, end, size, parent, isMaster };
    found.push(part);
    if (isMaster) elements(view, content, end, part, found);
    start = end;
  }
}

/** Reads a size as EBML encodes it. Null if all its bits are set, which means unknown. */
function ebmlNumber(view: DataView, at: number, bytes: number): number | null {
  let number = view.getUint8(at) & (0xff >> bytes);
  let isUnknown = number === 0xff >> bytes;
  for (let n = 1; n < bytes; n++) {
    const byte = view.getUint8(at + n);
    number = number * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return isUnknown ? null : number;
}

/** Writes a size into a part's size field, truncated to the field's bytes. */
export function writeSize(
  bytes: Uint8Array,
  { at, bytes: count, isEbml }: NonNullable<Part['size']>,
  size: bigint,
): void {
  for (let n = 0; n < count; n++) {
    bytes[at + n] = Number((size >> BigInt(8 * (count - 1 - n))) & 0xffn);
  }
  if (!isEbml) return;
  const marker = 0x80 >> (count - 1);
  bytes[at] = ((bytes[at] ?? 0) & (marker - 1)) | marker;
}

/** Concatenates pieces into one array. */
export function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Replaces a range of the file. Corrects the sizes of the parts around the range. */
export function spliced(
  bytes: Uint8Array,
  { start, end, parent }: Pick<Part, 'start' | 'end' | 'parent'>,
  replacement: Uint8Array,
): Uint8Array {
  const grown = replacement.length - (end - start);
  const result = joined(bytes.subarray(0, start), replacement, bytes.subarray(end));
  for (let outer = parent; outer !== null; outer = outer.parent) {
    if (outer.size === null) continue;
    const from = outer.size.isEbml ? outer.content : outer.start;
    writeSize(result, outer.size, BigInt(outer.end - from + grown));
  }
  return result;
}
