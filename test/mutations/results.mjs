// @ts-check
/** RESULTS.json: which test caught each fault when it was last planted. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Result
 * @property {string} wrong
 * @property {string} file
 * @property {string | null} caughtBy The first test that failed; null where none did.
 * @property {string} [survivedUntil] The test that was written because none had caught it.
 */

const FILE = fileURLToPath(new URL('RESULTS.json', import.meta.url));

/** @returns {Result[]} What is known so far. */
export const knownResults = () => (existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : []);

/**
 * Takes new results in among those that there are, in the order of the list; those of faults that are no more go.
 * @param {readonly import('./list.mjs').Mutation[]} mutations @param {readonly Result[]} results
 */
export function noteResults(mutations, results) {
  const byFault = new Map([...knownResults(), ...results].map((result) => [result.wrong, result]));
  const known = mutations.flatMap(({ wrong }) => byFault.get(wrong) ?? []);
  writeFileSync(FILE, `${JSON.stringify(known, null, 2)}\n`);
}
