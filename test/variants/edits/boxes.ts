/** Boxes of an MP4 or MOV file: parsed into a tree and written again. */

/** A box with boxes inside (after `prefix` bytes), or with other contents (`prefix` is all of them). */
export interface Box {
  type: string;
  prefix: Buffer;
  children: Box[];
}

/** Boxes that hold boxes, and the bytes before the first. */
const CONTAINERS = new Map<string, number>([
  ...['moov', 'trak', 'mdia', 'minf', 'stbl', 'edts', 'mvex', 'udta'].map((type) => [type, 0] as const),
  ['stsd', 8],
  ...['avc1', 'avc3', 'vp09', 'av01'].map((type) => [type, 78] as const),
]);

export function parseBoxes(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const size32 = bytes.readUInt32BE(at);
    const header = size32 === 1 ? 16 : 8;
    const size = size32 === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : size32 || bytes.length - at;
    const type = bytes.toString('latin1', at + 4, at + 8);
    const content = bytes.subarray(at + header, at + size);
    const before = CONTAINERS.get(type);
    boxes.push(
      before === undefined
        ? { type, prefix: content, children: [] }
        : { type, prefix: content.subarray(0, before), children: parseBoxes(content.subarray(before)) },
    );
    at += size;
  }
  return boxes;
}

export function writeBox({ type, prefix, children }: Box): Buffer {
  const content = Buffer.concat([prefix, ...children.map(writeBox)]);
  const header = Buffer.alloc(8, type, 'latin1');
  header.writeUInt32BE(content.length + 8, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, content]);
}

/** All boxes of a type, in the order of the file. */
export const boxesOf = (boxes: readonly Box[], type: string): Box[] =>
  boxes.flatMap((box) => [...(box.type === type ? [box] : []), ...boxesOf(box.children, type)]);

/** The first box of a type. @throws `RangeError` if there is none. */
export function boxOf(boxes: readonly Box[], type: string): Box {
  const [first] = boxesOf(boxes, type);
  if (first === undefined) throw new RangeError(`the file has no box "${type}"`);
  return first;
}

/** Takes the boxes of a type out of the tree. */
export function removeBoxes(boxes: Box[], type: string): Box[] {
  return boxes
    .filter((box) => box.type !== type)
    .map((box) => ({ ...box, children: removeBoxes(box.children, type) }));
}

/** Version and flags, then 32-bit numbers. */
export function tableBox(type: string, numbers: readonly number[], version = 0): Box {
  const prefix = Buffer.alloc(4 + numbers.length * 4);
  prefix.writeUInt8(version, 0);
  numbers.forEach((number, index) => prefix.writeUInt32BE(number >>> 0, 4 + index * 4));
  return { type, prefix, children: [] };
}
