/** Draws frames upright: turned and mirrored as their video says. */

/** How a video's frames are turned clockwise, in degrees, and mirrored left to right afterwards. A `VideoReader` is one. */
export interface Orientation {
  readonly rotation: 0 | 90 | 180 | 270;
  readonly flip: boolean;
}

/** As frames are stored. */
export const UPRIGHT: Orientation = { rotation: 0, flip: false };

/** Size of a picture once it is upright, in the unit of the size that is given. */
export function uprightSize(width: number, height: number, { rotation }: Orientation): [number, number] {
  return rotation % 180 === 0 ? [width, height] : [height, width];
}

/** Draws a frame upright and of this size, in pixels, into the middle of a canvas. The frame is only read. */
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
