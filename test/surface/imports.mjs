// @ts-check
/**
 * Imports point one way: `media → thread, decode, streams, tracks → pool ← storage ← webgpu`, `media, decode → bitstream`, `thread → storage` and all `→ base`.
 * The lint rule of `circles.json` finds circles, types included.
 */
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { filesUnder, nameOf, nodeOf, nodesOf, parseFile, repository, runDirectly, walk } from './source.mjs';

/**
 * What each folder of src may import, next to its own files.
 * @type {Record<string, readonly string[]>}
 */
const ALLOWED = {
  base: [],
  pool: ['base'],
  storage: ['pool', 'base'],
  bitstream: [],
  decode: ['bitstream', 'pool', 'base'],
  streams: ['pool', 'base'],
  tracks: ['pool', 'base'],
  thread: ['storage', 'pool', 'base'],
  webgpu: ['storage', 'pool', 'base'],
  media: ['bitstream', 'pool', 'decode', 'streams', 'tracks', 'thread', 'storage', 'base'],
  testing: ['base'],
  index: ['pool', 'storage', 'decode', 'streams', 'tracks', 'thread', 'base'],
};

/** What may be imported for its types only. @type {Record<string, readonly string[]>} */
const ALLOWED_TYPES = { testing: ['pool'] };

/** @type {Record<string, readonly string[]>} */
const PACKAGES = { media: ['mediabunny'] };

const DEMO_ENTRIES = /^src\/(?:(?:media\/|testing\/|webgpu\/)?index|media\/worker\/(?:bundled|entry))\.ts$/u;
const DEMO_PACKAGES = /^(?:mediabunny|uplot|uplot\/.*|video-frame-pool(?:\/media|\/testing|\/webgpu)?)$/u;

/** Files of the demo that are part of its build or its server, not of the page. */
const DEMO_TOOLS = /^demo\/[^/]+\.mjs$/u;

const IMPORTING = /^(?:Import|ExportNamed|ExportAll)(?:Declaration|Expression)$|^TSImportType$/u;

/**
 * @typedef {{ specifier: string, typeOnly: boolean }} Import
 * @typedef {import('./source.mjs').Node} Node
 */

/**
 * The file of a relative import; null for a package.
 * @param {string} from @param {string} specifier @returns {string | null}
 */
const importedFile = (from, specifier) =>
  specifier.startsWith('.') ? resolve(dirname(from), specifier.replace(/\?.*$/u, '')) : null;

/** @param {Node} node */
const isOfType = (node) => node['importKind'] === 'type' || node['exportKind'] === 'type';

/** @param {Node} program @returns {Import[]} */
function importsOf(program) {
  /** @type {Import[]} */
  const found = [];
  walk(program, (node) => {
    const specifier = nameOf(node['source']);
    if (specifier !== null && IMPORTING.test(node.type)) {
      const parts = nodesOf(node['specifiers']);
      const hasTypesOnly = parts.length > 0 && parts.every(isOfType);
      found.push({ specifier, typeOnly: node.type === 'TSImportType' || isOfType(node) || hasTypesOnly });
    }
    // `new URL('./worker.ts', import.meta.url)` is how a worker's file is named.
    if (node.type !== 'NewExpression' || nameOf(node['callee']) !== 'URL') return;
    const [first, second] = nodesOf(node['arguments']);
    const file = nameOf(first);
    const isMeta = nodeOf(second?.['object'])?.type === 'MetaProperty';
    if (file !== null && isMeta && /^\.{1,2}\/.*\.ts$/u.test(file))
      found.push({ specifier: file, typeOnly: false });
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
  return folder === 'index.ts' ? 'index' : folder;
}

/** @param {string} from @param {Import} imported @returns {string | null} */
function sourceProblem(from, { specifier, typeOnly }) {
  const own = partOf(from);
  const file = importedFile(`${repository}/${from}`, specifier);
  if (file === null) {
    return PACKAGES[own]?.includes(specifier) === true
      ? null
      : `${from}: src/${own} must not import '${specifier}'`;
  }
  const path = relative(repository, file);
  if (!path.startsWith(`src${sep}`)) return `${from}: imports '${specifier}', which is outside src`;
  const other = partOf(path);
  if (other === own || ALLOWED[own]?.includes(other) === true) return null;
  if (typeOnly && ALLOWED_TYPES[own]?.includes(other) === true) return null;
  return `${from}: src/${own} must not import from src/${other} ('${specifier}')`;
}

/** @param {string} from @param {Import} imported @returns {string | null} */
function demoProblem(from, { specifier }) {
  const file = importedFile(`${repository}/${from}`, specifier);
  if (file === null) {
    return DEMO_PACKAGES.test(specifier) ? null : `${from}: the demo must not import '${specifier}'`;
  }
  const path = relative(repository, file);
  if (path.startsWith(`demo${sep}`) || DEMO_ENTRIES.test(path)) return null;
  return `${from}: the demo imports only its own files and public entries, not '${specifier}'`;
}

/** @returns {string[]} */
function importProblems() {
  /** @type {string[]} */
  const problems = [];
  const files = [
    ...filesUnder(`${repository}/src`, /\.ts$/u),
    ...filesUnder(`${repository}/demo`, /\.(ts|mjs)$/u),
  ];
  for (const file of files) {
    const from = relative(repository, file);
    if (DEMO_TOOLS.test(from)) continue;
    const inSource = from.startsWith(`src${sep}`);
    if (inSource && ALLOWED[partOf(from)] === undefined)
      problems.push(`${from}: no rule for the folder ${basename(dirname(from))}`);
    const imports = importsOf(parseFile(file).program);
    const problemOf = inSource ? sourceProblem : demoProblem;
    problems.push(...imports.flatMap((imported) => problemOf(from, imported) ?? []));
  }
  return problems;
}

runDirectly(import.meta.url, importProblems);
