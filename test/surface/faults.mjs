// @ts-check
/**
 * Every cell of faults.json, a fault at a point, names tests that there are: the file below test/, then the names of the groups
 * and of the test, with ` > ` between them. What a name gets from a table of cases stands in the file as a string, a key or a
 * number.
 */
import { existsSync, readFileSync } from 'node:fs';
import { filesUnder, nameOf, nodeOf, nodesOf, parseFile, repository, runDirectly, walk } from './source.mjs';

/** @typedef {import('./source.mjs').Node} Node */

/** A test's name as its file has it: fixed text, and places that cases fill. */
/** @typedef {readonly string[]} Path */

const NOT_RUN = ['skip', 'todo', 'skipIf', 'runIf'];

/** Places that cases fill: `%s`, `$name`, and what a template puts in. */
const PLACE = /%[sdi]|\$\w+|…/gu;

/**
 * The words of a call such as `test.each(...)('…')`: test, each.
 * @param {unknown} callee @returns {string[]}
 */
function wordsOf(callee) {
  const node = nodeOf(callee);
  if (node === null) return [];
  if (node.type === 'Identifier') return [nameOf(node) ?? ''];
  if (node.type === 'MemberExpression') return [...wordsOf(node['object']), nameOf(node['property']) ?? ''];
  return node.type === 'CallExpression' ? wordsOf(node['callee']) : [];
}

/** @param {Node | undefined} node */
function textOf(node) {
  if (node?.type !== 'TemplateLiteral') return nameOf(node) ?? '';
  return nodesOf(node['quasis'])
    .map(({ value }) => String(/** @type {{ cooked?: unknown }} */ (value).cooked))
    .join('…');
}

/**
 * What a file has: its tests, and all strings, keys and numbers of it, which cases are made of.
 * @param {string} path @returns {{ tests: Path[], words: Set<string> }}
 */
function testsIn(path) {
  const { program } = parseFile(path);
  /** @type {{ name: string, isTest: boolean, start: number, end: number }[]} */
  const calls = [];
  /** @type {Set<string>} */
  const words = new Set();
  walk(program, (node) => {
    if (node.type === 'Literal') words.add(String(node['value']));
    if (node.type === 'Property' || node.type === 'MethodDefinition') words.add(nameOf(node['key']) ?? '');
    if (node.type !== 'CallExpression') return;
    const [callee = '', ...rest] = wordsOf(node['callee']);
    if (!['test', 'describe'].includes(callee) || rest.some((word) => NOT_RUN.includes(word))) return;
    const first = nodesOf(node['arguments'])[0];
    if (first === undefined || !['Literal', 'TemplateLiteral'].includes(first.type)) return;
    calls.push({ name: textOf(first), isTest: callee === 'test', start: node.start, end: node.end });
  });
  const tests = calls
    .filter(({ isTest }) => isTest)
    .map((test) =>
      calls
        .filter(({ start, end }) => start <= test.start && test.end <= end)
        .sort((one, other) => one.start - other.start)
        .map(({ name }) => name),
    );
  return { tests, words };
}

/** @param {string} text */
const escaped = (text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/gu, '\\$&');

/**
 * What the cases put into a name, or null where it is another test's.
 * @param {Path} path @param {readonly string[]} names @returns {string[] | null}
 */
function filled(path, names) {
  if (path.length !== names.length) return null;
  /** @type {string[]} */
  const found = [];
  for (const [at, pattern] of path.entries()) {
    const fixed = pattern.split(PLACE).map(escaped).join('(.+)');
    const match = new RegExp(`^${fixed}$`, 'u').exec(names[at] ?? '');
    if (match === null) return null;
    found.push(...match.slice(1));
  }
  return found;
}

/**
 * The faults by name, the points of each, and the tests of that cell.
 * @param {string} [root] @returns {Record<string, Record<string, string[]>>}
 */
export const faultTable = (root = repository) =>
  JSON.parse(readFileSync(`${root}/test/surface/faults.json`, 'utf8'));

/** @param {string} [root] the repository @returns {string[]} */
export function faultProblems(root = repository) {
  /** @type {Map<string, { tests: Path[], words: Set<string> }>} */
  const files = new Map();
  /** @type {Set<string>} */
  const shared = new Set();
  for (const file of filesUnder(`${root}/test/support`, /\.ts$/u)) {
    for (const word of testsIn(file).words) shared.add(word);
  }
  /** @param {string} cell @returns {string | null} */
  const problemOf = (cell) => {
    const [file = '', ...names] = cell.split(' > ');
    const path = `${root}/test/${file}.test.ts`;
    if (!existsSync(path)) return `there is no ${path}`;
    const { tests, words } = files.get(path) ?? testsIn(path);
    files.set(path, { tests, words });
    const matches = tests.map((each) => filled(each, names)).filter((words) => words !== null);
    const strange = matches.map((found) => found.filter((word) => !words.has(word) && !shared.has(word)));
    if (strange.some((found) => found.length === 0)) return null;
    return strange.length === 0
      ? 'there is no such test'
      : `no case of that file is ${strange[0]?.join(', ')}`;
  };
  return Object.entries(faultTable(root)).flatMap(([fault, points]) =>
    Object.entries(points).flatMap(([point, cells]) => {
      if (cells.length === 0) return [`${fault}, ${point}: no test`];
      return cells.flatMap((cell) => {
        const problem = problemOf(cell);
        return problem === null ? [] : [`${fault}, ${point}: ${cell}: ${problem}`];
      });
    }),
  );
}

runDirectly(import.meta.url, () => faultProblems());
