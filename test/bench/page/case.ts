/** Case of the bench: a measurement that runs on a page of its own. */
import type { Measure } from './row.ts';

/** The options of run.mjs that a page needs. */
export interface Settings {
  /** How often each side is measured. */
  readonly rounds: number;
  /** The address of a real 1080p clip, or null if there is none. */
  readonly realClip: string | null;
}

/** A file of `cases`. */
export interface CaseFile {
  readonly cases: (settings: Settings) => Case[];
}

/** One measurement. Each of its measures becomes a row. */
export interface Case {
  readonly name: string;
  run(rounds: number): Promise<Measure[]>;
}
