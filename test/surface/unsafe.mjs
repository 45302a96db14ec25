// @ts-check
/**
 * No text becomes code: sources use nothing that a strict Content-Security-Policy or Trusted Types would block.
 * The library does not create workers either, because apps pass them in; the demo creates its own by its only
 * policy.
 */
import { relative } from 'node:path';
import { filesUnder, nameOf, nodeOf, nodesOf, parseFile, repository, runDirectly, walk } from './source.mjs';

/** @typedef {import('./source.mjs').Node} Node */

/** They run a text, or make elements of it. Called alone or as a property of an object. */
const CALLS =
  /^(?:eval|Function|(?:import|exec)Scripts?|insertAdjacentHTML|(?:set|parse)HTMLUnsafe|parseFromString|createContextualFragment)$/u;

/**
 * So do these methods of a document. Other objects have methods of these names as well, such as a stream's
 * `write()`.
 */
const CALLS_OF_DOCUMENT = ['write', 'writeln'];

/** Properties that make elements or scripts of a text. */
const PROPERTIES = ['innerHTML', 'outerHTML', 'srcdoc'];

/** They run a text as well as a function. */
const TIMERS = ['setTimeout', 'setInterval'];

const WORKERS = ['Worker', 'SharedWorker'];

/**
 * The last name of a called or assigned expression: `b` of `a.b` and of `a['b']`.
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
  if (TIMERS.includes(name)) return isText(first) ? `passes a text to ${name}() to run` : null;
  const isDocuments = lastName(callee?.['object']) === 'document';
  const isUnsafe = CALLS.test(name) || (isDocuments && CALLS_OF_DOCUMENT.includes(name));
  return isUnsafe ? `calls ${name}()` : null;
}

/**
 * Uses of a file that would make code of a text.
 * @param {string} path @param {{ mayHaveWorkers?: boolean }} [options] `ownScript()` of the demo makes addresses
 * of its workers.
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
