// @ts-check
/**
 * `npm run test:mutations`: plants faults in a copy of the repository, one at a time, and names the test that
 * catches each. First proves that the tests pass without a fault. `--only TEXT` selects the faults with that text
 * in their words or file, `--from TEXT` those from the first such fault on, `--survived` the faults that no test
 * has caught yet; `--unproven` omits the proof; `--jobs N` (2) plants N faults at once, each in a copy of its own.
 * Fails if a fault cannot be planted, or if fewer than 95 % are caught.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requireBrowser } from '../support/browser.mjs';
import { isQuick } from '../support/suite.mjs';
import { copyOf } from './copy.mjs';
import { planted, readMutations, SUITES, testFile } from './list.mjs';
import { knownResults, noteResults } from './results.mjs';
import { Tester } from './tester.mjs';

/** Percentage of faults that the tests must catch. */
const LEAST_PERCENT = 95;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    from: { type: 'string', default: '' },
    survived: { type: 'boolean', default: false },
    unproven: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '2' },
  },
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const mutations = readMutations(root);

/** @param {string} text */
const has =
  (text) =>
  (/** @type {import('./list.mjs').Mutation} */ { wrong, file }) =>
    `${wrong} ${file}`.includes(text);
const first = mutations.findIndex(has(options.from));
const caughtBefore = new Set(
  options.survived ? knownResults().flatMap(({ wrong, caughtBy }) => (caughtBy === null ? [] : [wrong])) : [],
);
const chosen = (first < 0 ? [] : mutations.slice(first)).filter(
  (mutation) => has(options.only)(mutation) && !caughtBefore.has(mutation.wrong),
);
if (chosen.length === 0) {
  console.log('No planted fault matches');
  process.exit(1);
}

const isKnown = (/** @type {string} */ test) =>
  String(test.split('/')[0]) in SUITES && existsSync(join(root, testFile(test)));
const named = [...new Set(chosen.flatMap(({ tests }) => tests))].sort();
const unknown = named.filter((test) => !isKnown(test));
if (unknown.length > 0) {
  console.log(unknown.map((test) => `${testFile(test)} does not exist`).join('\n'));
  process.exit(1);
}

requireBrowser();
/** @type {import('./copy.mjs').Copy[]} */
const copies = [];
process.on('exit', () => copies.forEach((copy) => copy.remove()));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => process.exit(1));
const jobs = Math.min(Math.max(1, Number(options.jobs)), chosen.length);
for (let job = 0; job < jobs; job++) copies.push(copyOf(root));

if (!options.unproven) {
  const tester = new Tester(copies[0]?.folder ?? '', { bail: false });
  const failed = await tester.run([], named);
  tester.close();
  if (failed.length > 0) {
    console.log(`These fail without a planted fault:\n${failed.join('\n')}`);
    process.exit(1);
  }
  console.log(`${named.length} test files pass without a planted fault`);
}

/** @type {import('./results.mjs').Result[]} */
const results = [];
/** @type {string[]} */
const unplanted = [];

/**
 * Plants a fault, runs its tests, and removes it again.
 * @param {string} folder @param {Tester} tester @param {import('./list.mjs').Mutation} mutation
 */
async function plantAndTest(folder, tester, mutation) {
  const { wrong, file } = mutation;
  let fault;
  try {
    fault = planted(folder, mutation);
  } catch (error) {
    unplanted.push(String(error));
    return;
  }
  // The tests of `npm test` first: a fault that they catch needs no other.
  const tests = [...mutation.tests].sort((one, other) => Number(isQuick(other)) - Number(isQuick(one)));
  const text = readFileSync(fault.path, 'utf8');
  writeFileSync(fault.path, fault.text);
  const [failed = null] = await tester.run([fault.path], tests);
  writeFileSync(fault.path, text);
  // A test that also fails without the fault, on a machine that is too busy, has caught nothing.
  const isCertain = failed !== null && (await tester.again([fault.path], tests)).length === 0;
  const caughtBy = isCertain ? failed : null;
  const catcher = tests.find((test) => caughtBy?.startsWith(testFile(test)));
  const daily = catcher !== undefined && isQuick(catcher) ? 'npm test' : 'npm run test:full';
  const suite = caughtBy === null ? null : daily;
  results.push({ wrong, suite, caughtBy });
  const outcome = suite ?? (failed === null ? 'SURVIVED' : 'UNCLEAR');
  console.log(`${results.length}/${chosen.length} ${outcome}: ${file}: ${wrong}\n    ${failed ?? '-'}`);
  noteResults(mutations, results);
  // The session still has the text with the fault if no test was run again.
  if (failed === null) tester.changed(fault.path);
}

const queue = chosen.values();
await Promise.all(
  copies.map(async ({ folder }) => {
    const tester = new Tester(folder, { bail: true });
    for (const mutation of queue) await plantAndTest(folder, tester, mutation);
    tester.close();
  }),
);

const caught = results.filter(({ suite }) => suite !== null).length;
const daily = results.filter(({ suite }) => suite === 'npm test').length;
for (const problem of unplanted) console.log(`NOT PLANTED: ${problem}`);
console.log(
  `${caught} of ${chosen.length} caught, ${daily} of them by npm test; ${unplanted.length} could not be planted`,
);
process.exit(unplanted.length === 0 && caught * 100 >= chosen.length * LEAST_PERCENT ? 0 : 1);
