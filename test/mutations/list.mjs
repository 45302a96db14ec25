// @ts-check
/** All faults that `npm run test:mutations` plants, and how one is planted. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from './faults/decode.mjs';
import { flow } from './faults/flow.mjs';
import { guests } from './faults/guests.mjs';
import { keeping } from './faults/keeping.mjs';
import { pool } from './faults/pool.mjs';
import { sharing } from './faults/sharing.mjs';
import { storage } from './faults/storage.mjs';
import { stream } from './faults/stream.mjs';
import { thread } from './faults/thread.mjs';

/**
 * A fault such as an engineer makes. `find` stands once in the file, and `put` is what stands there instead.
 * @typedef {object} Fault
 * @property {string} wrong What is wrong then, in words; no two are the same.
 * @property {string} find
 * @property {string} put
 * @property {readonly string[]} [tests] Other tests than those of its place.
 * @property {string} [survivedUntil] The test that was written because none had caught it.
 */

/**
 * The faults of one file, and the fewest test files that are to catch them: `unit/net` is test/unit/net.test.ts, and
 * those of `engines` run in Chromium. They run in this order, up to the first failure.
 * @typedef {object} Place
 * @property {string} file From the repository's folder.
 * @property {readonly string[]} tests
 * @property {readonly Fault[]} faults
 */

/** @typedef {Required<Omit<Fault, 'survivedUntil'>> & Pick<Fault, 'survivedUntil'> & { file: string }} Mutation */

/** @type {readonly Mutation[]} */
export const mutations = [
  ...pool,
  ...keeping,
  ...sharing,
  ...flow,
  ...decode,
  ...thread,
  ...guests,
  ...storage,
  ...stream,
].flatMap(({ file, tests, faults }) => faults.map((fault) => ({ tests, ...fault, file })));

/** The suites that tests are taken from, and the projects of vitest that run them. */
export const SUITES = Object.freeze({ unit: 'unit', browser: 'browser', engines: 'engines-chromium' });

/** @param {string} test such as `unit/net` */
export const testFile = (test) => `test/${test}.test.ts`;

/**
 * The text of a file with the fault in it.
 * @param {string} text @param {Mutation} mutation
 * @throws {Error} where what it replaces does not stand there exactly once.
 */
export function planted(text, { wrong, file, find, put }) {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    const count = text.split(find).length - 1;
    throw new Error(`"${wrong}": what it replaces stands ${count} times in ${file}, and not once`);
  }
  return before + put + after;
}

/**
 * What is wrong with the list: faults that cannot be planted, and tests that are not there.
 * @param {string} root the repository @returns {string[]}
 */
export function listProblems(root) {
  /** @type {string[]} */
  const problems = [];
  const known = new Set();
  for (const mutation of mutations) {
    const { wrong, file, find, put, tests } = mutation;
    if (known.has(wrong)) problems.push(`"${wrong}" is listed twice`);
    known.add(wrong);
    if (find === put) problems.push(`"${wrong}" changes nothing`);
    for (const test of tests) {
      if (!(String(test.split('/')[0]) in SUITES && existsSync(join(root, testFile(test)))))
        problems.push(`"${wrong}": there is no ${testFile(test)}`);
    }
    try {
      planted(readFileSync(join(root, file), 'utf8'), mutation);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return problems;
}
