/** Matrices of tracks, and MP4 files that have them. */

/** The part of a matrix that turns, mirrors and scales: the picture's right edge points to (a, b), its bottom edge to (c, d). */
export type LinearMatrix = readonly [a: number, b: number, c: number, d: number];

/** The matrices of all orientations: by how many degrees they turn clockwise, and whether they mirror left to right then. */
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

/** A matrix that turns clockwise by so many degrees, and then mirrors left to right if `flip`. */
function turnBy(degrees: number, flip = false): LinearMatrix {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return flip ? [-cos, sin, sin, cos] : [cos, sin, -sin, cos];
}

/** The least that a number of 16.16 bits can be off. */
const ULP = 2 ** -16;

/** Matrices that are none of those. */
export const OFF_MATRICES: readonly { readonly what: string; readonly matrix: LinearMatrix }[] = [
  { what: 'turns and enlarges', matrix: [-2, 0, 0, -2] },
  { what: 'turns by 90° and shrinks', matrix: [0, 0.5, -0.5, 0] },
  { what: 'mirrors and shrinks', matrix: [-0.5, 0, 0, 0.5] },
  { what: 'turns, rounded down', matrix: [-1 + ULP, 0, 0, -1 + ULP] },
  { what: 'mirrors, rounded', matrix: [-1, ULP, 0, 1] },
  { what: 'turns by 90° and a bit', matrix: [ULP, 1, -1, -ULP] },
  { what: 'turns by 45°', matrix: turnBy(45) },
  { what: 'turns by 91° and mirrors', matrix: turnBy(91, true) },
  { what: 'is all zeros', matrix: [0, 0, 0, 0] },
  { what: 'leaves no width', matrix: [0, 0, 0, 1] },
  { what: 'leaves no height', matrix: [-1, 0, 0, 0] },
  { what: 'folds the picture to a line', matrix: [1, 1, 1, 1] },
];

/** Bytes of a track header box from its type to its matrix, by the version of the box. */
const TO_MATRIX = [44, 56];

/** Whether the letters of a box's type stand here. */
const isType = (view: DataView, at: number, type: string): boolean =>
  [...type].every((letter, index) => view.getUint8(at + index) === letter.charCodeAt(0));

/** The same file with another matrix in its first track, which is moved by (x, y) pixels as well. */
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
    // Numbers of 16.16 bits, and in the last column of 2.30.
    view.setInt32(matrix + index * 4, Math.round(value * 2 ** (index % 3 === 2 ? 30 : 16)));
  return new Blob([view], { type: file.type });
}
