// @ts-check
/** RESULTS.json: the test that caught each fault when it was last planted. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Result
 * @property {string} wrong
 * @property {'npm test' | 'npm run test:full' | null} suite The suite that has the test; null if no test failed.
 * @property {string | null} caughtBy The first test that failed.
 */

const FILE = fileURLToPath(new URL('RESULTS.json', import.meta.url));

/** @returns {Result[]} */
export const knownResults = () => (existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : []);

/**
 * Merges new results into the known ones, in the order of the list. Results of removed faults are dropped.
 * @param {readonly import('./list.mjs').Mutation[]} mutations @param {readonly Result[]} results
 */
export function noteResults(mutations, results) {
  const byFault = new Map([...knownResults(), ...results].map((result) => [result.wrong, result]));
  const lines = mutations
    .flatMap(({ wrong }) => byFault.get(wrong) ?? [])
    .map((each) => JSON.stringify(each));
  writeFileSync(FILE, `[\n${lines.join(',\n')}\n]\n`);
}
