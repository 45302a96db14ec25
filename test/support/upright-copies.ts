/** Upright copies of a frame, by its reader's orientation, in every storage that all engines support. */
import type { FrameHandle } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { canvasPool } from './checked-pools.ts';
import { poolOf, RGB_FORMATS, rgbAt } from './memory.ts';
import type { Pixels } from './shown-by-video.ts';

/** Yields each copy with the name of its storage. Each is released before the next one is made. */
export async function* uprightCopies(
  frame: FrameHandle,
  { rotation, flip, displayWidth: width, displayHeight: height }: VideoReader,
): AsyncGenerator<[storage: string, copy: Pixels]> {
  const options = { rotation, flip, sizeChange: 'reject' } as const;
  using canvas = await frame.copyTo(canvasPool(width, height), options);
  yield ['canvas', canvas.context.getImageData(0, 0, width, height)];
  for (const format of RGB_FORMATS) {
    using memory = await frame.copyTo(poolOf(format, width, height, { rowAlignment: 256 }), options);
    yield [format, pixelsOf(width, height, (x, y) => rgbAt(memory, x, y))];
  }
}

/** The opaque RGBA pixels of a picture, read point by point. */
export function pixelsOf(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => readonly number[] | Uint8Array,
): Pixels {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [red = 0, green = 0, blue = 0] = colourAt(x, y);
      data.set([red, green, blue, 255], (y * width + x) * 4);
    }
  return { data, width, height };
}
