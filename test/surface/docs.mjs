// @ts-check
/** Every public symbol has a doc comment: what the entry points export, and the members of exported classes and interfaces. */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { importedFile, nameOf, nodeOf, nodesOf, parseFile, repository, runDirectly } from './source.mjs';

const ENTRIES = ['src/index.ts', 'src/media/index.ts', 'src/testing/index.ts', 'src/webgpu/index.ts'];

/** @typedef {import('./source.mjs').Node} Node */
/** @typedef {ReturnType<typeof parseFile>} Source */
/** What a name stands for: the node that a doc comment stands before, the declaration itself, and its file. */
/** @typedef {{ source: Source, statement: Node, declaration: Node }} Declared */

/** @type {Map<string, Source>} */
const parsed = new Map();

/** @param {string} path @returns {Source} */
function read(path) {
  const known = parsed.get(path) ?? parseFile(path);
  parsed.set(path, known);
  return known;
}

/**
 * The doc comment that stands right before a node.
 * @param {Source} source @param {Node} node @returns {string | null}
 */
function docBefore({ text, comments }, node) {
  const before = comments.filter(({ end }) => end <= node.start).at(-1);
  if (before === undefined || text.slice(before.end, node.start).trim() !== '') return null;
  // The parser leaves the slashes and the first star out.
  return before.value.startsWith('*') && /\w/u.test(before.value) ? before.value : null;
}

/** @param {Node} declaration @returns {string[]} */
function declaredNames(declaration) {
  const own = nameOf(declaration['id']);
  if (own !== null) return [own];
  return nodesOf(declaration['declarations']).flatMap((one) => nameOf(one['id']) ?? []);
}

/**
 * Everything that a name stands for; a class and a type may share one.
 * @param {string} path @param {string} name @returns {Declared[]}
 */
function resolveName(path, name) {
  const source = read(path);
  /** @type {Declared[]} */
  const found = [];
  for (const statement of nodesOf(source.program['body'])) {
    const declaration = nodeOf(statement['declaration']) ?? statement;
    if (declaredNames(declaration).includes(name)) found.push({ source, statement, declaration });
    const from = nameOf(statement['source']);
    const file = from === null ? null : importedFile(path, from);
    for (const part of nodesOf(statement['specifiers'])) {
      const [here, there] =
        statement.type === 'ImportDeclaration'
          ? [part['local'], part['imported']]
          : [part['exported'], part['local']];
      const [ownName, otherName] = [nameOf(here), nameOf(there)];
      if (ownName !== name || otherName === null) continue;
      if (file !== null) found.push(...resolveName(file, otherName));
      else if (from === null && otherName !== name) found.push(...resolveName(path, otherName));
    }
    if (statement.type === 'ExportAllDeclaration' && file !== null) found.push(...resolveName(file, name));
  }
  return found;
}

/**
 * The names that a module exports.
 * @param {string} path @returns {string[]}
 */
export function exportedNames(path) {
  return nodesOf(read(path).program['body']).flatMap((statement) => {
    if (statement.type === 'ExportAllDeclaration') {
      const file = importedFile(path, nameOf(statement['source']) ?? '');
      return file === null ? [] : exportedNames(file);
    }
    if (statement.type !== 'ExportNamedDeclaration') return [];
    const declaration = nodeOf(statement['declaration']);
    if (declaration !== null) return declaredNames(declaration);
    return nodesOf(statement['specifiers']).flatMap((part) => nameOf(part['exported']) ?? []);
  });
}

/** Members that the language, or the writer, keeps to itself. */
/** @param {Node} member @param {string | null} doc */
const isHidden = (member, doc) =>
  nodeOf(member['key'])?.type === 'PrivateIdentifier' ||
  member['accessibility'] === 'private' ||
  member['kind'] === 'constructor' ||
  doc?.includes('@internal') === true;

const MEMBERS = [
  'MethodDefinition',
  'TSAbstractMethodDefinition',
  'PropertyDefinition',
  'TSAbstractPropertyDefinition',
  'AccessorProperty',
  'TSPropertySignature',
  'TSMethodSignature',
];

/**
 * Members without a doc comment, by their paths; also those of object types inside.
 * @param {Source} source @param {unknown} body @param {string} owner @returns {string[]}
 */
function undocumentedMembers(source, body, owner) {
  const holder = nodeOf(body);
  const members = nodesOf(holder?.['body'] ?? holder?.['members']).filter(({ type }) =>
    MEMBERS.includes(type),
  );
  /** @param {Node} member */
  const label = (member) => {
    const key = nodeOf(member['key']);
    const text = key === null ? '?' : source.text.slice(key.start, key.end);
    return `${owner}.${member['computed'] === true ? `[${text}]` : text}`;
  };
  // A setter shares the comment of its getter, and an overload that of the one before.
  const documented = new Set(members.filter((member) => docBefore(source, member) !== null).map(label));
  return members.flatMap((member) => {
    if (isHidden(member, docBefore(source, member))) return [];
    const type = nodeOf(nodeOf(member['typeAnnotation'])?.['typeAnnotation']);
    const inside = type?.type === 'TSTypeLiteral' ? undocumentedMembers(source, type, label(member)) : [];
    return documented.has(label(member)) ? inside : [label(member), ...inside];
  });
}

/**
 * Public symbols without a doc comment, as `file: name`.
 * @param {string} [root] the repository
 * @returns {string[]}
 */
export function docProblems(root = repository) {
  parsed.clear();
  /** @type {Set<string>} */
  const missing = new Set();
  for (const entry of ENTRIES.map((path) => `${root}/${path}`).filter((path) => existsSync(path))) {
    for (const name of exportedNames(entry)) {
      const all = resolveName(entry, name);
      if (all.length === 0)
        missing.add(`${relative(root, entry)}: ${name} is exported, and declared nowhere`);
      for (const { source, statement, declaration } of all) {
        const where = relative(root, source.path);
        if (docBefore(source, statement) === null) missing.add(`${where}: ${name} has no doc comment`);
        for (const member of undocumentedMembers(source, declaration['body'], name)) {
          missing.add(`${where}: ${member} has no doc comment`);
        }
      }
    }
  }
  return [...missing];
}

runDirectly(import.meta.url, () => docProblems());
