/** Reader of marks and patches in RGBA pixels, for pages and for Node. */
import { readMark } from '../support/marks.ts';
import type { MarkedPixels } from '../support/marks.ts';
import type { Look, Rgba } from './reading.ts';

/** Centres of the patches in picture.ts, as shares of width and height. */
const PATCH_CENTRES = [
  [0.25, 0.35],
  [0.75, 0.35],
  [0.25, 0.75],
  [0.75, 0.75],
] as const;

/** Half the side of the square whose mean is taken, in pixels. */
const REACH = 2;

export function lookAt(pixels: MarkedPixels): Look {
  return { mark: markOf(pixels), patches: PATCH_CENTRES.map(([x, y]) => meanAround(pixels, x, y)) };
}

function markOf(pixels: MarkedPixels): number | null {
  try {
    return readMark(pixels);
  } catch {
    // Damaged pictures, and pictures in a wrong orientation, have no mark that can be read.
    return null;
  }
}

function meanAround({ data, width, height }: MarkedPixels, shareX: number, shareY: number): Rgba {
  const [middleX, middleY] = [Math.round(width * shareX), Math.round(height * shareY)];
  const sums: [number, number, number, number] = [0, 0, 0, 0];
  for (let y = middleY - REACH; y <= middleY + REACH; y++) {
    for (let x = middleX - REACH; x <= middleX + REACH; x++) {
      sums.forEach((sum, n) => (sums[n] = sum + (data[(y * width + x) * 4 + n] ?? 0)));
    }
  }
  const count = (2 * REACH + 1) ** 2;
  const [red, green, blue, alpha] = sums.map((sum) => Math.round(sum / count));
  return [red ?? 0, green ?? 0, blue ?? 0, alpha ?? 0];
}
