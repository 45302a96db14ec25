/** The goal of a figure, and whether the figure meets it. Pure arithmetic. */

/** A goal of a row. */
export interface Goal {
  readonly sense: 'at least' | 'at most';
  /** For the median. */
  readonly value: number;
  /** For the worse end of the interval; null if only the median counts. */
  readonly bound: number | null;
}

/** Within noise: the median or the bound misses the goal, but the interval reaches it. */
export type Verdict = 'met' | 'within noise' | 'not met';

const goalsOf =
  (sense: Goal['sense']) =>
  (value: number, bound: number | null = null): Goal => ({ sense, value, bound });

/** Larger is better. */
export const atLeast = goalsOf('at least');

/** Smaller is better. */
export const atMost = goalsOf('at most');

/** Whether a figure meets its goal. A counted rather than timed figure has no interval, and no noise. */
export function verdictOf(
  { sense, value: wanted, bound }: Goal,
  value: number,
  interval: readonly [number, number] | null,
): Verdict {
  const [low, high] = interval ?? [value, value];
  const [best, worst] = sense === 'at least' ? [high, low] : [low, high];
  const meets = (figure: number, least: number): boolean =>
    sense === 'at least' ? figure >= least : figure <= least;
  if (meets(value, wanted) && (bound === null || meets(worst, bound))) return 'met';
  return meets(best, wanted) ? 'within noise' : 'not met';
}
