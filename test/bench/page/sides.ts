/** All ways to decode a clip: a side is added by its file in `sides/decoding`. */
import type { Rival, Side } from '../sides/side.ts';

const files = Object.values(import.meta.glob<{ side: Side }>('../sides/decoding/*.ts', { eager: true }));

/** The sides that decode this. */
export const sidesOf = (from: Side['from']): Side[] =>
  files.map(({ side }) => side).filter((side) => side.from === from);

/** One of ours, and one that it is held against. */
export interface Pair {
  readonly ours: Side;
  readonly other: Side;
  readonly rival: Rival;
}

/** Each of ours beside each other one that decodes the same. */
export function pairsOf(sides: readonly Side[]): Pair[] {
  return sides
    .filter(({ rival }) => rival === null)
    .flatMap((ours) =>
      sides.flatMap((other) => (other.rival === null ? [] : [{ ours, other, rival: other.rival }])),
    );
}
