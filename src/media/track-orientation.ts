/** Orientation of a track's picture, from the transformation matrix of its container. */
import type { TransformationMatrix } from 'mediabunny';
import type { Orientation } from '../storage/orientation.ts';
import { UPRIGHT } from '../storage/orientation.ts';

/** Share of the longer side by which an axis may be off and still counts as a quarter turn: about half a degree. */
const SLACK = 0.01;

/**
 * The turn and the mirror image by which a track's frames stand upright.
 *
 * Scale and translation do not change it. A matrix that is no quarter turn, or that squeezes the picture to nothing, is
 * taken for none: the picture is shown as it is stored, as `<video>` shows it.
 *
 * @param matrix - Row by row, for points that are row vectors, with y growing downwards: the picture's right edge points to
 *   (a, b), its bottom edge to (c, d).
 */
export function trackOrientation([a, b, , c, d]: TransformationMatrix): Orientation {
  const flip = a * d - b * c < 0;
  if (dominate(a, d, b, c)) {
    // The flip comes after the rotation, and exchanges left and right.
    const isUpright = flip ? a < 0 : a > 0;
    return { rotation: isUpright ? 0 : 180, flip };
  }
  if (dominate(b, c, a, d)) return { rotation: b > 0 ? 90 : 270, flip };
  return UPRIGHT;
}

/** Whether two parts of a matrix are all that there is of it, but for rounding. */
const dominate = (one: number, other: number, ...rest: number[]): boolean =>
  Math.max(...rest.map(Math.abs)) <= Math.min(Math.abs(one), Math.abs(other)) * SLACK && one * other !== 0;
