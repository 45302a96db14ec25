/** Frame counter of the demo clip: thin round-ended figures, made of strokes and arcs. */
import { blend } from './paint.ts';
import type { Color, Picture } from './paint.ts';

/** In units of a figure's width. A figure is 1 wide and 1.6 high. */
type Point = readonly [x: number, y: number];

const HEIGHT = 26;
const STROKE = 2.6;
const UNIT = HEIGHT / 1.6;
const ADVANCE = UNIT * 1.42;
const MARGIN = 18;
const FIGURES = 3;

/** Points of an ellipse's arc. `from` and `to` are turns from the right, clockwise on the screen. */
function arc(cx: number, cy: number, rx: number, ry: number, from = 0, to = 1): Point[] {
  return Array.from({ length: 33 }, (_, i) => {
    const angle = (from + ((to - from) * i) / 32) * 2 * Math.PI;
    return [cx + Math.cos(angle) * rx, cy + Math.sin(angle) * ry];
  });
}

/** Points of a stroke of straight lines, from their coordinates. */
const lines = (...numbers: readonly number[]): Point[] =>
  numbers.flatMap((x, i) => (i % 2 === 0 ? [[x, numbers[i + 1] ?? 0] as const] : []));

const SIX = [arc(0.5, 1.1, 0.44, 0.48), [...lines(0.08, 0.98), ...arc(0.86, 0.98, 0.78, 0.96, 0.52, 0.72)]];

/** The strokes of each figure. */
const STROKES: Point[][][] = [
  [[...arc(0.5, 0.48, 0.44, 0.46, 0.5, 1), ...arc(0.5, 1.12, 0.44, 0.46, 0, 0.5), ...lines(0.06, 0.48)]],
  [lines(0.22, 0.34, 0.58, 0.03, 0.58, 1.57)],
  [[...arc(0.5, 0.47, 0.42, 0.44, 0.52, 1.1), ...lines(0.08, 1.56, 0.94, 1.56)]],
  [arc(0.48, 0.43, 0.38, 0.4, 0.56, 1.24), arc(0.48, 1.13, 0.45, 0.45, -0.24, 0.43)],
  [lines(0.72, 1.57, 0.72, 0.03, 0.03, 1.14, 0.98, 1.14)],
  [[...lines(0.86, 0.04, 0.2, 0.04, 0.13, 0.74), ...arc(0.47, 1.08, 0.46, 0.49, 0.6, 1.41)]],
  SIX,
  [lines(0.05, 0.04, 0.95, 0.04, 0.36, 1.57)],
  [arc(0.5, 0.42, 0.36, 0.39), arc(0.5, 1.17, 0.44, 0.4)],
  SIX.map((stroke) => stroke.map(([x, y]) => [1 - x, 1.6 - y])),
];

/** Distance in pixels from a point to a figure's nearest stroke. */
function distanceTo(strokes: Point[][], x: number, y: number) {
  let nearest = Infinity;
  for (const stroke of strokes) {
    for (const [i, [bx, by]] of stroke.entries()) {
      const [ax, ay] = stroke[i - 1] ?? [bx, by];
      const [dx, dy] = [bx - ax, by - ay];
      const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
      const t = Math.min(1, Math.max(0, along));
      nearest = Math.min(nearest, Math.hypot(x - ax - dx * t, y - ay - dy * t));
    }
  }
  return nearest * UNIT;
}

const masks = new Map<number, number[][]>();

/** How much of each pixel a figure covers, with a margin of two pixels around it. */
function maskOf(figure: number) {
  const known = masks.get(figure);
  if (known) return known;
  const strokes = STROKES[figure] ?? [];
  const mask = Array.from({ length: HEIGHT + 4 }, (_, y) =>
    Array.from({ length: Math.ceil(UNIT) + 4 }, (_, x) =>
      Math.max(0, STROKE / 2 + 0.5 - distanceTo(strokes, (x - 1.5) / UNIT, (y - 1.5) / UNIT)),
    ),
  );
  masks.set(figure, mask);
  return mask;
}

/** Paints a frame's number in three figures at the bottom right. */
export function paintCounter(picture: Picture, number: number, color: Color) {
  const figures = [...String(number).padStart(FIGURES, '0')].map(Number);
  const top = picture.height - MARGIN - HEIGHT;
  for (const [place, figure] of figures.entries()) {
    const left = Math.round(picture.width - MARGIN - UNIT - (FIGURES - 1 - place) * ADVANCE);
    for (const [y, row] of maskOf(figure).entries()) {
      for (const [x, cover] of row.entries()) {
        blend(picture, left + x - 2, top + y - 2, color, Math.min(1, cover) * 0.92);
      }
    }
  }
}
