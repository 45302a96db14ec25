/** Medians of paired measurements, and how far they can be trusted. Pure arithmetic. */

/** How a pair becomes one figure: ours / other, ours − other, or ours alone. */
export type Held = 'ratio' | 'difference' | 'number';

const HOLD: Readonly<Record<Held, (ours: number, other: number) => number>> = {
  ratio: (ours, other) => ours / other,
  difference: (ours, other) => ours - other,
  number: (ours) => ours,
};

/** Two sides, and the result of their comparison. */
export interface Compared {
  readonly held: Held;
  /** Medians of each side. */
  readonly ours: number;
  /** Null without another side. */
  readonly other: number | null;
  /** The median of the pairs. */
  readonly value: number;
  readonly interval: readonly [number, number] | null;
  /** The compared pairs. */
  readonly values: readonly number[];
}

/** Medians drawn to find the interval: with twice as many, its ends stay the same. */
const DRAWS = 2000;

/** The middle, or the mean of the two in the middle. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Figures of both sides from the same round, pair by pair: a slow moment of the machine affects both. */
export function paired(ours: readonly number[], other: readonly number[], held: Held = 'ratio'): Compared {
  if (ours.length === 0 || ours.length !== other.length) {
    throw new RangeError(`figures must come in pairs, got ${ours.length} and ${other.length}`);
  }
  const values = ours.map((figure, round) => HOLD[held](figure, other[round] ?? NaN));
  const medians = { ours: median(ours), other: median(other), value: median(values) };
  return { held, ...medians, interval: intervalOf(values), values };
}

/** A counted value, which does not vary. */
export function counted(ours: number, other: number, held: Held = 'ratio'): Compared {
  const value = HOLD[held](ours, other);
  return { held, ours, other, value, interval: null, values: [value] };
}

/** The middle 95 % of medians of samples that are drawn from the values with replacement. */
function intervalOf(values: readonly number[]): [number, number] {
  const random = randomFrom(1);
  const medians = Array.from({ length: DRAWS }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? NaN)),
  ).toSorted((a, b) => a - b);
  return [medians[Math.floor(DRAWS * 0.025)] ?? NaN, medians[Math.floor(DRAWS * 0.975)] ?? NaN];
}

/** Numbers from 0 up to 1, the same ones each time, so that figures can be reproduced (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
