// @ts-check
/** Rows as text for people, and as numbers for machines. */

/** @typedef {import('./page/row.ts').Row} Row */

/**
 * A row as `--json` writes it.
 * @param {Row} row
 */
export function resultOf({ name, ours, other, ratio, goal, holds }) {
  return { name, ours, other, ratio, goal, holds };
}

/**
 * @param {readonly Row[]} rows
 * @returns {string}
 */
export function tableOf(rows) {
  const head = ['measure', 'unit', 'ours', 'other', 'ratio', '95 %', 'goal', 'holds'];
  const body = rows.map((row) => [
    row.name,
    row.unit,
    shown(row.ours),
    shown(row.other),
    shown(row.ratio),
    row.interval === null ? '' : row.interval.map(shown).join(' to '),
    row.goal === null ? '' : `${row.sense === 'at least' ? '≥' : '≤'} ${row.goal}`,
    row.holds === null ? '' : row.holds ? 'yes' : 'NO',
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map((line) => (line[column] ?? '').length)),
  );
  return [head, ...body]
    .map((line) =>
      line
        .map((cell, column) =>
          column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}

/** @param {number} figure */
function shown(figure) {
  const size = Math.abs(figure);
  if (size >= 100) return figure.toFixed(0);
  if (size >= 10) return figure.toFixed(1);
  return figure.toFixed(3);
}
