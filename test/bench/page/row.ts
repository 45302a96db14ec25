/** What was measured, as one line of the table. */
import type { Compared } from './statistics.ts';

/** Whether a ratio is to be large or small. */
export type Sense = 'at least' | 'at most';

/** One line of the table. */
export interface Row {
  readonly name: string;
  /** What `ours` and `other` count. */
  readonly unit: string;
  readonly ours: number;
  readonly other: number;
  /** What is held against the goal: the median of the paired ratios ours / other, unless the name says otherwise. */
  readonly ratio: number;
  /** 95 % of bootstrapped medians lie in it; null for what is counted rather than timed. */
  readonly interval: readonly [number, number] | null;
  /** Null for what stands beside the others for orientation. */
  readonly goal: number | null;
  readonly sense: Sense;
  readonly holds: boolean | null;
}

/** A row of what `paired()` made of the rounds. */
export function rowOf(
  name: string,
  unit: string,
  { ours, other, value, interval }: Compared,
  sense: Sense,
  goal: number | null,
): Row {
  const holds = goal === null ? null : sense === 'at least' ? value >= goal : value <= goal;
  return { name, unit, ours, other, ratio: value, interval, goal, sense, holds };
}
