import { describe, expect, test } from 'vitest';
import { trackOrientation } from '../../src/media/decoder-config.ts';
import type { LinearMatrix } from '../support/track-matrix.ts';
import { OFF_MATRICES, ORIENTATIONS } from '../support/track-matrix.ts';

const orientationBy = ([a, b, c, d]: LinearMatrix, x = 0, y = 0) =>
  trackOrientation([a, b, 0, c, d, 0, x, y, 1]);

describe.each(ORIENTATIONS)('the matrix of $rotation°, flip $flip', ({ rotation, flip, matrix }) => {
  test('is read', () => {
    expect(orientationBy(matrix)).toEqual({ rotation, flip });
  });

  test('may translate the picture', () => {
    expect(orientationBy(matrix, 320, -180)).toEqual({ rotation, flip });
  });

  test('may have zeros of either sign', () => {
    const [a, b, c, d] = matrix.map((value) => (value === 0 ? -value : value));
    expect(orientationBy([a ?? NaN, b ?? NaN, c ?? NaN, d ?? NaN])).toEqual({ rotation, flip });
  });
});

test.each([...OFF_MATRICES, { what: 'is no number', matrix: [NaN, NaN, NaN, NaN] as const }])(
  'a matrix that $what leaves the picture as it is stored',
  ({ matrix }) => {
    expect(orientationBy(matrix)).toEqual({ rotation: 0, flip: false });
  },
);
