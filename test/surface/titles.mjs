// @ts-check
/** The titles of tests and groups fit one line of a report: at most 80 characters without tags such as `[C4]`. */
import { relative } from 'node:path';
import {
  filesUnder,
  nameOf,
  nodeOf,
  nodesOf,
  parseFile,
  repository,
  runDirectly,
  textOfTemplate,
  walk,
} from './source.mjs';

/** A tag, which ties a title to a promise of contract.json. */
export const TAG = /\[(C\d+|edge \d+|[A-D]: [^\]]+|fault: [^\]]+)\]/gu;

const MOST_CHARACTERS = 80;

/** @typedef {import('./source.mjs').Node} Node */

/**
 * The words of a call such as `test.each(...)('…')`: test, each.
 * @param {unknown} callee @returns {string[]}
 */
export function wordsOf(callee) {
  const node = nodeOf(callee);
  if (node?.type === 'MemberExpression') return [...wordsOf(node['object']), nameOf(node['property']) ?? ''];
  if (node?.type === 'CallExpression') return wordsOf(node['callee']);
  if (node?.type === 'TaggedTemplateExpression') return wordsOf(node['tag']);
  return [nameOf(node) ?? ''];
}

/**
 * The title of a test or a group, without the parts that a template inserts; empty for another node.
 * @param {Node} node @returns {string}
 */
export function titleOf(node) {
  if (node.type !== 'CallExpression') return '';
  const [callee = ''] = wordsOf(node['callee']);
  if (!['test', 'describe'].includes(callee)) return '';
  const [title] = nodesOf(node['arguments']);
  return title?.type === 'TemplateLiteral' ? textOfTemplate(title) : (nameOf(title) ?? '');
}

/** @param {string} title */
const withoutTags = (title) => title.replaceAll(TAG, '').replaceAll(/\s+/gu, ' ').trim();

/** @returns {string[]} */
function titleProblems() {
  /** @type {string[]} */
  const problems = [];
  for (const file of filesUnder(`${repository}/test`, /\.ts$/u)) {
    const { text, program } = parseFile(file);
    walk(program, (node) => {
      const { length } = withoutTags(titleOf(node));
      const line = text.slice(0, node.start).split('\n').length;
      if (length > MOST_CHARACTERS)
        problems.push(
          `${relative(repository, file)}:${line}: a title of ${length} characters, ${MOST_CHARACTERS} at most`,
        );
    });
  }
  return problems;
}

runDirectly(import.meta.url, titleProblems);
