// @ts-check
/**
 * The part of the tests that a run takes: `VFP_SUITE` is `quick` (`npm test`), `full` (`npm run test:full`) or
 * unset (all of them).
 */
import { readdirSync } from 'node:fs';
import process from 'node:process';

/**
 * The part of a matrix that a run takes, as shares of the cases in an order that the seed gives.
 * @typedef {{ readonly from: number, readonly to: number, readonly seed: number }} Sample
 */

/** @typedef {'quick' | 'full' | 'all'} Suite */

/** The two daily suites take different parts of each matrix. The soak takes all of it. @type {Record<Suite, { from: number, to: number }>} */
const SHARES = { quick: { from: 0, to: 0.05 }, full: { from: 0.05, to: 0.3 }, all: { from: 0, to: 1 } };

/** @returns {Suite} */
export function chosenSuite() {
  const suite = process.env['VFP_SUITE'] ?? 'all';
  if (suite === 'quick' || suite === 'full' || suite === 'all') return suite;
  throw new RangeError(`VFP_SUITE must be quick, full or all, got "${suite}"`);
}

/** @returns {Sample} */
export function chosenSample() {
  const seed = Number(process.env['VFP_SEED'] ?? 1);
  if (!Number.isSafeInteger(seed)) throw new RangeError('VFP_SEED must be a whole number');
  return { ...SHARES[chosenSuite()], seed };
}

/** Files with a matrix that repeats one claim for many inputs (`sampled()`). Each suite takes another part of it. */
const SAMPLED = /^browser\/(decode-clips|hostile-files|reader|reader-times|writer-files.*)$/u;

/** Files of test/browser that take long and catch no planted fault that other files miss. */
const LONG_IN_BROWSER =
  /^browser\/(alpha-video|faults-(network|threads)|hostile-(chunks|files|readers|threads)|memory-formats|orientations|random-.*|reader-(cases|endings|kinds|sources|worker.*)|tracks-(camera|net)|writer-long)$/u;

/** Files that repeat their claims for kinds of decoders (`kindsHere()`): few in `npm test`, all in `npm run test:full`. */
const WITH_KINDS =
  /^(engines\/(decode-(delay|delivery|endings|kinds|push|reclaimed)|starvation)|browser\/decode-account)$/u;

/** Other files that take long: all of the demo but its essentials, all of the package but its contents. */
const LONG = /^(package\/(?!tarball|built|core-alone)|demo\/(?!essentials)|real\/)/u;

/** Whether `npm test` leaves a file to `npm run test:full`. @param {string} test */
const isLong = (test) => LONG_IN_BROWSER.test(test) || LONG.test(test);

/**
 * Whether `npm test` runs a test file whole.
 * @param {string} test The path without `test/` and `.test.ts`, such as `browser/net`.
 */
export const isQuick = (test) => !SAMPLED.test(test) && !isLong(test);

/** @param {string} folder such as `browser` @returns {string[]} Its test files, such as `browser/net`. */
const testsIn = (folder) =>
  readdirSync(new URL(`../${folder}`, import.meta.url))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name.replace('.test.ts', '')}`);

/** @param {string} test @returns {boolean} */
const isChosen = (test) => {
  const suite = chosenSuite();
  if (suite === 'quick') return !isLong(test);
  return suite === 'all' || !isQuick(test) || WITH_KINDS.test(test);
};

/** @param {string} test */
const pathOf = (test) => `test/${test}.test.ts`;

/** @param {string} folder @returns {string[]} The test files of a folder that the chosen suite runs, as vitest's `include`. */
export const filesOf = (folder) => testsIn(folder).filter(isChosen).map(pathOf);

/** The files whose matrices are sampled, as vitest's `include`. */
export const sampledFiles = testsIn('browser')
  .filter((test) => SAMPLED.test(test))
  .map(pathOf);
