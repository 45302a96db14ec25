// @ts-check
/** Accepted differences: the entries of differences.json, and the differences that an entry covers. */
import { readFileSync } from 'node:fs';

/**
 * Difference that stays, with its reason in words for users.
 * @typedef {object} Accepted
 * @property {readonly string[]} variants Names of variants, in which `*` stands for any text.
 * @property {readonly string[]} aspects Compared things, such as `times`.
 * @property {readonly import('./difference.ts').Odd[]} odd The reader that differs from the others, such as `video`.
 * @property {string} files The kind of file.
 * @property {string} video The result of the `<video>` element, or of ffmpeg if the entry is about ffmpeg.
 * @property {string} ours The result of this library.
 * @property {string} reason The reason for the difference.
 */

/** @typedef {import('./difference.ts').Difference} Difference */

/** @returns {readonly Accepted[]} */
export const acceptedDifferences = () =>
  JSON.parse(readFileSync(new URL('differences.json', import.meta.url), 'utf8'));

/** @param {string} pattern @param {string} name */
function matches(pattern, name) {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'u').test(name);
}

/**
 * Whether an entry covers a difference.
 * @param {Accepted} entry @param {Pick<Difference, 'variant' | 'aspect' | 'odd'>} difference
 */
export const covers = (entry, { variant, aspect, odd }) =>
  entry.odd.includes(odd) &&
  entry.aspects.includes(aspect) &&
  entry.variants.some((pattern) => matches(pattern, variant));

/**
 * The differences that no entry covers, and the entries that cover none.
 * @param {readonly Accepted[]} entries @param {readonly Difference[]} differences
 */
export function judge(entries, differences) {
  const unknown = differences.filter((difference) => !entries.some((entry) => covers(entry, difference)));
  const unused = entries.filter((entry) => !differences.some((difference) => covers(entry, difference)));
  return { unknown, unused };
}
