/** Damage to the order of parts: duplicated, moved, endlessly nested, or missing parts. */
import type { Damages, Damaged, Victim } from './mutate.ts';
import type { Part } from './parts.ts';
import { joined, spliced, writeSize } from './parts.ts';

/** Nesting depths, which are recursion depths of a recursive parser. */
const DEPTHS = [40, 400, 4000];

/** In the order of their seeds. */
export const STRUCTURES: Damages = {
  'duplicated part'({ bytes, parts, random }) {
    const part = random.of(parts);
    const times = random.of([1, 1, 2, 50]);
    const copy = bytes.slice(part.start, part.end);
    // Ten copies of a film's data would be a large file, not a hostile one.
    const count = copy.length > 2000 ? 1 : times;
    return inserted(bytes, part.end, part, timesOver(copy, count), `${count} times more`);
  },

  'swapped parts'(victim) {
    const { bytes, parts, random } = victim;
    const one = random.of(parts);
    const siblings = parts.filter((part) => part.parent === one.parent && part !== one);
    if (siblings.length === 0) return removedFrom(victim, one);
    const two = random.of(siblings);
    const [first, second] = one.start < two.start ? [one, two] : [two, one];
    const moved = joined(
      bytes.subarray(0, first.start),
      bytes.subarray(second.start, second.end),
      bytes.subarray(first.end, second.start),
      bytes.subarray(first.start, first.end),
      bytes.subarray(second.end),
    );
    return { bytes: moved, offset: first.start, detail: `${first.name} and ${second.name}` };
  },

  'missing part': (victim) => removedFrom(victim, victim.random.of(victim.parts)),

  /** Replaces one box or element by nested boxes or elements. */
  'endless nesting'(victim) {
    const { bytes, parts, random } = victim;
    const masters = parts.filter(({ isMaster }) => isMaster);
    if (masters.length === 0) return repeatedFrom(victim);
    const part = random.of(masters);
    const depth = random.of(DEPTHS);
    const header = bytes.slice(part.start, part.content);
    const nest = timesOver(header, depth);
    const { size } = part;
    for (let at = 0; size !== null && at < nest.length; at += header.length) {
      const left = BigInt(nest.length - at - (size.isEbml ? header.length : 0));
      writeSize(nest, { ...size, at: at + (size.at - part.start) }, left);
    }
    return { bytes: spliced(bytes, part, nest), offset: part.start, detail: `${part.name}, ${depth} deep` };
  },

  'repeated header': repeatedFrom,

  /** Replaces the file by another file, or by something that is not a film. */
  'another file'({ bytes, parts, random }) {
    const text = new TextEncoder().encode('This is not a film. '.repeat(1 + random.below(200)));
    const first = parts[0]?.end ?? 0;
    const noise = Uint8Array.from({ length: 4000 }, () => random.below(256));
    const [detail, file] = random.of<[string, Uint8Array]>([
      ['nothing', new Uint8Array()],
      ['a text', text],
      ['zeros', new Uint8Array(bytes.length)],
      ['ones', new Uint8Array(bytes.length).fill(255)],
      ['noise', noise],
      ['noise behind its first part', joined(bytes.subarray(0, first), noise)],
      ['a text behind its first part', joined(bytes.subarray(0, first), text)],
      ['a text before it', joined(text, bytes)],
      ['twice itself', joined(bytes, bytes)],
      ['the first of its bytes', bytes.slice(0, 1)],
      ['backwards', bytes.toReversed()],
    ]);
    return { bytes: file, offset: 0, detail };
  },
};

function removedFrom({ bytes }: Victim, part: Part): Damaged {
  return { bytes: spliced(bytes, part, new Uint8Array()), offset: part.start, detail: part.name };
}

/** Repeats the header of a part, without its contents. */
function repeatedFrom({ bytes, parts, random }: Victim): Damaged {
  const part = random.of(parts);
  const header = bytes.slice(part.start, Math.min(part.content, part.start + 16));
  const count = random.of([2, 100, 10_000]);
  return inserted(bytes, part.start, part, timesOver(header, count), `${count} headers`);
}

const timesOver = (piece: Uint8Array, count: number): Uint8Array =>
  joined(...Array<Uint8Array>(count).fill(piece));

/** Inserts a piece beside a part. */
function inserted(
  bytes: Uint8Array,
  at: number,
  { name, parent }: Part,
  piece: Uint8Array,
  what: string,
): Damaged {
  const longer = spliced(bytes, { start: at, end: at, parent }, piece);
  return { bytes: longer, offset: at, detail: `${name}, ${what}` };
}
