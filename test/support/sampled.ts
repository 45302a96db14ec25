/** Seeded sample of a test matrix. */
import { inject } from 'vitest';
import type { Sample } from './suite.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** The part of each matrix that this run tests. */
    sample: Sample;
  }
}

/** Numbers in [0, 1) from a 32-bit seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The cases in an order that depends on the seed, with their original indices. */
function shuffled<Case>(cases: readonly Case[], seed: number): { each: Case; place: number }[] {
  const random = randomFrom(seed + cases.length);
  return cases.map((each, place) => ({ each, place, key: random() })).sort((a, b) => a.key - b.key);
}

const inOrder = <Case>(chosen: readonly { each: Case; place: number }[]): Case[] =>
  chosen.toSorted((a, b) => a.place - b.place).map(({ each }) => each);

/**
 * Returns the cases of a matrix that this run tests, in their original order, and at least one: a twentieth in `npm test`,
 * another quarter in `npm run test:full`, and all cases in the soak or if a file is named on the command line.
 *
 * @param cases - Cases that repeat one claim for many inputs. Do not sample different claims.
 */
export function sampled<Case>(cases: readonly Case[]): Case[] {
  const { from, to, seed } = inject('sample');
  const all = shuffled(cases, seed);
  const first = Math.min(Math.ceil(from * cases.length), cases.length - 1);
  return inOrder(all.slice(first, Math.max(first + 1, Math.ceil(to * cases.length))));
}

/** Returns `count` cases of a matrix, selected by the seed of the run, for a matrix that another command tests completely. */
export const sampledCount = <Case>(cases: readonly Case[], count: number): Case[] =>
  inOrder(shuffled(cases, inject('sample').seed).slice(0, count));
