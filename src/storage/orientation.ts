/** Turn and mirror image by which a stored picture is shown. */

/** A turn clockwise in degrees, and then, if `flip` says so, a mirror image: left and right change places. */
export interface Orientation {
  readonly rotation: 0 | 90 | 180 | 270;
  readonly flip: boolean;
}

/** As the samples stand in memory. */
export const UPRIGHT: Orientation = { rotation: 0, flip: false };

/** The orientation of an open frame. Engines without these attributes show frames as their samples stand. */
export function orientationOf(frame: VideoFrame): Orientation {
  // TypeScript's DOM types do not know the attributes yet.
  const { rotation, flip } = frame as Partial<Orientation>;
  return { rotation: rotation ?? 0, flip: flip ?? false };
}

/** The orientation that undoes another: a mirrored turn is its own inverse. */
export const inverseOf = ({ rotation, flip }: Orientation): Orientation => ({
  rotation: flip ? rotation : (((360 - rotation) % 360) as Orientation['rotation']),
  flip,
});

/** Whether width and height change places when it is shown. */
export const isSideways = ({ rotation }: Orientation): boolean => rotation % 180 !== 0;
