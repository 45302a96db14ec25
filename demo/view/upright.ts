/** Draws frames upright, with the rotation and flip of their video. */

/** Clockwise rotation in degrees, followed by a horizontal flip. A `VideoReader` is one. */
export interface Orientation {
  readonly rotation: 0 | 90 | 180 | 270;
  readonly flip: boolean;
}

/** No rotation and no flip. */
export const UPRIGHT: Orientation = { rotation: 0, flip: false };

/** Returns the size of a frame once it is upright, in the unit of the arguments. */
export function uprightSize(width: number, height: number, { rotation }: Orientation): [number, number] {
  return rotation % 180 === 0 ? [width, height] : [height, width];
}

/** Draws a frame upright and centred on the canvas, at this size in pixels. The frame is only read. */
export function drawUpright(
  context: CanvasRenderingContext2D,
  frame: VideoFrame,
  orientation: Orientation,
  width: number,
  height: number,
): void {
  const [across, down] = uprightSize(width, height, orientation);
  context.save();
  context.translate(context.canvas.width / 2, context.canvas.height / 2);
  if (orientation.flip) context.scale(-1, 1);
  context.rotate((orientation.rotation * Math.PI) / 180);
  context.drawImage(frame, -across / 2, -down / 2, across, down);
  context.restore();
}
