// @ts-check
/** Figures as people read them. */

/** @typedef {import('./page/row.ts').Row} Row */

/** @param {number} figure */
export function shown(figure) {
  const size = Math.abs(figure);
  if (size >= 100) return Math.round(figure).toLocaleString('en');
  return figure.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/**
 * One of the sides, with its unit.
 * @param {number | null} figure @param {string} unit
 */
export const sideOf = (figure, unit) => (figure === null ? '' : `${shown(figure)} ${unit}`);

/**
 * The unit of what is held against the goal.
 * @param {Row} row
 */
export const unitOf = ({ held, unit }) => (held === 'ratio' ? '' : ` ${unit}`);

/**
 * What is held against the goal, with its interval.
 * @param {Row} row
 */
export function valueOf(row) {
  const interval = row.interval === null ? '' : ` (${row.interval.map(shown).join(' to ')})`;
  return `${shown(row.value)}${unitOf(row)}${interval}`;
}

/**
 * The goal; nothing where there is none.
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
