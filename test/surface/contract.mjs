// @ts-check
/**
 * Every promise of contract.json has a test whose title, or the title of a group around it, carries its tag: `[C4]`,
 * `[A: NotifyPrune]`, `[edge 8]`, `[fault: lost device]`. Titles of cases that a test file imports count as well. No title carries an
 * unknown tag. `--table` prints the promises and the files that have their tests.
 */
import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import process from 'node:process';
import { filesUnder, nameOf, parseFile, repository, runDirectly, walk } from './source.mjs';
import { TAG, titleOf, wordsOf } from './titles.mjs';

/** The folders whose tests count. */
const SUITES = ['unit', 'browser', 'engines', 'demo'];

/** Tests that do not run prove nothing. */
const NOT_RUN = ['skip', 'todo', 'skipIf', 'runIf'];

/** @typedef {import('./source.mjs').Node} Node */

/** The title of a test, a group or a case that runs. @param {Node} node @returns {string} */
function provenTitle(node) {
  if (node.type === 'Property') return nameOf(node['key']) ?? '';
  return wordsOf(node['callee']).some((word) => NOT_RUN.includes(word)) ? '' : titleOf(node);
}

/**
 * The tags in the titles of a file.
 * @param {string} path @returns {string[]}
 */
export function tagsIn(path) {
  /** @type {string[]} */
  const tags = [];
  walk(parseFile(path).program, (node) => {
    for (const [, tag = ''] of provenTitle(node).matchAll(TAG)) tags.push(tag);
  });
  return tags;
}

/**
 * The files of each tag.
 * @param {string} root The repository's folder. @returns {Map<string, Set<string>>}
 */
function taggedFiles(root) {
  const tests = SUITES.flatMap((suite) => filesUnder(`${root}/test/${suite}`, /\.test\.ts$/u));
  const texts = tests.map((file) => readFileSync(file, 'utf8'));
  const cases = filesUnder(`${root}/test/support`, /cases-\w+\.ts$/u).filter((file) =>
    texts.some((text) => text.includes(basename(file))),
  );
  /** @type {Map<string, Set<string>>} */
  const files = new Map();
  for (const file of [...tests, ...cases]) {
    for (const tag of tagsIn(file)) files.set(tag, (files.get(tag) ?? new Set()).add(relative(root, file)));
  }
  return files;
}

/** @param {string} root @returns {Record<string, string>} */
const promises = (root) => JSON.parse(readFileSync(`${root}/test/surface/contract.json`, 'utf8'));

/** @param {string} [root] The repository's folder. @returns {string[]} */
export function contractProblems(root = repository) {
  const files = taggedFiles(root);
  const contract = promises(root);
  const untested = Object.keys(contract).filter((tag) => !files.has(tag));
  const unknown = [...files].filter(([tag]) => !(tag in contract));
  return [
    ...untested.map((tag) => `[${tag}] has no test`),
    ...unknown.map(([tag, places]) => `[${tag}] (${[...places].join(', ')}) is not in contract.json`),
  ];
}

if (process.argv.includes('--table')) {
  const files = taggedFiles(repository);
  for (const [tag, promise] of Object.entries(promises(repository)))
    console.log(`| ${tag} | ${promise} | ${[...(files.get(tag) ?? [])].sort().join(', ')} |`);
}
runDirectly(import.meta.url, () => contractProblems());
