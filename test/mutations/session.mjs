// @ts-check
/**
 * A process of its own that keeps vitest and the browser running between two faults, and that can be ended when one
 * hangs. Is told which files have changed and which tests to run, up to the first failure where `bail` says so; answers
 * with the tests that failed, and tells of each test that it begins.
 */
import process from 'node:process';
import { createVitest } from 'vitest/node';
import { SUITES, testFile } from './list.mjs';

/**
 * @typedef {{ changed: readonly string[], tests: readonly string[] }} Order
 * @typedef {{ kind: 'ready' } | { kind: 'began', test: string } | { kind: 'ran', failed: string[] }} Answer
 */

/** Far longer than any of these tests takes, and short enough to wait for where a fault makes it wait for ever. */
const TEST_TIMEOUT_MS = 20_000;

/** @param {Answer} answer */
const say = (answer) => process.send?.(answer);

/** @param {import('vitest/node').TestCase} test */
const nameOf = ({ module, fullName }) => `${module.relativeModuleId} > ${fullName}`;

const [folder = '.', bail = 'bail'] = process.argv.slice(2);
process.on('disconnect', () => process.exit());

const vitest = await createVitest('test', {
  root: folder,
  config: `${folder}/test/vitest.config.ts`,
  project: Object.values(SUITES),
  watch: false,
  bail: bail === 'bail' ? 1 : 0,
  testTimeout: TEST_TIMEOUT_MS,
  hookTimeout: TEST_TIMEOUT_MS,
  onConsoleLog: () => false,
  reporters: [
    {
      onTestCaseReady(test) {
        say({ kind: 'began', test: nameOf(test) });
      },
    },
  ],
});

/** @param {readonly string[]} tests @returns {Promise<string[]>} */
async function failuresOf(tests) {
  const files = tests.map((test) => `${folder}/${testFile(test)}`);
  const specifications = (await vitest.globTestSpecifications(files)).filter(({ moduleId }) =>
    files.includes(moduleId),
  );
  if (specifications.length !== files.length) throw new Error(`found not all of ${tests.join(', ')}`);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications);
  const failed = testModules
    .filter(({ moduleId }) => files.includes(moduleId))
    .flatMap((module) => [
      ...[...module.children.allTests('failed')].map(nameOf),
      ...module.errors().map(({ message }) => `${module.relativeModuleId} as a whole: ${message}`),
    ]);
  const unhandled = unhandledErrors.map(
    (error) => `an error that no test caught: ${error instanceof Error ? error.message : String(error)}`,
  );
  return [...failed, ...unhandled];
}

process.on('message', async (/** @type {Order} */ { changed, tests }) => {
  for (const file of changed) vitest.invalidateFile(`${folder}/${file}`);
  // One suite after the other, and a file at a time: the first failure is all that is asked for.
  /** @type {string[]} */
  const failed = [];
  for (const test of tests) {
    failed.push(...(await failuresOf([test])));
    if (failed.length > 0 && bail === 'bail') break;
  }
  say({ kind: 'ran', failed });
});
say({ kind: 'ready' });
