// @ts-check
/** Reads source files for the checks of this folder: lists of files, and their syntax trees. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'rolldown/utils';

/** The repository's folder. */
export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/u, '');

/**
 * A node of the syntax tree. Its other properties differ from type to type, and the walkers here look for few of them.
 * @typedef {{ type: string, start: number, end: number, [property: string]: unknown }} Node
 */

/** @param {unknown} value @returns {value is Node} */
export const isNode = (value) =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  'start' in value;

/** @param {unknown} value @returns {Node | null} */
export const nodeOf = (value) => (isNode(value) ? value : null);

/** @param {unknown} value @returns {Node[]} */
export const nodesOf = (value) => (Array.isArray(value) ? value.filter(isNode) : []);

/**
 * The name of an identifier, or the value of a string literal.
 * @param {unknown} value @returns {string | null}
 */
export function nameOf(value) {
  if (!isNode(value)) return null;
  const name = value['name'] ?? value['value'];
  return typeof name === 'string' ? name : null;
}

/** The text of a template, with … in place of each inserted value. @param {Node} template */
export const textOfTemplate = (template) =>
  nodesOf(template['quasis'])
    .map(({ value }) => String(/** @type {{ raw?: unknown }} */ (value).raw))
    .join('…');

/**
 * The files under a folder whose names match; none without such a folder.
 * @param {string} folder @param {RegExp} ending @returns {string[]}
 */
export function filesUnder(folder, ending) {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => ending.test(path))
    .sort();
}

/**
 * @param {string} path @param {string} text
 * @returns {{ path: string, text: string, program: Node, comments: { value: string, start: number, end: number }[] }}
 * @throws {Error} when the text does not parse.
 */
export function parseText(path, text) {
  const { program, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message ?? 'does not parse'}`);
  return { path, text, program: /** @type {Node} */ (/** @type {unknown} */ (program)), comments };
}

/** @param {string} path */
export const parseFile = (path) => parseText(path, readFileSync(path, 'utf8'));

/**
 * Calls back for a node and everything below it.
 * @param {unknown} value @param {(node: Node) => void} visit
 */
export function walk(value, visit) {
  if (Array.isArray(value)) {
    for (const one of value) walk(one, visit);
  } else if (isNode(value)) {
    visit(value);
    for (const below of Object.values(value)) if (typeof below === 'object') walk(below, visit);
  }
}

/**
 * Runs a check when Node was started with its file: prints its problems, and exits with 1 if there
 * are any.
 * @param {string} url `import.meta.url` of the check.
 * @param {() => string[]} check
 */
export function runDirectly(url, check) {
  if (process.argv[1] === undefined || resolve(process.argv[1]) !== fileURLToPath(url)) return;
  const problems = check();
  for (const problem of problems) console.log(problem);
  if (problems.length > 0) process.exitCode = 1;
}

/**
 * A text with another part between two of its comments.
 * @param {string} text @param {string} begin @param {string} end @param {string} part
 */
export function withPart(text, begin, end, part) {
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`the document has no ${begin} … ${end}`);
  return `${before}${begin}\n\n${part}\n\n${end}${after}`;
}

/**
 * A table in Markdown, as prettier formats it.
 * @param {readonly (readonly string[])[]} lines The head, and the rows.
 */
export function markdownTable([head = [], ...rows]) {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  return [head, widths.map((width) => '-'.repeat(width)), ...rows]
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
    .join('\n');
}
