// @ts-check
/**
 * The rows with a goal as a picture (SVG): a line for the goals of all, with the rows that meet theirs to the
 * right of it.
 */
import { goalOf, valueOf } from './table.mjs';

/** @typedef {import('./page/row.ts').Row} Row */

/** Pixels of a picture as wide as the column of a README. */
const WIDTH = 800;
const MARGIN = 12;
const PLOT = { left: 440, right: 600 };
const NUMBERS = 614;
const HEAD = 52;
const LINE = 15;
const GAP = 12;

/** Characters that fit before the plot, in the sizes of names and of reasons. */
const NAME_LENGTH = 60;
const WHY_LENGTH = 70;

/** Characters of a goal that leave room for the verdict beside it. */
const SHORT_GOAL = 12;

/** The ends of the plot: this many times better than the goal, and this many times worse. */
const RANGE = 1.5;

const MIDDLE = (PLOT.left + PLOT.right) / 2;

const STYLE = `
  svg { --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --met: #1a7f37; --noise: #9a6700; --missed: #cf222e }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #f0f6fc; --soft: #9198a1; --line: #3d444d; --met: #3fb950; --noise: #d29922; --missed: #f85149 }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--ink) }
  text.why, tspan { font-size: 11.5px }
  .why, .goal { fill: var(--soft) }
  .grid { stroke: var(--line) }
  .target { stroke: var(--soft) }
  .met { --colour: var(--met) }
  .noise { --colour: var(--noise) }
  .missed { --colour: var(--missed) }
  .bar { stroke: var(--colour); stroke-width: 3; stroke-linecap: round }
  .mark, .verdict { fill: var(--colour) }
  .verdict { font-weight: 600 }
`;

const CLASSES = { met: 'met', 'within noise': 'noise', 'not met': 'missed' };

/**
 * @param {readonly Row[]} rows
 * @param {string} where The browser and the machine, in a line.
 */
export function figureOf(rows, where) {
  let top = HEAD;
  const parts = rows.flatMap((row) => {
    if (row.goal === null || row.verdict === null) return [];
    const part = partOf(row, row.goal, row.verdict, top);
    top += part.height;
    return [part.text];
  });
  const height = top + LINE + MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<title id="title">Figures beside their goals: the table beside this picture has the same in words</title>
<style>${STYLE}</style>
<text class="why" x="${PLOT.left}" y="18">worse</text>
<text x="${MIDDLE}" y="18" text-anchor="middle">goal</text>
<text class="why" x="${PLOT.right}" y="18" text-anchor="end">better</text>
<text class="why" x="${MARGIN}" y="18">dot: median of pairs; bar: 95 % of bootstrapped medians</text>
<text class="why" x="${PLOT.left}" y="34">÷ ${RANGE}</text>
<text class="why" x="${PLOT.right}" y="34" text-anchor="end">× ${RANGE}</text>
<path class="target" d="M${MIDDLE} 24V${top}"/>
${parts.join('\n')}
<text class="why" x="${MARGIN}" y="${top + LINE}">${escaped(where)}</text>
</svg>
`;
}

/**
 * @param {Row} row @param {import('./page/goal.ts').Goal} goal @param {import('./page/goal.ts').Verdict} verdict
 * @param {number} top
 */
function partOf(row, goal, verdict, top) {
  const spanOf = (/** @type {string} */ kind, /** @type {string} */ text) =>
    `<tspan class="${kind}">${escaped(text)}</tspan>`;
  const texts = [
    ...wrapped(row.name, NAME_LENGTH).map(escaped),
    ...wrapped(row.why, WHY_LENGTH).map((text) => spanOf('why', text)),
  ];
  const wanted = goalOf(row);
  const judged = [spanOf('goal', wanted), spanOf('verdict', verdict)];
  const numbers = [escaped(valueOf(row)), ...(wanted.length <= SHORT_GOAL ? [judged.join(' ')] : judged)];
  const height = Math.max(texts.length, numbers.length) * LINE + GAP;
  const line = top + LINE + 3;
  const place = (/** @type {number} */ value) => placeOf(value, goal);
  const [from, to] = (row.interval ?? [row.value, row.value]).map(place).sort((a, b) => a - b);
  const column = (/** @type {readonly string[]} */ lines, /** @type {number} */ x) =>
    lines.map((text, index) => `<text x="${x}" y="${top + (index + 1) * LINE}">${text}</text>`);
  const bound = goal.bound === null ? null : place(goal.bound);
  return {
    height,
    text: [
      `<g class="${CLASSES[verdict]}">`,
      `<path class="grid" d="M${MARGIN} ${top - 4}H${WIDTH - MARGIN}"/>`,
      ...(bound === null ? [] : [`<path class="target" d="M${bound} ${line - 7}v14" stroke-dasharray="2"/>`]),
      ...(row.interval === null ? [] : [`<path class="bar" d="M${from} ${line}H${to}"/>`]),
      markAt(place(row.value), line),
      ...column(texts, MARGIN),
      ...column(numbers, NUMBERS),
      '</g>',
    ].join('\n'),
  };
}

/**
 * The distance of a row from its goal, by ratio: better is farther to the right. Larger distances are at the end.
 * @param {number} value @param {import('./page/goal.ts').Goal} goal
 */
function placeOf(value, goal) {
  const reached =
    value === goal.value ? 1 : goal.sense === 'at least' ? value / goal.value : goal.value / value;
  // A value of 0 or below where less is better: no ratio expresses how good it is.
  const better =
    goal.sense === 'at most' && value <= 0 ? (value === goal.value ? 1 : RANGE) : Math.max(reached, 0);
  const steps = Math.min(1, Math.max(-1, Math.log(better) / Math.log(RANGE)));
  return Math.round((MIDDLE + (steps * (PLOT.right - PLOT.left)) / 2) * 10) / 10;
}

/**
 * A dot; at the ends an arrow, for values beyond.
 * @param {number} x @param {number} y
 */
function markAt(x, y) {
  if (x >= PLOT.right) return `<path class="mark" d="M${x + 4} ${y}l-9 -6v12z"/>`;
  if (x <= PLOT.left) return `<path class="mark" d="M${x - 4} ${y}l9 -6v12z"/>`;
  return `<circle class="mark" cx="${x}" cy="${y}" r="5"/>`;
}

/** @param {string} text @param {number} length @returns {string[]} */
const wrapped = (text, length) =>
  text.match(new RegExp(`\\S(?:.{0,${length - 2}}\\S)?(?=\\s|$)`, 'gu')) ?? [];

/** @type {Record<string, string>} */
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** @param {string} text */
const escaped = (text) => text.replaceAll(/[&<>"]/gu, (sign) => ENTITIES[sign] ?? sign);
