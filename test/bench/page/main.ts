/** The bench's page: run.mjs asks it which cases there are, and runs them one by one. */
import { canvasCases } from '../cases/canvases.ts';
import { copyCases } from '../cases/copies.ts';
import { decodingCases } from '../cases/decoding.ts';
import { handleCases } from '../cases/handles.ts';
import { linkCases } from '../cases/links.ts';
import { peakCases } from '../cases/peak.ts';
import { playerCases } from '../cases/players.ts';
import { queueCases } from '../cases/queues.ts';
import { slotCases } from '../cases/slots.ts';
import { threadCases } from '../cases/thread.ts';
import { workerCases } from '../cases/worker.ts';
import { writingCases } from '../cases/writing.ts';
import type { Case, Settings } from './case.ts';
import type { Row } from './row.ts';

/** What run.mjs calls. */
export interface Bench {
  names(settings: Settings): string[];
  run(name: string, settings: Settings): Promise<Row[]>;
}

declare global {
  var bench: Bench;
}

const casesOf = (settings: Settings): Case[] => [
  ...decodingCases(settings),
  ...peakCases(settings),
  ...threadCases,
  ...workerCases,
  ...handleCases,
  ...linkCases,
  ...queueCases,
  ...copyCases(settings),
  ...canvasCases(settings),
  ...slotCases,
  ...writingCases,
  ...playerCases,
];

globalThis.bench = {
  names: (settings) => casesOf(settings).map(({ name }) => name),
  async run(name, settings) {
    const found = casesOf(settings).find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no case "${name}"`);
    return found.run(settings.rounds);
  },
};
