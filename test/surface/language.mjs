// @ts-check
/**
 * Comments, strings (errors, test titles, the page) and documents are plain English: in each of these kinds, each top folder has at most
 * two of the `IDIOMS` in 1,000 words. `--list` prints every place and the rate of every folder.
 */
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { idiomsIn } from './idioms.mjs';
import { proseOf, WITH_PROSE } from './prose.mjs';
import { filesUnder, repository, runDirectly } from './source.mjs';

/** Idioms in 1,000 words of one kind in one folder. Libraries of the field have 0.3 to 1.9. */
const MOST_IDIOMS = 2;

/** A kind with fewer words is not measured: a single finding would be a rate of its own. */
const FEWEST_WORDS = 500;

/** Places that a failure names. */
const MOST_PLACES = 15;

const FOLDERS = ['src', 'demo', 'test', 'guides'];

/** @param {string} text */
const wordsIn = (text) => (text.match(/[A-Za-z']+/gu) ?? []).length;

/** @param {string} text @param {number} index */
const excerpt = (text, index) =>
  text
    .slice(Math.max(0, index - 40), index + 60)
    .replaceAll(/\s+/gu, ' ')
    .trim();

/** The documents beside the folders, and the page. */
const rootFiles = () =>
  readdirSync(repository)
    .map((name) => join(repository, name))
    .filter((path) => WITH_PROSE.test(path) && statSync(path).isFile());

/**
 * The words and the idioms of each kind in some files.
 * @param {readonly string[]} files
 */
function measured(files) {
  /** @type {Map<string, { words: number, places: string[] }>} */
  const kinds = new Map();
  for (const file of files) {
    for (const { kind, line, text } of proseOf(file)) {
      const sum = kinds.get(kind) ?? { words: 0, places: [] };
      kinds.set(kind, sum);
      sum.words += wordsIn(text);
      for (const { index, name } of idiomsIn(text))
        sum.places.push(`${relative(repository, file)}:${line}: …${excerpt(text, index)}… (${name})`);
    }
  }
  return kinds;
}

/** @returns {string[]} */
function languageProblems() {
  const listsAll = process.argv.includes('--list');
  const folders = [
    ...FOLDERS.map((folder) => ({ folder, files: filesUnder(join(repository, folder), WITH_PROSE) })),
    { folder: 'the root', files: rootFiles() },
  ];
  return folders.flatMap(({ folder, files }) =>
    [...measured(files)].flatMap(([kind, { words, places }]) => {
      const rate = (places.length / words) * 1000;
      const sum = `${folder}: ${places.length} idioms in ${words} words of ${kind}, ${rate.toFixed(2)} per 1,000`;
      if (listsAll) console.log([sum, ...places].join('\n  '));
      if (rate <= MOST_IDIOMS || words < FEWEST_WORDS) return [];
      return [`${sum}; at most ${MOST_IDIOMS}`, ...places.slice(0, MOST_PLACES).map((place) => `  ${place}`)];
    }),
  );
}

runDirectly(import.meta.url, languageProblems);
