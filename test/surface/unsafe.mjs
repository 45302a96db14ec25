// @ts-check
/**
 * No text becomes code: sources use nothing that a strict Content-Security-Policy or Trusted Types would stop. The library makes
 * no workers either, for apps hand them over; the demo makes its own by the one policy that it has.
 */
import { relative } from 'node:path';
import { filesUnder, nameOf, nodeOf, nodesOf, parseFile, repository, runDirectly, walk } from './source.mjs';

/** @typedef {import('./source.mjs').Node} Node */

/** They run a text, or make elements of it. Called by themselves or as a property of something. */
const CALLS =
  /^(?:eval|Function|(?:import|exec)Scripts?|insertAdjacentHTML|(?:set|parse)HTMLUnsafe|parseFromString|createContextualFragment)$/u;

/** So do these of a document. Methods of other things have these names as well, such as a stream's `write()`. */
const CALLS_OF_DOCUMENT = ['write', 'writeln'];

/** Set, they make elements or scripts of a text. */
const PROPERTIES = ['innerHTML', 'outerHTML', 'srcdoc'];

/** They run a text as well as a function. */
const TIMERS = ['setTimeout', 'setInterval'];

const WORKERS = ['Worker', 'SharedWorker'];

/**
 * The last name of what is called or assigned to: `b` of `a.b` and of `a['b']`.
 * @param {unknown} value @returns {string | null}
 */
const lastName = (value) => {
  const node = nodeOf(value);
  return node?.type === 'MemberExpression' ? nameOf(node['property']) : nameOf(node);
};

/** @param {Node | undefined} node */
const isText = (node) =>
  node?.type === 'TemplateLiteral' || (node?.type === 'Literal' && typeof node['value'] === 'string');

/** @param {Node} node @param {boolean} mayHaveWorkers @returns {string | null} */
function problemOf(node, mayHaveWorkers) {
  if (node.type === 'ImportExpression') {
    const isFixed = nodeOf(node['source'])?.type === 'Literal';
    return isFixed ? null : 'imports a module by an address that is made at run time';
  }
  if (node.type === 'AssignmentExpression') {
    const name = lastName(node['left']);
    return name !== null && PROPERTIES.includes(name) ? `sets ${name}` : null;
  }
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return null;
  const callee = nodeOf(node['callee']);
  const name = lastName(callee);
  const [first] = nodesOf(node['arguments']);
  if (name === null) return null;
  if (node.type === 'NewExpression' && WORKERS.includes(name)) {
    const isOwn = mayHaveWorkers && lastName(nodeOf(first)?.['callee']) === 'ownScript';
    return isOwn ? null : `makes a ${name}`;
  }
  if (TIMERS.includes(name)) return isText(first) ? `gives ${name}() a text to run` : null;
  const isDocuments = lastName(callee?.['object']) === 'document';
  const isUnsafe = CALLS.test(name) || (isDocuments && CALLS_OF_DOCUMENT.includes(name));
  return isUnsafe ? `calls ${name}()` : null;
}

/**
 * What a file does that would make code of a text.
 * @param {string} path @param {{ mayHaveWorkers?: boolean }} [options] `ownScript()` of the demo makes addresses of its workers.
 * @returns {string[]}
 */
export function unsafeUses(path, { mayHaveWorkers = false } = {}) {
  const { program, text } = parseFile(path);
  /** @type {string[]} */
  const found = [];
  walk(program, (node) => {
    const problem = problemOf(node, mayHaveWorkers);
    if (problem === null) return;
    const line = text.slice(0, node.start).split('\n').length;
    found.push(`${relative(repository, path)}:${line}: ${problem}`);
  });
  return found;
}

/** @returns {string[]} */
export const unsafeSources = () => [
  ...filesUnder(`${repository}/src`, /\.ts$/u).flatMap((path) => unsafeUses(path)),
  ...filesUnder(`${repository}/demo`, /\.ts$/u).flatMap((path) => unsafeUses(path, { mayHaveWorkers: true })),
];

runDirectly(import.meta.url, unsafeSources);
