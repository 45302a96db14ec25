/** The picture as `<video>` shows it: turned and mirrored as the track says. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { canvasPool, checkedPool } from '../support/checked-pools.ts';
import { poolOf, RGB_FORMATS, rgbAt } from '../support/memory.ts';
import { blobAt, clipBlob } from '../support/packets.ts';
import { WAYS } from '../support/readers.ts';
import type { Pixels } from '../support/shown-by-video.ts';
import { farthestChannel, shownByVideo } from '../support/shown-by-video.ts';
import { ORIENTATIONS, withTrackMatrix } from '../support/track-matrix.ts';

/** Of 255: what two ways of the same engine to the same pixels may differ by. */
const NEAR = 3;

/** A time within the fourth frame of clips of 30 frames a second, in µs. */
const TIME = 110_000;

/** Copies of a frame that stand upright as its reader says, by their storage. */
async function* uprightCopies(
  frame: FrameHandle,
  { rotation, flip, displayWidth: width, displayHeight: height }: VideoReader,
): AsyncGenerator<[storage: string, copy: Pixels]> {
  const options = { rotation, flip, sizeChange: 'refuse' } as const;
  using canvas = await frame.copyTo(canvasPool(width, height), options);
  yield ['canvas', canvas.context.getImageData(0, 0, width, height)];
  for (const format of RGB_FORMATS) {
    using memory = await frame.copyTo(poolOf(format, width, height, { rowAlignment: 256 }), options);
    const data = new Uint8Array(width * height * 4);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [red = 0, green = 0, blue = 0] = rgbAt(memory, x, y);
        data.set([red, green, blue, 255], (y * width + x) * 4);
      }
    yield [format, { data, width, height }];
  }
}

describe.each(WAYS)('a video that is opened $way', ({ open }) => {
  test.each(ORIENTATIONS)(
    'is shown as <video> shows it, turned by $rotation°, flip $flip [edge 15]',
    async ({ rotation, flip, matrix }) => {
      const file = await withTrackMatrix(await clipBlob('h264_baseline.mp4'), matrix);
      await using reader = await open(file);
      const [displayWidth, displayHeight] = rotation % 180 === 0 ? [320, 180] : [180, 320];
      expect(reader).toMatchObject({ rotation, flip, displayWidth, displayHeight });
      using frame = await reader.frameAt(TIME, { pool: checkedPool() });
      const shown = await shownByVideo(file, TIME);
      for await (const [storage, copy] of uprightCopies(frame, reader))
        expect(farthestChannel(copy, shown), storage).toBeLessThanOrEqual(NEAR);
    },
  );

  test('is mirrored as <video> mirrors it, at every time [edge 15]', async () => {
    const file = await blobAt(new URL('../media/cases/mirror.mp4', import.meta.url).href);
    await using reader = await open(file);
    expect(reader).toMatchObject({ rotation: 0, flip: true });
    const pool = checkedPool();
    for (const time of [0, 1_010_000, 2_980_000]) {
      using frame = await reader.frameAt(time, { pool });
      const shown = await shownByVideo(file, time);
      for await (const [storage, copy] of uprightCopies(frame, reader))
        expect(farthestChannel(copy, shown), `${storage} at ${time} µs`).toBeLessThanOrEqual(NEAR);
    }
  });
});
