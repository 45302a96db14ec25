/** The kinds of damage, one after the other. */
import type { Random } from '../../soak/random.ts';
import { FIELDS } from './damaged-fields.ts';
import { LIES } from './damaged-sizes.ts';
import { STRUCTURES } from './damaged-structures.ts';
import type { Part } from './parts.ts';

/** What is to be damaged: a copy of the file, its parts, and chance. */
export interface Victim {
  readonly bytes: Uint8Array;
  readonly parts: readonly Part[];
  readonly random: Random;
}

/** What became of it. */
export interface Damaged {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly detail: string;
}

/** A kind of damage. It may write into the copy that it gets. */
export interface Damage {
  readonly name: string;
  apply(victim: Victim): Damaged;
}

const anywhere: Damage = {
  name: 'flipped bytes',
  apply({ bytes, random }) {
    const count = 1 + random.below(16);
    return flipped(bytes, random, 0, bytes.length, count);
  },
};

const headers: Damage = {
  name: 'flipped bytes of a header',
  apply({ bytes, parts, random }) {
    const part = random.of(parts);
    return flipped(bytes, random, part.start, Math.min(part.content + 4, part.end), 1 + random.below(3));
  },
};

const cut: Damage = {
  name: 'cut end',
  apply({ bytes, parts, random }) {
    const part = random.of(parts);
    const at = random.of([
      part.start,
      part.content,
      part.start + random.below(9),
      part.end - 1,
      random.below(bytes.length),
      bytes.length - 1 - random.below(64),
    ]);
    const offset = Math.max(0, Math.min(at, bytes.length - 1));
    return { bytes: bytes.slice(0, offset), offset, detail: `the first ${offset} bytes` };
  },
};

function flipped(bytes: Uint8Array, random: Random, from: number, to: number, count: number): Damaged {
  const places: number[] = [];
  for (let n = 0; n < count; n++) {
    const at = from + random.below(Math.max(1, to - from));
    bytes[at] = (bytes[at] ?? 0) ^ (1 + random.below(255));
    places.push(at);
  }
  return { bytes, offset: Math.min(...places), detail: `${count} at ${places.join(', ')}` };
}

/** In this order by seed: a new kind goes to the end, or the seeds of old reports mean something else. */
export const DAMAGES: readonly Damage[] = [anywhere, headers, cut, ...LIES, ...FIELDS, ...STRUCTURES];
