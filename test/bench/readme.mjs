// @ts-check
/** README's figures, between two comments: where they were taken, the picture, the table. */
import { markdownOf } from './table.mjs';

export const BEGIN = '<!-- figures: written by `npm run bench -- --readme` -->';
export const END = '<!-- figures end -->';

/** Where the picture lies, from README. */
export const FIGURE = 'guides/figures.svg';

/**
 * README with these figures.
 * @param {string} readme
 * @param {readonly import('./page/row.ts').Row[]} rows
 * @param {string} where
 */
export function withFigures(readme, rows, where) {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README has no ${BEGIN} … ${END}`);
  const text = `${where}.\n\n![Each figure beside its goal](${FIGURE})\n\n${markdownOf(rows)}`;
  return `${before}${BEGIN}\n\n${text}\n\n${END}${after}`;
}
