/** The bench's page: run.mjs asks it which cases there are, and runs them one by one. A case is added by its file in `cases`. */
import type { Case, CaseFile, Settings } from './case.ts';
import type { Row } from './row.ts';
import { rowOf } from './row.ts';

/** What run.mjs calls. */
export interface Bench {
  names(settings: Settings): string[];
  run(name: string, settings: Settings): Promise<Row[]>;
}

declare global {
  var bench: Bench;
}

const files = Object.values(import.meta.glob<CaseFile>('../cases/*.ts', { eager: true }));

const casesOf = (settings: Settings): Case[] => files.flatMap(({ cases }) => cases(settings));

globalThis.bench = {
  names: (settings) => casesOf(settings).map(({ name }) => name),
  async run(name, settings) {
    const found = casesOf(settings).find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no case "${name}"`);
    return (await found.run(settings.rounds)).map(rowOf);
  },
};
