/** Measurement, as one line of the table. */
import type { Goal, Verdict } from './goal.ts';
import { verdictOf } from './goal.ts';
import type { Compared } from './statistics.ts';

/** One line of the table. */
export interface Row extends Compared {
  readonly name: string;
  /** The reason for the measurement, in one line. */
  readonly why: string;
  /** What `ours` and `other` count. */
  readonly unit: string;
  /** The goal of the value; null for a row for orientation. */
  readonly goal: Goal | null;
  readonly verdict: Verdict | null;
}

/** A row without its verdict, as a case returns it. */
export interface Measure extends Pick<Row, 'name' | 'why' | 'unit' | 'goal'> {
  readonly compared: Compared;
}

/** A row, with its verdict. */
export function rowOf({ name, why, unit, goal, compared }: Measure): Row {
  const { value, interval } = compared;
  const verdict = goal === null ? null : verdictOf(goal, value, interval);
  return { name, why, unit, ...compared, goal, verdict };
}
