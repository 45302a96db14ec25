/** Pictures of the variants: the strip with a frame's number, four flat patches, and a block that moves. */
import { markHeight } from '../media/marks.mjs';
import type { Color, Picture } from '../media/paint.ts';
import { newPicture, paintMark } from '../media/paint.ts';

/** Colours of the patches: left and right in the upper row, then in the lower one. None has a channel near its limits. */
export const PATCHES: readonly Color[] = [
  [205, 75, 33],
  [50, 160, 70],
  [60, 80, 200],
  [120, 120, 120],
];

/** Matrix of a track: a stored pixel (x, y) is shown at (ax + cy, bx + dy), moved to the upper left corner. Values are 0, 1 or -1. */
export type Matrix = readonly [a: number, b: number, c: number, d: number];

function fill(picture: Picture, [left, top, right, bottom]: readonly number[], color: Color): void {
  const row = Buffer.alloc(((right ?? 0) - (left ?? 0)) * 3, Buffer.from(color));
  for (let y = top ?? 0; y < (bottom ?? 0); y++)
    row.copy(picture.data, (y * picture.width + (left ?? 0)) * 3);
}

/** One upright frame. */
export function variantPicture(width: number, height: number, number: number): Picture {
  const picture = newPicture(width, height);
  const [middleX, middleY] = [Math.round(width / 2), Math.round(height * 0.55)];
  for (const [index, color] of PATCHES.entries()) {
    const [left, right] = index % 2 === 0 ? [0, middleX] : [middleX, width];
    fill(picture, [left, index < 2 ? 0 : middleY, right, index < 2 ? middleY : height], color);
  }
  const size = Math.round(height / 10);
  const travel = (number * 7) % Math.max(1, width - size);
  fill(picture, [travel, middleY - size, travel + size, middleY], [235, 220, 140]);
  paintMark(picture, number);
  return picture;
}

/** The same picture in RGBA with one transparent patch. The block and the strip stay opaque. */
export function withAlpha({ data, width, height }: Picture): Picture {
  const rgba = Buffer.alloc(width * height * 4, 255);
  const top = Math.max(markHeight(height), Math.round(height * 0.55));
  for (let at = 0; at < width * height; at++) {
    data.copy(rgba, at * 4, at * 3, at * 3 + 3);
    if (at % width >= width / 2 && at / width >= top) rgba[at * 4 + 3] = 0;
  }
  return { data: rgba, width, height };
}

/** The stored picture that is upright once a player has applied a matrix to it. */
export function storedFor(picture: Picture, [a, b, c, d]: Matrix): Picture {
  const isTurned = a === 0;
  const stored = newPicture(
    isTurned ? picture.height : picture.width,
    isTurned ? picture.width : picture.height,
  );
  const left = a + c < 0 ? picture.width - 1 : 0;
  const top = b + d < 0 ? picture.height - 1 : 0;
  for (let y = 0; y < stored.height; y++) {
    for (let x = 0; x < stored.width; x++) {
      const from = ((top + b * x + d * y) * picture.width + left + a * x + c * y) * 3;
      picture.data.copy(stored.data, (y * stored.width + x) * 3, from, from + 3);
    }
  }
  return stored;
}
