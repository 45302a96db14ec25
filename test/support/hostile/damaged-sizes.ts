/** Damage to the sizes of parts. */
import type { Damage, Damaged, Damages, Victim } from './mutate.ts';
import type { Part } from './parts.ts';
import { spliced, writeSize } from './parts.ts';

/**
 * Sizes that are known to break parsers: zero, less than a header, signed and unsigned limits, beyond a double's safe integers.
 */
const SIZES = [
  ...[0, 1, 2, 7, 8, 9, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff].map(BigInt),
  2n ** 53n,
  2n ** 56n - 2n,
];

/** Sizes of 64 bits. */
const LARGE_SIZES = [
  ...[0, 1, 15, 16, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53].map(BigInt),
  2n ** 63n,
  2n ** 64n - 1n,
];

const PACKET = new Uint8Array([0x47, 0x40, 0, 0x30, 0xff]);

/** In the order of their seeds. */
export const WRONG_SIZES: Damages = {
  'lying size': inSized((part, where, { bytes, random }) => {
    const real = BigInt(part.end - (where.isEbml ? part.content : part.start));
    const lie = random.of([...SIZES, real - 1n, real + 1n, real * 2n]);
    writeSize(bytes, where, lie < 0n ? 0n : lie);
    return { bytes, offset: where.at, detail: `${part.name} says ${lie}` };
  }),

  /** A box with a 64-bit size, or an element whose size has eight bytes. */
  'lying size of 64 bits': inSized((part, where, { bytes, random }) => {
    const lie = random.of([...LARGE_SIZES, BigInt(part.end - part.start + 8)]);
    const field = new Uint8Array(where.isEbml ? 8 : 16);
    const stretch = { start: where.at, end: part.content, parent: part.parent };
    if (where.isEbml) {
      writeSize(field, { at: 0, bytes: 8, isEbml: true }, lie);
    } else {
      field[3] = 1;
      field.set(bytes.subarray(part.start + 4, part.start + 8), 4);
      new DataView(field.buffer).setBigUint64(8, lie);
    }
    return { bytes: spliced(bytes, stretch, field), offset: where.at, detail: `${part.name} says ${lie}` };
  }),

  /**
   * All ones, in the same number of bytes as the size: an element with an unknown end. In boxes, 0: the box extends to the end.
   */
  'unknown size'(victim) {
    const masters = victim.parts.filter(({ isMaster, size: where }) => isMaster && where !== null);
    if (masters.length === 0) return lyingPacket(victim);
    const { bytes, random } = victim;
    const chosen = random.next() < 0.5 ? masters : [random.of(masters)];
    for (const { size: where } of chosen) {
      if (where !== null) writeSize(bytes, where, where.isEbml ? 2n ** 64n - 1n : 0n);
    }
    const offset = chosen[0]?.start ?? 0;
    return { bytes, offset, detail: chosen.map(({ name }) => name).join(', ') };
  },
};

/** Makes damage to the size of one of the parts that have a size. */
function inSized(apply: (part: Part, size: NonNullable<Part['size']>, victim: Victim) => Damaged): Damage {
  return (victim) => {
    const sized = victim.parts.flatMap((part) => (part.size === null ? [] : [{ part, size: part.size }]));
    if (sized.length === 0) return lyingPacket(victim);
    const { part, size } = victim.random.of(sized);
    return apply(part, size, victim);
  };
}

/**
 * For packets, which have a fixed length. The damage is to the length of the adaptation field before the payload, and to those of
 * sections.
 */
function lyingPacket({ bytes, parts, random }: Victim): Damaged {
  const { start } = random.of(parts);
  const lie = random.of([0, 1, 182, 183, 184, 255]);
  bytes.set(
    random.next() < 0.5 ? [...PACKET.subarray(0, 4), lie] : [0, 0, lie, 0xff],
    start + random.of([0, 4, 5, 6]),
  );
  return { bytes, offset: start, detail: `a length of ${lie}` };
}
