// @ts-check
/**
 * Checks the relative links of all documents: the file exists, the heading of an anchor exists, and a document of the package links
 * only to files of the package.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { filesUnder, repository, runDirectly } from './source.mjs';

/** Documents that the package contains, or that only the repository has. */
const DOCUMENTS = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'].map((name) => join(repository, name)),
  ...filesUnder(join(repository, 'guides'), /\.md$/u),
  ...filesUnder(join(repository, 'test/media'), /\.md$/u),
];

/** A code block, or code in a line: text in them is no link and no heading. */
const CODE = /^```.*?^```$|`[^`\n]*`/gmsu;

const LINK = /!?\[[^\]]*\]\(([^)\s]+)\)/gu;

/** @type {string[]} */
const PACKAGED = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')).files;

/** @param {string} path Of a file, from the repository. */
const isPackaged = (path) => PACKAGED.some((entry) => path === entry || path.startsWith(`${entry}/`));

/**
 * Anchors of a document's headings, as GitHub makes them: lower case, no punctuation, hyphens for spaces, and a number for a heading
 * that occurs again.
 * @param {string} text
 */
function anchorsOf(text) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  const lines = text.replaceAll(/^```.*?^```$/gmsu, '').matchAll(/^#+ (.+)$/gmu);
  return new Set(
    [...lines].map(([, title = '']) => {
      const anchor = title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
        .replaceAll(' ', '-');
      const count = counts.get(anchor) ?? 0;
      counts.set(anchor, count + 1);
      return count === 0 ? anchor : `${anchor}-${count}`;
    }),
  );
}

/**
 * @param {string} document Path of the file.
 * @param {string} target Of the link.
 * @returns {string | null} The fault of the link.
 */
function faultOf(document, target) {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? document : join(dirname(document), decodeURIComponent(path));
  if (!existsSync(file)) return 'the file does not exist';
  if (isPackaged(relative(repository, document)) && !isPackaged(relative(repository, file)))
    return 'the package does not contain this file';
  if (anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).has(anchor))
    return 'the heading does not exist';
  return null;
}

runDirectly(import.meta.url, () =>
  DOCUMENTS.flatMap((document) =>
    [...readFileSync(document, 'utf8').replaceAll(CODE, '').matchAll(LINK)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/u.test(target)) return [];
      const fault = faultOf(document, target);
      return fault === null ? [] : [`${relative(repository, document)}: ${target}: ${fault}`];
    }),
  ),
);
