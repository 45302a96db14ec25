/** Tests of a pool's canvas after a copy: each colour in its place, whatever the frame is. */
import { describe, expect, test } from 'vitest';
import type { CopyRequest } from '../../src/index.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import { clip } from '../media/clips.ts';
import { canvasPool } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { decodedCopies, expectNumbers } from '../support/decoded-copies.ts';
import { pixelAt } from '../support/frames.ts';
import { markOfSnapshot } from '../support/picture.ts';
import type { FrameInit } from '../support/quadrants.ts';
import {
  expectHalfTranslucent,
  paint,
  QUADRANT_FORMATS,
  QUADRANTS,
  quadrantFrame,
  quadrantOf,
  quartersOf,
} from '../support/quadrants.ts';

/** The quarters of a frame on a canvas of this size. */
async function quartersOn(
  width: number,
  height: number,
  frame: VideoFrame,
  options: CopyRequest = {},
): Promise<(number | null)[]> {
  using handle = await copyAndClose(canvasPool(width, height), frame, options);
  const { context, canvas } = handle;
  return quartersOf(canvas.width, canvas.height, (x, y) => pixelAt(context, x, y));
}

describe('a canvas shows', () => {
  test.each(QUADRANT_FORMATS)('the colours of %s in their places [edge 15]', async (format) => {
    expect(await quartersOn(64, 48, quadrantFrame(format))).toEqual([0, 1, 2, 3]);
  });

  test.each(QUADRANT_FORMATS)('%s of odd size whole [edge 15]', async (format) => {
    using handle = await copyAndClose(canvasPool(321, 241), quadrantFrame(format, 321, 241));
    const { context } = handle;
    const corners = [0, 240].flatMap((y) => [0, 320].map((x) => quadrantOf(pixelAt(context, x, y))));
    expect(corners).toEqual([0, 1, 2, 3]);
  });

  test.each<[string, FrameInit, (number | null)[]]>([
    ['rotated clockwise by 90', { rotation: 90 }, [2, 0, 3, 1]],
    ['rotated by 180', { rotation: 180 }, [3, 2, 1, 0]],
    ['rotated by 270', { rotation: 270 }, [1, 3, 0, 2]],
    ['mirrored', { flip: true }, [1, 0, 3, 2]],
  ])('a frame that is %s as it should be shown [edge 15]', async (_, init, quarters) => {
    const frame = quadrantFrame('I420', 64, 48, init);
    const { displayWidth, displayHeight } = frame;
    expect(await quartersOn(displayWidth, displayHeight, frame, { sizeChange: 'reject' })).toEqual(quarters);
  });

  test('non-square pixels at their display size, and only the visible part [edge 15]', async () => {
    const wide = quadrantFrame('I420', 64, 48, { displayWidth: 128, displayHeight: 48 });
    expect(await quartersOn(128, 48, wide, { sizeChange: 'reject' })).toEqual([0, 1, 2, 3]);
    const part = quadrantFrame('I420', 64, 48, { visibleRect: { x: 32, y: 0, width: 32, height: 48 } });
    expect(await quartersOn(32, 48, part, { sizeChange: 'reject' })).toEqual([1, 1, 3, 3]);
  });

  test('a part of the picture, rotated, at the size of the buffer', async () => {
    const crop = { x: 32, y: 0, width: 32, height: 48 };
    const quarters = await quartersOn(48, 32, quadrantFrame('NV12'), { crop, rotation: 90 });
    expect(quarters).toEqual([3, 1, 3, 1]);
  });

  test.each(['RGBA', 'BGRA', 'I420A'] as const)(
    'the background of a translucent %s [edge 15]',
    async (format) => {
      const pool = canvasPool();
      const handle = await copyAndClose(pool, quadrantFrame(format, 64, 48, { opacity: 128 }));
      expectHalfTranslucent(pixelAt(handle.context, 8, 8));
      handle.release();
      // Nothing of it shows through the next holder's picture.
      using next = await copyAndClose(pool, quadrantFrame(format, 64, 48, { opacity: 0 }));
      expect(pixelAt(next.context, 8, 8)).toEqual([0, 0, 0, 0]);
    },
  );
});

test('a translucent canvas is copied onto another one, with its crop and its rotation', async () => {
  const pool = canvasPool(64, 48, 2);
  using handle = await pool.acquire();
  paint(handle.context, QUADRANTS, 0.5);
  const copy = await handle.copyTo(pool);
  expectHalfTranslucent(pixelAt(copy.context, 8, 8));
  copy.release();
  using turned = await handle.copyTo(pool, {
    crop: { x: 0, y: 0, width: 32, height: 48 },
    fit: 'fill',
    rotation: 180,
  });
  expect(quartersOf(64, 48, (x, y) => pixelAt(turned.context, x, y))).toEqual([2, 2, 0, 0]);
});

test('a frame that the library made of a translucent canvas is drawn unchanged', async () => {
  const pool = canvasPool(64, 48, 2);
  const handle = await pool.acquire();
  paint(handle.context, QUADRANTS, 0.5);
  using copy = await copyAndClose(pool, handle.toVideoFrame());
  handle.release();
  expectHalfTranslucent(pixelAt(copy.context, 8, 8));
});

test('a rotated, cropped snapshot of non-square pixels is drawn like any other frame', async () => {
  const pool = canvasPool(64, 48, 3);
  const painted = await pool.acquire();
  paint(painted.context);
  const turned = { rotation: 90, displayWidth: 128, displayHeight: 48 } as VideoFrameInit;
  const snapshot = painted.toVideoFrame(turned);
  // The library cannot know that a clone is a snapshot. It is drawn like any frame, and all of it is opaque here.
  const plain = snapshot.clone();
  const { displayWidth, displayHeight } = plain;
  // The right half of the upper half.
  const crop = { x: displayWidth / 2, y: 0, width: displayWidth / 2, height: displayHeight / 2 };
  const options = { crop, fit: 'fill' } as const;
  const copies = [await copyAndClose(pool, snapshot, options), await copyAndClose(pool, plain, options)];
  const [seen, wanted] = copies.map(({ context }) =>
    [8, 32, 56].flatMap((x) => [8, 24, 40].map((y) => quadrantOf(pixelAt(context, x, y)))),
  );
  expect(seen).toEqual(wanted);
  expect(new Set(wanted)).toEqual(new Set([0]));
  for (const handle of [painted, ...copies]) handle.release();
});

describe('canvases copied out of a decoder', () => {
  test.each([
    ['unchanged', VideoDecoder],
    ['without a format', LimitedVideoDecoder.with({ opaque: true })],
  ])('%s are correct after it is closed, each with its time', async (_, decoder) => {
    const { file, width, height } = clip('vp8.webm');
    const pool = canvasPool(width, height, 12);
    const copies = await decodedCopies(file, 12, (handle) => handle.copyTo(pool), decoder);
    await expectNumbers(file, copies, markOfSnapshot);
  });
});
