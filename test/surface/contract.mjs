// @ts-check
/**
 * Every promise of contract.json has a test that carries its name: `[C4]`, `[A: NotifyPrune]`, `[edge 8]` in the name of
 * a test or of the group around it, or in the name of a case that a test file imports and runs in several places. And no
 * test carries the name of a promise that is none.
 */
import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { filesUnder, nameOf, nodeOf, nodesOf, parseFile, repository, runDirectly, walk } from './source.mjs';

const TAG = /\[(C\d+|edge \d+|[A-D]: [^\]]+)\]/gu;

/** The folders whose tests count. */
const SUITES = ['test/unit', 'test/browser', 'test/engines', 'test/demo'];

/** Where cases are that run in a window and in a worker: objects of functions by name. */
const CASES = 'test/support';

/** Tests that do not run prove nothing. */
const NOT_RUN = ['skip', 'todo', 'skipIf', 'runIf'];

/** @typedef {import('./source.mjs').Node} Node */

/**
 * The words of a call such as `test.each(...)('…')`: test, each.
 * @param {unknown} callee @returns {string[]}
 */
function wordsOf(callee) {
  const node = nodeOf(callee);
  if (node === null) return [];
  if (node.type === 'Identifier') return [nameOf(node) ?? ''];
  if (node.type === 'MemberExpression') return [...wordsOf(node['object']), nameOf(node['property']) ?? ''];
  if (node.type === 'CallExpression') return wordsOf(node['callee']);
  return node.type === 'TaggedTemplateExpression' ? wordsOf(node['tag']) : [];
}

/**
 * The fixed text of a string or a template.
 * @param {Node | undefined} node
 */
function textOf(node) {
  if (node?.type !== 'TemplateLiteral') return nameOf(node) ?? '';
  return nodesOf(node['quasis'])
    .map(({ start, end, value }) => rawOf(value) ?? `${start}${end}`)
    .join('…');
}

/** @param {unknown} value */
const rawOf = (value) =>
  typeof value === 'object' && value !== null && 'raw' in value && typeof value.raw === 'string'
    ? value.raw
    : null;

/**
 * The tags in the names of a file's tests and groups.
 * @param {string} path @returns {string[]}
 */
export function tagsIn(path) {
  /** @type {string[]} */
  const tags = [];
  walk(parseFile(path).program, (node) => {
    if (node.type !== 'CallExpression') return;
    const [callee = '', ...rest] = wordsOf(node['callee']);
    if (!['test', 'it', 'describe'].includes(callee) || rest.some((word) => NOT_RUN.includes(word))) return;
    const name = textOf(nodesOf(node['arguments'])[0]);
    for (const [, tag = ''] of name.matchAll(TAG)) tags.push(tag);
  });
  return tags;
}

/**
 * The tags in the names of a file's cases.
 * @param {string} path @returns {string[]}
 */
function caseTagsIn(path) {
  /** @type {string[]} */
  const tags = [];
  walk(parseFile(path).program, (node) => {
    if (node.type !== 'Property') return;
    for (const [, tag = ''] of textOf(nodeOf(node['key']) ?? undefined).matchAll(TAG)) tags.push(tag);
  });
  return tags;
}

/**
 * Promises without a test, and tags without a promise.
 * @param {string} [root] the repository
 * @returns {{ untested: string[], unknown: string[] }}
 */
export function coverage(root = repository) {
  /** @type {Record<string, string>} */
  const contract = JSON.parse(readFileSync(`${root}/test/surface/contract.json`, 'utf8'));
  /** @type {Map<string, string>} */
  const places = new Map();
  for (const suite of SUITES) {
    for (const file of filesUnder(`${root}/${suite}`, /\.test\.ts$/u)) {
      for (const tag of tagsIn(file)) places.set(tag, relative(root, file));
    }
  }
  const suites = SUITES.flatMap((suite) => filesUnder(`${root}/${suite}`, /\.test\.ts$/u)).map((file) =>
    readFileSync(file, 'utf8'),
  );
  for (const file of filesUnder(`${root}/${CASES}`, /cases-\w+\.ts$/u)) {
    if (!suites.some((text) => text.includes(basename(file)))) continue;
    for (const tag of caseTagsIn(file)) places.set(tag, relative(root, file));
  }
  return {
    untested: Object.keys(contract).filter((id) => !places.has(id)),
    unknown: [...places].filter(([tag]) => !(tag in contract)).map(([tag, place]) => `${tag} (${place})`),
  };
}

/** @param {string} [root] @returns {string[]} */
export function contractProblems(root = repository) {
  const { untested, unknown } = coverage(root);
  return [
    ...untested.map((id) => `[${id}] has no test`),
    ...unknown.map((tag) => `[${tag.replace(' (', '] (')} is no promise of contract.json`),
  ];
}

runDirectly(import.meta.url, () => contractProblems());
