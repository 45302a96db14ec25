/** Tests of orientations of tracks, of frames and of copies, in every storage. */
import { describe, expect, test } from 'vitest';
import type { CopyRequest } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { canvasPool, checkedPool } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { pixelAt } from '../support/frames.ts';
import { gpuDevice, texelsOf, texturePool, texturesOn } from '../support/gpu.ts';
import { poolOf } from '../support/memory.ts';
import { clipBlob } from '../support/packets.ts';
import { begun, writeNumbers } from '../support/probe-files.ts';
import { kindOf } from '../support/probe-kinds.ts';
import { paint, quadrantFrame, quartersOf, turnedQuarters } from '../support/quadrants.ts';
import { farthestChannel, NEAR, shownByVideo } from '../support/shown-by-video.ts';
import { OFF_MATRICES, ORIENTATIONS, withTrackMatrix } from '../support/track-matrix.ts';
import { pixelsOf, uprightCopies } from '../support/upright-copies.ts';

/** A time within the fourth frame of clips of 30 frames per second, in µs. */
const TIME = 110_000;

type Quarters = (number | null)[];

const device = await gpuDevice();

/** A frame with this orientation, owned by the caller. */
type Make = (orientation: object) => Promise<VideoFrame>;

const planes: Make = async (orientation) => quadrantFrame('I420', 64, 48, orientation);

const snapshot: Make = async (orientation) => {
  using painted = await canvasPool().acquire();
  paint(painted.context, undefined, 0.5);
  return painted.toVideoFrame(orientation);
};

/** The quarters of a copy on a canvas. */
async function onCanvas(frame: VideoFrame, options: CopyRequest): Promise<Quarters> {
  using copy = await copyAndClose(canvasPool(), frame, options);
  return quartersOf(64, 48, (x, y) => pixelAt(copy.context, x, y));
}

/** The quarters of a copy in memory, drawn as its frame shows them. */
async function inMemory(frame: VideoFrame, options: CopyRequest): Promise<Quarters> {
  using copy = await copyAndClose(poolOf('RGBA'), frame, options);
  return onCanvas(copy.toVideoFrame(), { fit: 'fill' });
}

/** The quarters of a copy in a texture. */
async function inTexture(frame: VideoFrame, options: CopyRequest): Promise<Quarters> {
  using copy = await copyAndClose(texturePool(device), frame, options);
  return quartersOf(64, 48, await texelsOf(device, copy.texture));
}

describe.each([
  ['planes', planes],
  ['a translucent canvas', snapshot],
])('a frame of %s that is copied', (_what, frameOf) => {
  test.each([
    ['onto a canvas', onCanvas],
    ['into memory', inMemory],
    ['into a texture', inTexture],
  ])(
    '%s is rotated and mirrored by its own orientation, then by the requested one [edge 15]',
    async (_where, seen) => {
      for (const own of ORIENTATIONS) {
        for (const asked of ORIENTATIONS) {
          const frame = await frameOf({ rotation: own.rotation, flip: own.flip });
          const { rotation, flip } = asked;
          const quarters = await seen(frame, { rotation, flip, fit: 'fill' });
          const expected = turnedQuarters(turnedQuarters([0, 1, 2, 3], own), asked);
          expect(quarters, JSON.stringify({ own, asked })).toEqual(expected);
        }
      }
    },
  );
});

describe('a track of any matrix is shown as <video> shows it [edge 15]', () => {
  /** The picture of a file in every storage is that of `<video>`. */
  async function expectAsVideo(file: Blob): Promise<VideoReader> {
    await using reader = await openVideo(file);
    using frame = await reader.frameAt(TIME, { pool: checkedPool() });
    const shown = await shownByVideo(file, TIME);
    for await (const [storage, copy] of uprightCopies(frame, reader))
      expect(farthestChannel(copy, shown), storage).toBeLessThanOrEqual(NEAR);
    const { rotation, flip, displayWidth: width, displayHeight: height } = reader;
    const pool = texturePool(device, { storage: texturesOn(device, { width, height }) });
    using copy = await frame.copyTo(pool, { rotation, flip, sizeChange: 'reject' });
    const texel = await texelsOf(device, copy.texture);
    expect(farthestChannel(pixelsOf(width, height, texel), shown), 'texture').toBeLessThanOrEqual(NEAR);
    return reader;
  }

  test.each(ORIENTATIONS)('rotated by $rotation°, flip $flip', async ({ rotation, flip, matrix }) => {
    const file = await withTrackMatrix(await clipBlob('h264_baseline.mp4'), matrix);
    expect(await expectAsVideo(file)).toMatchObject({ rotation, flip });
  });

  test('mirrored, and translated back into its place', async () => {
    const file = await withTrackMatrix(await clipBlob('h264_baseline.mp4'), [-1, 0, 0, 1], [320, 0]);
    expect(await expectAsVideo(file)).toMatchObject({ rotation: 0, flip: true });
  });

  test.each(OFF_MATRICES)('by a matrix that $what', async ({ matrix }) => {
    const file = await withTrackMatrix(await clipBlob('h264_baseline.mp4'), matrix);
    expect(await expectAsVideo(file)).toMatchObject({ rotation: 0, flip: false });
  });

  test.each(['MOV', 'WebM', 'MKV'])('in %s, as the writer stores it', async (name) => {
    for (const { rotation, flip } of ORIENTATIONS) {
      const codec = name === 'MOV' ? 'avc' : 'vp9';
      const { writer, file } = await begun(kindOf(name), { codec, rotation, flip });
      await writeNumbers(writer, { times: [0, 100_000, 200_000], end: 300_000 }, { rotation, flip });
      const written = await file();
      expect(await expectAsVideo(written)).toMatchObject({ rotation, flip });
    }
  });
});
