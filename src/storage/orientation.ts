/** Orientation of a picture: rotation and mirroring between how it is stored and how it is shown. */

/** A clockwise rotation in degrees, and then, if `flip` is true, mirroring left to right. */
export interface Orientation {
  readonly rotation: 0 | 90 | 180 | 270;
  readonly flip: boolean;
}

/** The orientation of samples that are shown as stored. */
export const UPRIGHT: Orientation = { rotation: 0, flip: false };

/** The orientation of an open frame. Engines without these attributes show frames as stored. */
export function orientationOf(frame: VideoFrame): Orientation {
  // TypeScript's DOM types lack the attributes.
  const { rotation, flip } = frame as Partial<Orientation>;
  return { rotation: rotation ?? 0, flip: flip ?? false };
}

/** The inverse of an orientation: a mirrored rotation is its own inverse. */
export const inverseOf = ({ rotation, flip }: Orientation): Orientation => ({
  rotation: flip ? rotation : (((360 - rotation) % 360) as Orientation['rotation']),
  flip,
});

/** Whether width and height are swapped when the picture is shown. */
export const isSideways = ({ rotation }: Orientation): boolean => rotation % 180 !== 0;
