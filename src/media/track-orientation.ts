/** Orientation of a track's picture, from the transformation matrix of its container. */
import type { TransformationMatrix } from 'mediabunny';
import type { Orientation } from '../storage/orientation.ts';
import { UPRIGHT } from '../storage/orientation.ts';

/**
 * The rotation and flip that make a track's frames upright, as `<video>` shows them in Chromium 156.
 *
 * Only the eight exact matrices of quarter turns and mirror images count. Translation does not change them. With any other matrix
 * (scaled, sheared, turned by another angle, off by a rounding, all zeros) `<video>` shows the picture as it is stored.
 *
 * @param matrix - Row by row, for points that are row vectors, with y growing downwards: the picture's right edge points to (a,
 * b), its bottom edge to (c, d).
 */
export function trackOrientation([a, b, , c, d]: TransformationMatrix): Orientation {
  // The flip comes after the rotation, and exchanges left and right.
  const flip = a * d - b * c < 0;
  if (areUnits(a, d) && areZeros(b, c)) return { rotation: (flip ? -a : a) > 0 ? 0 : 180, flip };
  if (areUnits(b, c) && areZeros(a, d)) return { rotation: b > 0 ? 90 : 270, flip };
  return UPRIGHT;
}

const areUnits = (...values: number[]): boolean => values.every((value) => Math.abs(value) === 1);
const areZeros = (...values: number[]): boolean => values.every((value) => value === 0);
