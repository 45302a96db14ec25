// @ts-check
/**
 * Imports point one way: `media → thread, decode, stream → pool ← storage ← webgpu` and `thread → storage`, and no file imports itself by way
 * of others. Imports of types alone are gone at run time, so they may close a circle; they may not cross a border.
 */
import { basename, dirname, relative, sep } from 'node:path';
import {
  filesUnder,
  importedFile,
  nameOf,
  nodeOf,
  nodesOf,
  parseFile,
  repository,
  runDirectly,
  walk,
} from './source.mjs';

/** What each folder of src may import, next to its own files. 'root' is errors.ts, clock.ts and disposal.ts. */
/** @type {Record<string, readonly string[]>} */
const ALLOWED = {
  root: [],
  pool: ['root'],
  storage: ['pool', 'root'],
  decode: ['pool', 'root'],
  stream: ['pool', 'decode', 'root'],
  thread: ['storage', 'pool', 'root'],
  webgpu: ['storage', 'pool', 'root'],
  media: ['pool', 'decode', 'stream', 'thread', 'storage', 'root'],
  testing: ['root'],
  index: ['pool', 'storage', 'decode', 'stream', 'thread', 'root'],
};

/** What may be imported for its types only. */
/** @type {Record<string, readonly string[]>} */
const ALLOWED_TYPES = { testing: ['pool'] };

/** @type {Record<string, readonly string[]>} */
const PACKAGES = { media: ['mediabunny'] };

const DEMO_ENTRIES = [
  'src/index.ts',
  'src/media/index.ts',
  'src/media/worker/entry.ts',
  'src/testing/index.ts',
  'src/webgpu/index.ts',
];
const DEMO_PACKAGES = [
  'mediabunny',
  'uplot',
  'video-frame-pool',
  'video-frame-pool/media',
  'video-frame-pool/testing',
  'video-frame-pool/webgpu',
];

/** Files of the demo that are part of its build or its server, not of the page. */
const DEMO_TOOLS = /^demo\/[^/]+\.mjs$/u;

/**
 * @typedef {{ specifier: string, typeOnly: boolean }} Import
 * @param {import('./source.mjs').Node} program
 * @returns {Import[]}
 */
function importsOf(program) {
  /** @type {Import[]} */
  const found = [];
  walk(program, (node) => {
    const specifier = nameOf(node['source']);
    if (specifier === null) return;
    if (
      ![
        'ImportDeclaration',
        'ExportNamedDeclaration',
        'ExportAllDeclaration',
        'ImportExpression',
        'TSImportType',
      ].includes(node.type)
    ) {
      return;
    }
    const parts = nodesOf(node['specifiers']);
    const typeOnly =
      node.type === 'TSImportType' ||
      node['importKind'] === 'type' ||
      node['exportKind'] === 'type' ||
      (parts.length > 0 &&
        parts.every((part) => part['importKind'] === 'type' || part['exportKind'] === 'type'));
    found.push({ specifier, typeOnly });
  });
  // `new URL('./worker.ts', import.meta.url)` is how a worker's file is named.
  walk(program, (node) => {
    if (node.type !== 'NewExpression' || nameOf(node['callee']) !== 'URL') return;
    const [first, second] = nodesOf(node['arguments']);
    const specifier = nameOf(first);
    const isMeta = nodeOf(second?.['object'])?.type === 'MetaProperty';
    if (specifier !== null && isMeta && /^\.{1,2}\/.*\.ts$/u.test(specifier))
      found.push({ specifier, typeOnly: false });
  });
  return found;
}

/**
 * The part of src that a file belongs to.
 * @param {string} path relative to the repository
 */
function partOf(path) {
  const [, folder = '', inside] = path.split(sep);
  if (inside !== undefined) return folder;
  return folder === 'index.ts' ? 'index' : 'root';
}

/** @param {string} from @param {Import} imported @param {string} root @returns {string | null} */
function sourceProblem(from, { specifier, typeOnly }, root) {
  const own = partOf(from);
  const file = importedFile(`${root}/${from}`, specifier);
  if (file === null) {
    return PACKAGES[own]?.includes(specifier) === true
      ? null
      : `${from}: src/${own} must not import '${specifier}'`;
  }
  const path = relative(root, file);
  if (!path.startsWith(`src${sep}`)) return `${from}: imports '${specifier}', which is outside src`;
  const other = partOf(path);
  if (other === own || ALLOWED[own]?.includes(other) === true) return null;
  if (typeOnly && ALLOWED_TYPES[own]?.includes(other) === true) return null;
  return `${from}: src/${own} must not import from src/${other} ('${specifier}')`;
}

/** @param {string} from @param {Import} imported @param {string} root @returns {string | null} */
function demoProblem(from, { specifier }, root) {
  const file = importedFile(`${root}/${from}`, specifier);
  const path = file === null ? null : relative(root, file);
  if (path === null) {
    const known = DEMO_PACKAGES.some((name) => specifier === name || specifier.startsWith('uplot/'));
    return known ? null : `${from}: the demo must not import '${specifier}'`;
  }
  if (path.startsWith(`demo${sep}`) || DEMO_ENTRIES.includes(path)) return null;
  return `${from}: the demo imports only its own files and public entries, not '${specifier}'`;
}

/**
 * Circles of imports, types left out.
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @returns {string[]}
 */
export function circles(graph) {
  /** @type {string[]} */
  const found = [];
  /** @type {Set<string>} */
  const done = new Set();
  /** @type {string[]} */
  const trail = [];
  /** @param {string} path */
  const visit = (path) => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push(`imports in a circle: ${[...trail.slice(at), path].join(' → ')}`);
    if (at >= 0 || done.has(path)) return;
    trail.push(path);
    for (const next of graph.get(path) ?? []) visit(next);
    trail.pop();
    done.add(path);
  };
  for (const path of graph.keys()) visit(path);
  return found;
}

/**
 * What is wrong with the imports.
 * @param {string} [root] the repository
 * @returns {string[]}
 */
export function importProblems(root = repository) {
  /** @type {string[]} */
  const problems = [];
  /** @type {Map<string, string[]>} */
  const graph = new Map();
  for (const file of [
    ...filesUnder(`${root}/src`, /\.ts$/u),
    ...filesUnder(`${root}/demo`, /\.(ts|mjs)$/u),
  ]) {
    const from = relative(root, file);
    if (DEMO_TOOLS.test(from)) continue;
    const inSource = from.startsWith(`src${sep}`);
    if (inSource && ALLOWED[partOf(from)] === undefined)
      problems.push(`${from}: no rule for the folder ${basename(dirname(from))}`);
    const imports = importsOf(parseFile(file).program);
    for (const imported of imports) {
      const problem = inSource ? sourceProblem(from, imported, root) : demoProblem(from, imported, root);
      if (problem !== null) problems.push(problem);
    }
    const next = imports
      .filter(({ typeOnly }) => !typeOnly)
      .map(({ specifier }) => importedFile(file, specifier));
    graph.set(
      from,
      next.flatMap((path) => (path === null ? [] : [relative(root, path)])),
    );
  }
  return [...problems, ...circles(graph)];
}

runDirectly(import.meta.url, () => importProblems());
