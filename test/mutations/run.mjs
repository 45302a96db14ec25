// @ts-check
/**
 * `npm run test:mutations`: plants faults in a copy of the repository, one at a time, and tells which test catches each.
 * First proves that the tests pass without any. `--only TEXT` takes the faults with that in their words or file, `--from TEXT`
 * those from the first such one on, `--survived` those that no test has caught yet; `--unproven` leaves the proof out. Fails
 * where fewer than 95 % are caught.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requireBrowser } from '../support/browser.mjs';
import { copyOf } from './copy.mjs';
import { listProblems, mutations, planted } from './list.mjs';
import { knownResults, noteResults } from './results.mjs';
import { Tester } from './tester.mjs';

/** Of 100 faults so many must be caught. */
const LEAST_PERCENT = 95;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    from: { type: 'string', default: '' },
    survived: { type: 'boolean', default: false },
    unproven: { type: 'boolean', default: false },
  },
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const problems = listProblems(root);
if (problems.length > 0) {
  console.log(problems.join('\n'));
  process.exit(1);
}

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
  console.log('There is no such fault');
  process.exit(1);
}

requireBrowser();
const copy = copyOf(root);
process.on('exit', copy.remove);
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => process.exit(1));

if (!options.unproven) {
  const tests = [...new Set(chosen.flatMap((mutation) => mutation.tests))].sort();
  const tester = new Tester(copy.folder, { bail: false });
  const failed = await tester.run([], tests);
  tester.close();
  if (failed.length > 0) {
    console.log(`Without any fault these fail already:\n${failed.join('\n')}`);
    process.exit(1);
  }
  console.log(`${tests.length} test files pass without any fault`);
}

/** @type {import('./results.mjs').Result[]} */
const results = [];
const tester = new Tester(copy.folder, { bail: true });
/** @type {string[]} */
let changed = [];
for (const mutation of chosen) {
  const { wrong, file, tests, survivedUntil } = mutation;
  const path = join(copy.folder, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, planted(text, mutation));
  const [failed = null] = await tester.run([...changed, file], tests);
  writeFileSync(path, text);
  changed = [file];
  // What fails without the fault as well, on a machine that is too busy, has caught nothing.
  const isCertain = failed !== null && (await tester.again(changed, tests)).length === 0;
  const caughtBy = isCertain ? failed : null;
  results.push({ wrong, file, caughtBy, ...(survivedUntil === undefined ? {} : { survivedUntil }) });
  const outcome = isCertain ? 'caught  ' : failed === null ? 'SURVIVED' : 'UNCLEAR ';
  console.log(`${outcome} ${file}: ${wrong}\n         ${failed ?? '-'}`);
  noteResults(mutations, results);
}
tester.close();

const caught = results.filter(({ caughtBy }) => caughtBy !== null).length;
console.log(`${caught} of ${results.length} caught`);
process.exit(caught * 100 >= results.length * LEAST_PERCENT ? 0 : 1);
