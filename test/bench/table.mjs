// @ts-check
/** Rows and their figures as text for people. */
import { markdownTable } from '../surface/source.mjs';

/** @typedef {import('./page/row.ts').Row} Row */

/**
 * A table for a terminal, a line for each row.
 * @param {readonly Row[]} rows
 */
export function tableOf(rows) {
  const head = ['measure', 'ours', 'other', 'ratio (95 %)', 'goal', '', 'why'];
  const lines = [head, ...rows.map((row) => [...cellsOf(row), row.why])];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const padded = lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  return padded.map((line) => line.join('  ').trimEnd()).join('\n');
}

/**
 * The same in Markdown, as prettier formats it, without the reasons, which are in the picture.
 * @param {readonly Row[]} rows
 */
export function markdownOf(rows) {
  const head = ['measure', 'ours', 'other', 'ratio (95 %)', 'goal', ''];
  // A bar in a cell would end it, and text in the form of an element would be one.
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

/** @param {number} figure */
function shown(figure) {
  const size = Math.abs(figure);
  if (size >= 100) return Math.round(figure).toLocaleString('en');
  return figure.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** @param {number | null} figure @param {string} unit */
const sideOf = (figure, unit) => (figure === null ? '' : `${shown(figure)} ${unit}`);

/**
 * The unit of the value that is compared with the goal.
 * @param {Row} row
 */
const unitOf = ({ held, unit }) => (held === 'ratio' ? '' : ` ${unit}`);

/**
 * The value that is compared with the goal, with its interval.
 * @param {Row} row
 */
export function valueOf(row) {
  const interval = row.interval === null ? '' : ` (${row.interval.map(shown).join(' to ')})`;
  return `${shown(row.value)}${unitOf(row)}${interval}`;
}

/**
 * The goal; empty without one.
 * @param {Row} row
 */
export function goalOf(row) {
  const { goal } = row;
  if (goal === null) return '';
  const sign = goal.sense === 'at least' ? '≥' : '≤';
  const end = goal.sense === 'at least' ? 'lower' : 'upper';
  const bound = goal.bound === null ? '' : `, ${end} bound ${sign} ${goal.bound}`;
  return `${sign} ${goal.value.toLocaleString('en')}${unitOf(row)}${bound}`;
}
