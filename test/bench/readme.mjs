// @ts-check
/** README's figures, between two comments: where they were taken, the picture, the table. */
import { withPart } from '../surface/source.mjs';
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
export const withFigures = (readme, rows, where) =>
  withPart(
    readme,
    BEGIN,
    END,
    `${where}.\n\n![Each figure beside its goal](${FIGURE})\n\n${markdownOf(rows)}`,
  );
