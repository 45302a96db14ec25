// @ts-check
/** Writes the figures into `guides/figures.md`, between two comments: browser and machine, the picture, the table. */
import { withPart } from '../surface/source.mjs';
import { markdownOf } from './table.mjs';

export const BEGIN = '<!-- figures: written by `npm run bench -- --write` -->';
export const END = '<!-- figures end -->';

/** Paths from the repository. */
export const GUIDE = 'guides/figures.md';
export const FIGURE = 'guides/figures.svg';

/**
 * Replaces the figures of the guide.
 * @param {string} guide Text of the guide.
 * @param {readonly import('./page/row.ts').Row[]} rows
 * @param {string} where Browser and machine, in a line.
 */
export const withFigures = (guide, rows, where) =>
  withPart(
    guide,
    BEGIN,
    END,
    `${where}.\n\n![Each figure beside its goal](figures.svg)\n\n${markdownOf(rows)}`,
  );
