// @ts-check
/** The planted faults of `faults/*.txt`, and how one is planted. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesUnder } from '../surface/source.mjs';
import { SourceText } from './symbols.mjs';

/**
 * A realistic mistake: in a symbol of the source, one text is replaced by another.
 * @typedef {object} Mutation
 * @property {string} wrong The consequence, in words. Unique.
 * @property {string} file Path of the symbol's file, from the repository's folder. If the symbol has moved, it is
 * found elsewhere in `src`.
 * @property {string} symbol A function, a class, a constant, or a member as `Class.member` or `Class.#member`.
 * @property {string} find The text that is replaced. It occurs once in the symbol, in any formatting.
 * @property {string} put The text in its place; empty if it is removed.
 * @property {readonly string[]} tests The test files that should fail, in the order in which they run: `unit/net`
 * is test/unit/net.test.ts.
 */

/** The suites that tests are taken from, and the vitest projects that run them. */
export const SUITES = Object.freeze({ unit: 'unit', browser: 'browser', engines: 'engines-chromium' });

/** @param {string} test such as `unit/net` */
export const testFile = (test) => `test/${test}.test.ts`;

/** A line with an optional list of tests in brackets at its end. @param {string} line */
function withTests(line) {
  const [, text = '', tests] = /^(.*?)(?: \[([^\]]*)\])?$/u.exec(line) ?? [];
  return { text, tests: tests?.split(' ') };
}

/**
 * Reads one list. Blocks of lines are separated by empty lines: `== file [tests]` applies to the faults below it;
 * a fault is its words and, if they differ, its tests, then an indented symbol, a line `- text` and, unless the
 * text is only removed, a line `+ text`.
 * @param {string} list @returns {Mutation[]}
 * @throws {SyntaxError} for a block of another form.
 */
export function parseFaults(list) {
  /** @type {{ text: string, tests?: string[] | undefined }} */
  let place = { text: '' };
  return list.split(/\n{2,}/u).flatMap((block) => {
    const [head = '', symbol = '', find = '', put = '+ ', ...more] = block.trim().split('\n');
    if (head === '' || head.startsWith('#')) return [];
    if (head.startsWith('== ')) {
      place = withTests(head.slice(3));
      return [];
    }
    const { text: wrong, tests = place.tests ?? [] } = withTests(head);
    const isFault = symbol.startsWith('  ') && find.startsWith('- ') && put.startsWith('+ ');
    if (!isFault || more.length > 0 || tests.length === 0) throw new SyntaxError(`no fault:\n${block}`);
    return { wrong, file: place.text, symbol: symbol.trim(), find: find.slice(2), put: put.slice(2), tests };
  });
}

/** @param {string} root The repository's folder. @returns {Mutation[]} */
export const readMutations = (root) =>
  readdirSync(join(root, 'test/mutations/faults'))
    .sort()
    .flatMap((name) => parseFaults(readFileSync(join(root, 'test/mutations/faults', name), 'utf8')));

/**
 * The file that has the symbol of a fault: the named one, or the only other one in `src`.
 * @param {string} root @param {Mutation} mutation
 */
function placeOf(root, { wrong, file, symbol }) {
  const named = join(root, file);
  const read = (/** @type {string} */ path) => ({ path, source: new SourceText(readFileSync(path, 'utf8')) });
  const first = existsSync(named) ? [read(named)] : [];
  if (first[0]?.source.has(symbol) === true) return first[0];
  const others = filesUnder(join(root, 'src'), /\.ts$/u)
    .filter((path) => readFileSync(path, 'utf8').includes(symbol.split('.')[0] ?? ''))
    .map(read)
    .filter(({ source }) => source.has(symbol));
  if (others.length === 1 && others[0] !== undefined) return others[0];
  throw new Error(`"${wrong}": ${symbol} is not in ${file}, and in ${others.length} other files of src`);
}

/**
 * @param {string} root @param {Mutation} mutation
 * @returns {{ path: string, text: string }} The file, and its text with the fault in it.
 * @throws {Error} if the text to replace does not occur exactly once in its symbol.
 */
export function planted(root, mutation) {
  const { wrong, symbol, find, put } = mutation;
  const { path, source } = placeOf(root, mutation);
  const [range, ...more] = source.find(symbol, find);
  if (range === undefined || more.length > 0) {
    const count = range === undefined ? 0 : 1 + more.length;
    throw new Error(`"${wrong}": the text to replace stands ${count} times in ${symbol}, not once`);
  }
  return { path, text: source.replaced(range, put) };
}
