/** Edits of WebM and MKV files in place: elements become Void elements, blocks lose their contents. */
import type { Part } from '../../support/hostile/parts.ts';
import { partsOf } from '../../support/hostile/parts.ts';

const VOID = 0xec;
const SIMPLE_BLOCK = 'a3';
const BLOCK_GROUP = 'a0';

/** Track number, relative time and flags of a block. */
const BLOCK_HEADER_BYTES = 4;

/** Turns a stretch of at least two bytes into a Void element. */
function blank(bytes: Buffer, start: number, end: number): void {
  bytes.fill(0, start, end);
  bytes[start] = VOID;
  const length = end - start;
  if (length - 2 < 127) bytes[start + 1] = 0x80 | (length - 2);
  else bytes.writeUInt32BE((0x10000000 | (length - 5)) >>> 0, start + 1);
}

export function withoutElements(bytes: Buffer, id: string): Buffer {
  const result = Buffer.from(bytes);
  const found = partsOf(bytes).filter(({ name }) => name === id);
  if (found.length === 0) throw new RangeError(`the file has no element "${id}"`);
  for (const { start, end } of found) blank(result, start, end);
  return result;
}

const simpleBlock = (bytes: Buffer, index: number): Part => {
  const blocks = partsOf(bytes).filter(({ name }) => name === SIMPLE_BLOCK || name === BLOCK_GROUP);
  const block = blocks[index];
  if (block?.name !== SIMPLE_BLOCK) throw new RangeError(`block ${index} is no SimpleBlock`);
  return block;
};

/** A block without any byte of its frame, then a Void element in the place of the frame. */
export function withEmptyBlock(bytes: Buffer, index: number): Buffer {
  const { start, content, end, size } = simpleBlock(bytes, index);
  const result = Buffer.from(bytes);
  const kept = content + BLOCK_HEADER_BYTES;
  if (size === null || end - kept < 2) throw new RangeError(`block ${index} at ${start} is too small`);
  result.fill(0, size.at, content);
  result[content - 1] = BLOCK_HEADER_BYTES;
  result[size.at] = (result[size.at] ?? 0) | (0x80 >> (size.bytes - 1));
  blank(result, kept, end);
  return result;
}

/** A block with other bytes in the second half of its frame. */
export function withDamagedBlock(bytes: Buffer, index: number): Buffer {
  const { content, end } = simpleBlock(bytes, index);
  const result = Buffer.from(bytes);
  for (let at = (content + end) >> 1; at < end; at++) result[at] = (at * 73 + 41) & 0xff;
  return result;
}
