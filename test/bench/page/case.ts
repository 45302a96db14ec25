/** Case of the bench: a measurement that runs on a page of its own. */
import type { BenchClip, NamedClip } from './clips.ts';
import type { Measure } from './row.ts';

/** The options of run.mjs that a page needs. */
export interface Settings {
  /** Measurements of each side. */
  readonly rounds: number;
  /** The address of a real 1080p clip, or null if there is none. */
  readonly realClip: string | null;
}

/** One measurement. Each of its measures becomes a row. */
export interface Case {
  readonly name: string;
  run(rounds: number): Promise<Measure[]>;
}

/** The same measurement for each clip. The name of each case is the title and the clip. */
export const casesOf = (
  title: string,
  clips: readonly NamedClip[],
  measure: (clip: BenchClip, name: string, rounds: number) => Promise<Measure[]>,
): Case[] =>
  clips.map(({ what, load }) => {
    const name = `${title}, ${what}`;
    return { name, run: async (rounds) => measure(await load(), name, rounds) };
  });
