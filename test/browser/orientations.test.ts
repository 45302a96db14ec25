/** Frames with an orientation of their own that are copied with another one: the frame's is applied first, then the copy's. */
import { describe, expect, test } from 'vitest';
import type { CaptureRequest } from '../../src/index.ts';
import { canvasPool } from '../support/checked-pools.ts';
import { pixelAt } from '../support/frames.ts';
import { gpuDevice, texelsOf, texturePool } from '../support/gpu.ts';
import { poolOf } from '../support/memory.ts';
import { paint, quadrantFrame, quartersOf, turnedQuarters } from '../support/quadrants.ts';
import { ORIENTATIONS } from '../support/track-matrix.ts';

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
async function onCanvas(frame: VideoFrame, options: CaptureRequest): Promise<Quarters> {
  using copy = await canvasPool().capture(frame, options);
  return quartersOf(64, 48, (x, y) => pixelAt(copy.context, x, y));
}

/** The quarters of a copy in memory, drawn as a frame of it shows them. */
async function inMemory(frame: VideoFrame, options: CaptureRequest): Promise<Quarters> {
  using copy = await poolOf('RGBA').capture(frame, options);
  return onCanvas(copy.toVideoFrame(), { fit: 'fill' });
}

/** The quarters of a copy in a texture. */
async function inTexture(frame: VideoFrame, options: CaptureRequest): Promise<Quarters> {
  using copy = await texturePool(device).capture(frame, options);
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
  ])('%s is turned and mirrored by its own orientation, then as asked [edge 15]', async (_where, seen) => {
    for (const own of ORIENTATIONS) {
      for (const asked of ORIENTATIONS) {
        const frame = await frameOf({ rotation: own.rotation, flip: own.flip });
        const { rotation, flip } = asked;
        const quarters = await seen(frame, { rotation, flip, fit: 'fill' });
        const expected = turnedQuarters(turnedQuarters([0, 1, 2, 3], own), asked);
        expect(quarters, JSON.stringify({ own, asked })).toEqual(expected);
      }
    }
  });
});
