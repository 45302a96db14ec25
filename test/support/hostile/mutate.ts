/** Generator of damaged copies of a file. The same seed gives the same copy. */
import { Random } from '../../soak/random.ts';
import { FIELDS } from './damaged-fields.ts';
import { WRONG_SIZES } from './damaged-sizes.ts';
import { STRUCTURES } from './damaged-structures.ts';
import type { Part } from './parts.ts';
import { partsOf } from './parts.ts';

/** A copy of a file to damage, its parts, and the random numbers. */
export interface Victim {
  readonly bytes: Uint8Array;
  readonly parts: readonly Part[];
  readonly random: Random;
}

/** A damaged copy. */
export interface Damaged {
  readonly bytes: Uint8Array;
  /** Offset of the damage in the file, in bytes. */
  readonly offset: number;
  readonly detail: string;
}

/** A way to damage a copy. It may write into the copy that it receives. */
export type Damage = (victim: Victim) => Damaged;

/** Kinds of damage by name. */
export type Damages = Readonly<Record<string, Damage>>;

/** Seeds select from this order: append new kinds, because otherwise the seeds of old reports select other damage. */
const DAMAGES = Object.entries<Damage>({
  'flipped bytes'({ bytes, random }) {
    return flipped(bytes, random, 0, bytes.length, 1 + random.below(16));
  },

  'flipped bytes of a header'({ bytes, parts, random }) {
    const part = random.of(parts);
    return flipped(bytes, random, part.start, Math.min(part.content + 4, part.end), 1 + random.below(3));
  },

  'cut end'({ bytes, parts, random }) {
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
  ...WRONG_SIZES,
  ...FIELDS,
  ...STRUCTURES,
});

function flipped(bytes: Uint8Array, random: Random, from: number, to: number, count: number): Damaged {
  const places: number[] = [];
  for (let n = 0; n < count; n++) {
    const at = from + random.below(Math.max(1, to - from));
    bytes[at] = (bytes[at] ?? 0) ^ (1 + random.below(255));
    places.push(at);
  }
  return { bytes, offset: Math.min(...places), detail: `${count} at ${places.join(', ')}` };
}

/** A damaged file, and a description of its damage. */
export interface Mutation extends Damaged {
  readonly seed: number;
  readonly kind: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Number of kinds. In this many consecutive seeds every kind of damage occurs once. */
export const KIND_COUNT = DAMAGES.length;

/** Makes a damaged copy. */
export function mutate(file: Uint8Array, seed: number): Mutation {
  const [kind, damage] = DAMAGES[seed % DAMAGES.length] ?? [];
  if (kind === undefined || damage === undefined)
    throw new RangeError(`a seed is a whole number from 0, got ${seed}`);
  const random = new Random(seed);
  // The first number is discarded, because neighbouring seeds have similar first numbers.
  random.next();
  const { bytes, ...damaged } = damage({ bytes: Uint8Array.from(file), parts: partsOf(file), random });
  return { seed, kind, ...damaged, bytes: Uint8Array.from(bytes) };
}

/** Describes a mutation for the message of a failure. */
export const described = (clip: string, { seed, kind, offset, detail, bytes }: Mutation): string =>
  `HOSTILE_ONLY=${clip}:${seed} (${kind} at ${offset}: ${detail}; ${bytes.length} bytes)`;
