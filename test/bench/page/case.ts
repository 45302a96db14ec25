/** What the bench is made of. */
import type { Row } from './row.ts';

/** What run.mjs was told. */
export interface Settings {
  /** How often each side is measured. */
  readonly rounds: number;
  /** The address of a real 1080p clip, or null where there is none. */
  readonly realClip: string | null;
}

/** What a file of `cases` exports. */
export interface CaseFile {
  readonly cases: (settings: Settings) => Case[];
}

/** A measurement that runs on a page of its own. */
export interface Case {
  readonly name: string;
  run(rounds: number): Promise<Row[]>;
}
