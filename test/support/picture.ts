/** Readers of the numbers that the test clips carry in their pixels. */
import type { BufferStorage, FrameHandle, MemoryStorage } from '../../src/index.ts';
import { readMark } from './marks.ts';

/** Draws a source upright and reads its mark. `rotation` (clockwise) and then `flip` are the transform that makes it upright. */
export function markOf(
  source: VideoFrame | OffscreenCanvas,
  { rotation = 0, flip = false }: { readonly rotation?: number; readonly flip?: boolean } = {},
): number {
  const stored =
    source instanceof OffscreenCanvas
      ? { width: source.width, height: source.height }
      : { width: source.displayWidth, height: source.displayHeight };
  const sideways = rotation % 180 !== 0;
  const width = sideways ? stored.height : stored.width;
  const height = sideways ? stored.width : stored.height;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('no 2D context');
  context.translate(width / 2, height / 2);
  if (flip) context.scale(-1, 1);
  context.rotate((rotation * Math.PI) / 180);
  context.drawImage(source, -stored.width / 2, -stored.height / 2, stored.width, stored.height);
  return readMark(context.getImageData(0, 0, width, height));
}

/** Reads the mark of a buffer through a frame of it. */
export function markOfSnapshot<S extends BufferStorage>(handle: FrameHandle<S>): number {
  const frame = handle.toVideoFrame();
  const mark = markOf(frame);
  frame.close();
  return mark;
}

/** Reads the mark of RGBA memory without a frame. */
export function markIn(handle: FrameHandle<MemoryStorage>): number {
  const { data, layout, codedWidth: width, codedHeight: height } = handle;
  const [{ offset, stride } = { offset: 0, stride: 0 }] = layout;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    const start = offset + row * stride;
    pixels.set(data.subarray(start, start + width * 4), row * width * 4);
  }
  return readMark({ data: pixels, width, height });
}
