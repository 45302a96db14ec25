/** Output of the bench: the table for a terminal, the table of the guide, and the picture. */
import { readFileSync } from 'node:fs';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { figureOf } from '../bench/figure.mjs';
import { atLeast, atMost } from '../bench/page/goal.ts';
import type { Measure, Row } from '../bench/page/row.ts';
import { rowOf } from '../bench/page/row.ts';
import { counted, paired } from '../bench/page/statistics.ts';
import { BEGIN, END, GUIDE, withFigures } from '../bench/guide.mjs';
import { markdownOf, tableOf } from '../bench/table.mjs';

const made = (measure: Partial<Measure>): Row =>
  rowOf({
    name: 'ours / other',
    why: 'to see',
    unit: '1/s',
    compared: paired([0.9, 1, 1.1], [1, 1, 1]),
    goal: atLeast(0.98),
    ...measure,
  });

const ROWS = [
  made({ name: 'speed: ours / bare', goal: atLeast(0.98, 0.85) }),
  made({ name: 'speed: ours / <video> | others', goal: null, why: 'for orientation' }),
  made({
    name: 'time: ours − bare',
    unit: 'µs',
    compared: paired([9, 10, 11], [4, 4, 4], 'difference'),
    goal: atMost(5.5),
  }),
  made({ name: 'bytes', unit: 'B', compared: counted(1234, 0, 'number'), goal: atMost(1000) }),
  made({ name: 'changed', unit: 'pictures', compared: counted(0, 177, 'number'), goal: atMost(0) }),
];

const lineOf = (text: string, name: string): string =>
  text.split('\n').find((line) => line.includes(name)) ?? '';

/** Positions of the marks of a picture: dots, and arrows at the ends. */
const marksIn = (figure: string): (number | 'left' | 'right')[] =>
  [...figure.matchAll(/class="mark" (?:cx="([\d.]+)"|d="M[\d.]+ [\d.]+l(-?))/gu)].map(([, x, sign]) =>
    x === undefined ? (sign === '-' ? 'right' : 'left') : Number(x),
  );

/** Position of the line of the goals. */
const goalIn = (figure: string): number => Number(/class="target" d="M([\d.]+) 24V/u.exec(figure)?.[1]);

describe('tableOf()', () => {
  test('has a line for each row: both sides, value, interval, goal, verdict, reason', () => {
    expect(lineOf(tableOf(ROWS), 'ours / bare').split(/ {2,}/u)).toEqual([
      'speed: ours / bare',
      '1.00 1/s',
      '1.00 1/s',
      '1.00 (0.900 to 1.10)',
      '≥ 0.98, lower bound ≥ 0.85',
      'met',
      'to see',
    ]);
    expect(tableOf(ROWS).split('\n')).toHaveLength(ROWS.length + 1);
  });

  test('shows differences and numbers with their unit, and ratios without one', () => {
    expect(lineOf(tableOf(ROWS), 'ours − bare')).toMatch(
      /6\.00 µs \(5\.00 to 7\.00\) +≤ 5\.5 µs +within noise/u,
    );
    expect(lineOf(tableOf(ROWS), 'bytes')).toMatch(/1,234 B +≤ 1,000 B +not met/u);
  });
});

describe('markdownOf()', () => {
  test('is formatted like prettier’s output with any characters in a name', async () => {
    const text = markdownOf(ROWS);
    expect(await format(text, { parser: 'markdown', printWidth: 110 })).toBe(`${text}\n`);
    for (const line of text.split('\n')) expect(line.match(/(?<!\\)\|/gu)).toHaveLength(7);
  });
});

describe('withFigures()', () => {
  test('replaces the text between the two comments, repeatedly', () => {
    const once = withFigures(`a\n\n${BEGIN}\n\nold\n\n${END}\n\nb\n`, ROWS, 'Somewhere');
    expect(once.startsWith(`a\n\n${BEGIN}\n\nSomewhere.\n`)).toBe(true);
    expect(once.endsWith(`${END}\n\nb\n`)).toBe(true);
    expect(once).not.toContain('old');
    expect(withFigures(once, ROWS, 'Somewhere')).toBe(once);
  });

  test('finds its place in the guide', () => {
    const guide = readFileSync(new URL(`../../${GUIDE}`, import.meta.url), 'utf8');
    expect(withFigures(guide, ROWS, 'Somewhere')).toContain('speed: ours / bare');
    expect(() => withFigures('nothing', ROWS, 'Somewhere')).toThrow(END);
  });
});

describe('figureOf()', () => {
  const figure = figureOf(ROWS, 'Somewhere & elsewhere');

  test('has a mark for each row with a goal, by its distance from the goal', () => {
    const goal = goalIn(figure);
    const [speed, time, bytes, changed, ...others] = marksIn(figure);
    expect(speed).toBeGreaterThan(goal);
    expect(speed).toBeLessThan(goal + 10);
    expect(time).toBeLessThan(goal);
    expect(bytes).toBeLessThan(Number(time));
    expect([changed, others]).toEqual([goal, []]);
  });

  test('has an arrow at the end for values beyond it', () => {
    const far = [
      made({ compared: counted(1, 10) }),
      made({ compared: counted(10, 1) }),
      made({ compared: counted(0, 1), goal: atMost(1) }),
      made({ compared: counted(-3, 1, 'number'), goal: atMost(1) }),
      made({ compared: counted(1, 1, 'number'), goal: atMost(0) }),
    ];
    expect(marksIn(figureOf(far, ''))).toEqual(['left', 'right', 'right', 'right', 'left']);
  });

  test('has a bar from end to end of the interval, and none for counted rows', () => {
    const bars = [...figure.matchAll(/class="bar" d="M([\d.]+) [\d.]+H([\d.]+)"/gu)];
    expect(bars).toHaveLength(2);
    for (const [, from, to] of bars) expect(Number(from)).toBeLessThan(Number(to));
  });

  test('follows the reader’s colours, runs nothing and fetches nothing', () => {
    expect(figure).toContain('prefers-color-scheme: dark');
    expect(figure).not.toMatch(/<script|<image|<a |href|url\(|@import|\son\w+=/u);
  });

  test('is well-formed with any characters in a name', () => {
    const open: string[] = [];
    const odd = figureOf([made({ name: 'a < b & "c" > d' })], '<&>');
    for (const [, end, name, self] of odd.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/gu)) {
      if (end === '/') expect(open.pop()).toBe(name);
      else if (self !== '/') open.push(name ?? '');
    }
    expect(open).toEqual([]);
    expect(odd.replaceAll(/<[^<>]*>/gu, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/u);
    expect(odd).toContain('a &lt; b &amp; &quot;c&quot; &gt; d');
  });
});
