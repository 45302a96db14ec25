/** Damages a file on purpose, and the same way again for the same seed. */
import { Random } from '../../soak/random.ts';
import { DAMAGES } from './damages.ts';
import { partsOf } from './parts.ts';

/** A damaged file, and what was done to it. */
export interface Mutation {
  readonly seed: number;
  readonly kind: string;
  /** Where in the file, in bytes. */
  readonly offset: number;
  readonly detail: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Every kind of damage comes once in so many seeds that follow each other. */
export const KIND_COUNT = DAMAGES.length;

/** Makes a damaged copy. */
export function mutate(file: Uint8Array, seed: number): Mutation {
  const kind = DAMAGES[seed % DAMAGES.length];
  if (kind === undefined) throw new RangeError(`a seed is a whole number from 0, got ${seed}`);
  const random = new Random(seed);
  // The first numbers of neighbouring seeds are alike in nothing but this.
  random.next();
  const { offset, detail, bytes } = kind.apply({
    bytes: Uint8Array.from(file),
    parts: partsOf(file),
    random,
  });
  return { seed, kind: kind.name, offset, detail, bytes: Uint8Array.from(bytes) };
}

/** A mutation in words, for the message of a failure. */
export const described = (clip: string, { seed, kind, offset, detail, bytes }: Mutation): string =>
  `HOSTILE_ONLY=${clip}:${seed} (${kind} at ${offset}: ${detail}; ${bytes.length} bytes)`;
