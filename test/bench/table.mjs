// @ts-check
/** Rows as text for people. */
import { markdownTable } from '../surface/source.mjs';
import { goalOf, sideOf, valueOf } from './words.mjs';

/** @typedef {import('./page/row.ts').Row} Row */

/**
 * A table for a terminal, a line for each row.
 * @param {readonly Row[]} rows
 */
export function tableOf(rows) {
  const head = ['measure', 'ours', 'other', 'ratio (95 %)', 'goal', '', 'why'];
  const lines = [head, ...rows.map((row) => [...cellsOf(row), row.why])];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * The same in Markdown, as prettier formats it, without the reasons: those are in the picture.
 * @param {readonly Row[]} rows
 */
export function markdownOf(rows) {
  const head = ['measure', 'ours', 'other', 'ratio (95 %)', 'goal', ''];
  // A bar in a cell would end it, and what looks like an element would be one.
  const body = rows.map((row) =>
    cellsOf(row).map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '\\<')),
  );
  return markdownTable([head, ...body]);
}

/** @param {Row} row */
const cellsOf = (row) => [
  row.name,
  sideOf(row.ours, row.unit),
  sideOf(row.other, row.unit),
  valueOf(row),
  goalOf(row),
  row.verdict ?? '',
];
