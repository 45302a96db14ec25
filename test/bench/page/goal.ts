/** What a figure is to come to, and whether it does. Pure arithmetic. */

/** A goal of a row. */
export interface Goal {
  readonly sense: 'at least' | 'at most';
  /** For the median. */
  readonly value: number;
  /** For the end of the interval that is the worse one; null where the median is all that counts. */
  readonly bound: number | null;
}

/** Within noise: the median misses, or the bound does, and yet the interval reaches to where the goal is met. */
export type Verdict = 'met' | 'within noise' | 'not met';

const goalsOf =
  (sense: Goal['sense']) =>
  (value: number, bound: number | null = null): Goal => ({ sense, value, bound });

/** The larger the better. */
export const atLeast = goalsOf('at least');

/** The smaller the better. */
export const atMost = goalsOf('at most');

/** Whether a figure meets its goal. What was counted rather than timed has no interval, and no noise. */
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
