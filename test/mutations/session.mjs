// @ts-check
/**
 * A process that keeps vitest and the browser running between two faults, and that can be ended when it hangs. An
 * order has the changed files and the tests to run, up to the first failure with `bail`, or asks for the first
 * failed test again. Answers with the failed tests, and with an event for each test that begins.
 */
import process from 'node:process';
import { createVitest } from 'vitest/node';
import { SUITES, testFile } from './list.mjs';

/**
 * @typedef {{ changed: readonly string[], tests: readonly string[] | 'the failed one' }} Order
 * @typedef {{ kind: 'ready' | 'opens' } | { kind: 'began', test: string } | { kind: 'ran', failed: string[] }} Answer
 */

/** @param {Answer} answer */
const say = (answer) => process.send?.(answer);

/** @param {import('vitest/node').TestCase} test */
const nameOf = ({ module, fullName }) => `${module.relativeModuleId} > ${fullName}`;

/** @param {unknown} error From another process: a plain copy of an error. */
const messageOf = (error) =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'an error';

const [folder = '.', bail = 'bail'] = process.argv.slice(2);
process.on('disconnect', () => process.exit());

const vitest = await createVitest('test', {
  root: folder,
  config: `${folder}/test/vitest.config.ts`,
  project: Object.values(SUITES),
  watch: false,
  bail: bail === 'bail' ? 1 : 0,
  onConsoleLog: () => false,
  reporters: [
    {
      onTestCaseReady(test) {
        say({ kind: 'began', test: nameOf(test) });
      },
    },
  ],
});

/**
 * The first failed test, to be run again alone. Without an id it is the whole file.
 * @typedef {{ name: string, test: string, id: string | undefined }} Failure
 */

/**
 * Runs a file, or one test of it.
 * @param {string} test @param {string} [id]
 * @returns {Promise<Failure[]>}
 */
async function failuresOf(test, id) {
  say({ kind: 'opens' });
  const file = `${folder}/${testFile(test)}`;
  const found = (await vitest.globTestSpecifications([file])).find(({ moduleId }) => moduleId === file);
  if (found === undefined) throw new Error(`${file} does not exist`);
  const specification =
    id === undefined ? found : found.project.createSpecification(file, { testIds: [id] }, found.pool);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification]);
  // This is no failure of a test: the parent process starts another session.
  if (unhandledErrors.some((error) => messageOf(error).includes('Failed to connect to the browser')))
    process.exit(1);
  const failed = testModules
    .filter(({ moduleId }) => moduleId === file)
    .flatMap((module) => [
      ...[...module.children.allTests('failed')].map((each) => ({ name: nameOf(each), test, id: each.id })),
      ...module
        .errors()
        .map(({ message }) => ({ name: `${testFile(test)}: ${message}`, test, id: undefined })),
    ]);
  const unhandled = unhandledErrors.map((error) => ({
    name: `${testFile(test)}: ${messageOf(error)}, outside of a test`,
    test,
    id: undefined,
  }));
  return [...failed, ...unhandled];
}

/** @type {Failure[]} */
let failed = [];

process.on('message', async (/** @type {Order} */ { changed, tests }) => {
  for (const file of changed) vitest.invalidateFile(file);
  const [first] = failed;
  failed = [];
  if (tests === 'the failed one') {
    if (first !== undefined) failed.push(...(await failuresOf(first.test, first.id)));
  } else {
    // One file at a time: only the first failure is needed.
    for (const test of tests) {
      failed.push(...(await failuresOf(test)));
      if (failed.length > 0 && bail === 'bail') break;
    }
  }
  say({ kind: 'ran', failed: failed.map(({ name }) => name) });
});
say({ kind: 'ready' });
