/** Matrices of tracks, and MP4 files that contain them. */

/**
 * The linear part of a matrix, which rotates, mirrors and scales: the picture's right edge points to (a, b), its bottom edge to
 * (c, d).
 */
export type LinearMatrix = readonly [a: number, b: number, c: number, d: number];

/** The matrices of all orientations: the clockwise rotation in degrees, and whether a mirroring left to right follows. */
export const ORIENTATIONS: readonly {
  readonly rotation: 0 | 90 | 180 | 270;
  readonly flip: boolean;
  readonly matrix: LinearMatrix;
}[] = [
  { rotation: 0, flip: false, matrix: [1, 0, 0, 1] },
  { rotation: 90, flip: false, matrix: [0, 1, -1, 0] },
  { rotation: 180, flip: false, matrix: [-1, 0, 0, -1] },
  { rotation: 270, flip: false, matrix: [0, -1, 1, 0] },
  { rotation: 0, flip: true, matrix: [-1, 0, 0, 1] },
  { rotation: 90, flip: true, matrix: [0, 1, 1, 0] },
  { rotation: 180, flip: true, matrix: [1, 0, 0, -1] },
  { rotation: 270, flip: true, matrix: [0, -1, -1, 0] },
];

/** Makes a matrix that rotates clockwise by this number of degrees, and then mirrors left to right if `flip`. */
function turnBy(degrees: number, flip = false): LinearMatrix {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return flip ? [-cos, sin, sin, cos] : [cos, sin, -sin, cos];
}

/** The smallest error of a 16.16 fixed-point number. */
const ULP = 2 ** -16;

/** Matrices that are not pure orientations. */
export const OFF_MATRICES: readonly { readonly what: string; readonly matrix: LinearMatrix }[] = [
  { what: 'rotates and enlarges', matrix: [-2, 0, 0, -2] },
  { what: 'rotates by 90° and shrinks', matrix: [0, 0.5, -0.5, 0] },
  { what: 'mirrors and shrinks', matrix: [-0.5, 0, 0, 0.5] },
  { what: 'rotates, rounded down', matrix: [-1 + ULP, 0, 0, -1 + ULP] },
  { what: 'mirrors, rounded', matrix: [-1, ULP, 0, 1] },
  { what: 'rotates by 90° and a bit', matrix: [ULP, 1, -1, -ULP] },
  { what: 'turns by 45°', matrix: turnBy(45) },
  { what: 'rotates by 91° and mirrors', matrix: turnBy(91, true) },
  { what: 'is all zeros', matrix: [0, 0, 0, 0] },
  { what: 'leaves no width', matrix: [0, 0, 0, 1] },
  { what: 'leaves no height', matrix: [-1, 0, 0, 0] },
  { what: 'folds the picture to a line', matrix: [1, 1, 1, 1] },
];

/** Number of bytes of a track header box from its type to its matrix, by the version of the box. */
const TO_MATRIX = [44, 56];

/** Whether the letters of a box's type are at this offset. */
const isType = (view: DataView, at: number, type: string): boolean =>
  [...type].every((letter, index) => view.getUint8(at + index) === letter.charCodeAt(0));

/** Returns the same file with another matrix in its first track, which is also moved by (x, y) pixels. */
export async function withTrackMatrix(
  file: Blob,
  [a, b, c, d]: LinearMatrix,
  [x, y]: readonly [x: number, y: number] = [0, 0],
): Promise<Blob> {
  const view = new DataView(await file.arrayBuffer());
  let type = 0;
  while (!isType(view, type, 'tkhd')) type++;
  const matrix = type + (TO_MATRIX[view.getUint8(type + 4)] ?? NaN);
  for (const [index, value] of [a, b, 0, c, d, 0, x, y, 1].entries())
    // 16.16 fixed-point numbers, and 2.30 in the last column.
    view.setInt32(matrix + index * 4, Math.round(value * 2 ** (index % 3 === 2 ? 30 : 16)));
  return new Blob([view], { type: file.type });
}
