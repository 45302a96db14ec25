/** Small frames for tests. */

type ColourFrameInit = Partial<VideoFrameBufferInit> & { width?: number; height?: number };

/** Makes an RGBA frame of one colour, owned by the caller. */
export function colourFrame(
  [red, green, blue]: readonly [number, number, number],
  { width = 64, height = 48, ...init }: ColourFrameInit = {},
): VideoFrame {
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < data.length; at += 4) data.set([red, green, blue, 255], at);
  const size = { codedWidth: width, codedHeight: height };
  return new VideoFrame(data, { format: 'RGBA', ...size, timestamp: 0, ...init });
}

/** The RGBA value at a point of a canvas. */
export function pixelAt(context: OffscreenCanvasRenderingContext2D, x: number, y: number): number[] {
  return [...context.getImageData(x, y, 1, 1).data];
}
