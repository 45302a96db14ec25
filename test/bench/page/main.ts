/** The bench's page: run.mjs asks it which cases there are, and runs them one by one. A case is added by its file in `cases`. */
import type { Case, Settings } from './case.ts';
import type { Row } from './row.ts';
import { rowOf } from './row.ts';

declare global {
  /** The functions that run.mjs calls. */
  var bench: {
    names(settings: Settings): string[];
    run(name: string, settings: Settings): Promise<Row[]>;
  };
}

const files = Object.values(
  import.meta.glob<{ cases(settings: Settings): Case[] }>('../cases/*.ts', { eager: true }),
);

const allCases = (settings: Settings): Case[] => files.flatMap(({ cases }) => cases(settings));

globalThis.bench = {
  names: (settings) => allCases(settings).map(({ name }) => name),
  async run(name, settings) {
    const found = allCases(settings).find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no case "${name}"`);
    return (await found.run(settings.rounds)).map(rowOf);
  },
};
