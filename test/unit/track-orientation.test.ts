import { describe, expect, test } from 'vitest';
import { trackOrientation } from '../../src/media/track-orientation.ts';
import type { LinearMatrix } from '../support/track-matrix.ts';
import { ORIENTATIONS } from '../support/track-matrix.ts';

const UPRIGHT = { rotation: 0, flip: false };

const orientationBy = ([a, b, c, d]: LinearMatrix, x = 0, y = 0) =>
  trackOrientation([a, b, 0, c, d, 0, x, y, 1]);

/** A matrix that turns clockwise by so many degrees, and mirrors left to right then. */
function turnBy(degrees: number, flip = false): LinearMatrix {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return flip ? [-cos, sin, sin, cos] : [cos, sin, -sin, cos];
}

describe.each(ORIENTATIONS)('the matrix of $rotation°, flip $flip', ({ rotation, flip, matrix }) => {
  const orientation = { rotation, flip };
  const [a, b, c, d] = matrix;

  test('is read', () => {
    expect(orientationBy(matrix)).toEqual(orientation);
  });

  test('may move the picture', () => {
    expect(orientationBy(matrix, 320, -180)).toEqual(orientation);
  });

  test.each([
    ['enlarge', 2, 2],
    ['shrink', 0.25, 0.25],
    ['stretch', 4 / 3, 1],
  ])('may %s the picture', (_, across, down) => {
    expect(orientationBy([a * across, b * across, c * down, d * down])).toEqual(orientation);
    expect(orientationBy([a * across, b * down, c * across, d * down])).toEqual(orientation);
  });

  test('may be rounded', () => {
    expect(orientationBy(turnBy(rotation, flip))).toEqual(orientation);
    // Numbers have 16 bits behind the point.
    const ulp = 2 ** -16;
    expect(orientationBy([a + ulp, b - ulp, c + ulp, d - ulp])).toEqual(orientation);
  });
});

test.each<[string, LinearMatrix]>([
  ['of nothing but zeros', [0, 0, 0, 0]],
  ['that leaves no width', [0, 0, 0, 1]],
  ['that leaves no height', [-1, 0, 0, 0]],
  ['that folds the picture to a line', [1, 1, 1, 1]],
  ['that turns by 45°', turnBy(45)],
  ['that turns by 135°', turnBy(135)],
  ['that turns by 60° and mirrors', turnBy(60, true)],
  ['that turns by 10°', turnBy(10)],
  ['that shears', [1, 0, 0.5, 1]],
  ['of no numbers', [NaN, NaN, NaN, NaN]],
])('a matrix %s is taken for none', (_, matrix) => {
  expect(orientationBy(matrix)).toEqual(UPRIGHT);
});
