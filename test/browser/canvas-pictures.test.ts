/** What is on a pool's canvas after a copy: right colours in right places, whatever the frame is. */
import { describe, expect, test } from 'vitest';
import type { CanvasStorage, CaptureRequest } from '../../src/index.ts';
import { canvasStorage, decodeFrames, VideoFramePool } from '../../src/index.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import { CLIPS, numbersOf } from '../media/clips.ts';
import { pixelAt } from '../support/frames.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { markOf } from '../support/picture.ts';
import type { QuadrantInit } from '../support/quadrants.ts';
import { QUADRANT_FORMATS, QUADRANTS, quadrantFrame, quadrantOf, quartersOf } from '../support/quadrants.ts';

const poolOf = (width: number, height: number, capacity = 1): VideoFramePool<CanvasStorage> =>
  new VideoFramePool({ capacity, storage: canvasStorage({ width, height }) });

/** The quarters of a frame on a canvas of this size. */
async function quartersOn(
  width: number,
  height: number,
  frame: VideoFrame,
  options: CaptureRequest = {},
): Promise<(number | null)[]> {
  const pool = poolOf(width, height);
  const handle = await pool.capture(frame, options);
  const { context, canvas } = handle;
  const quarters = quartersOf(canvas.width, canvas.height, (x, y) => pixelAt(context, x, y));
  handle.release();
  pool.assertNoLeaks();
  pool.close();
  return quarters;
}

describe('a canvas shows', () => {
  test.each(QUADRANT_FORMATS)('the colours of %s in their places [edge 15]', async (format) => {
    expect(await quartersOn(64, 48, quadrantFrame(format, 64, 48))).toEqual([0, 1, 2, 3]);
  });

  test.each(QUADRANT_FORMATS)('%s of odd size whole [edge 15]', async (format) => {
    const pool = poolOf(321, 241);
    const handle = await pool.capture(quadrantFrame(format, 321, 241));
    const corners = [
      [0, 0],
      [320, 0],
      [0, 240],
      [320, 240],
    ].map(([x = 0, y = 0]) => quadrantOf(pixelAt(handle.context, x, y)));
    expect(corners).toEqual([0, 1, 2, 3]);
    handle.release();
    pool.close();
  });

  test.each<[string, QuadrantInit, (number | null)[]]>([
    ['turned clockwise by 90', { rotation: 90 }, [2, 0, 3, 1]],
    ['turned by 180', { rotation: 180 }, [3, 2, 1, 0]],
    ['turned by 270', { rotation: 270 }, [1, 3, 0, 2]],
    ['mirrored', { flip: true }, [1, 0, 3, 2]],
  ])('a frame that is %s as it is meant to be seen [edge 15]', async (_, init, quarters) => {
    const frame = quadrantFrame('I420', 64, 48, init);
    const { displayWidth, displayHeight } = frame;
    expect(await quartersOn(displayWidth, displayHeight, frame, { sizeChange: 'refuse' })).toEqual(quarters);
  });

  test('non-square pixels at their display size, and only the visible part [edge 15]', async () => {
    const wide = quadrantFrame('I420', 64, 48, { displayWidth: 128, displayHeight: 48 });
    expect(await quartersOn(128, 48, wide, { sizeChange: 'refuse' })).toEqual([0, 1, 2, 3]);
    const part = quadrantFrame('I420', 64, 48, { visibleRect: { x: 32, y: 0, width: 32, height: 48 } });
    expect(await quartersOn(32, 48, part, { sizeChange: 'refuse' })).toEqual([1, 1, 3, 3]);
  });

  test('a part of the picture, turned, at the size of the buffer', async () => {
    const crop = { x: 32, y: 0, width: 32, height: 48 };
    expect(await quartersOn(48, 32, quadrantFrame('NV12', 64, 48), { crop, rotation: 90 })).toEqual([
      3, 1, 3, 1,
    ]);
  });

  test.each(['RGBA', 'BGRA', 'I420A'] as const)(
    'what lies behind a translucent %s [edge 15]',
    async (format) => {
      const pool = poolOf(64, 48);
      const handle = await pool.capture(quadrantFrame(format, 64, 48, { opacity: 128 }));
      const [red = 0, green = 0, blue = 0, alpha = 0] = pixelAt(handle.context, 8, 8);
      expect(Math.abs(alpha - 128)).toBeLessThanOrEqual(2);
      expect(quadrantOf([red, green, blue])).toBe(0);
      handle.release();
      // The next holder sees nothing of it through his own.
      const next = await pool.capture(quadrantFrame(format, 64, 48, { opacity: 0 }));
      expect(pixelAt(next.context, 8, 8)).toEqual([0, 0, 0, 0]);
      next.release();
      pool.close();
    },
  );
});

test('a translucent canvas is copied onto another one as it is, crop and turn included', async () => {
  const pool = poolOf(64, 48, 2);
  const handle = await pool.acquire();
  const { context } = handle;
  for (const [index, [red, green, blue]] of QUADRANTS.entries()) {
    context.fillStyle = `rgba(${red}, ${green}, ${blue}, 0.5)`;
    context.fillRect((index % 2) * 32, index < 2 ? 0 : 24, 32, 24);
  }
  const copy = await handle.copyTo(pool);
  const [red = 0, green = 0, blue = 0, alpha = 0] = pixelAt(copy.context, 8, 8);
  expect(Math.abs(alpha - 128)).toBeLessThanOrEqual(2);
  expect(quadrantOf([red, green, blue])).toBe(0);
  copy.release();
  const turned = await handle.copyTo(pool, {
    crop: { x: 0, y: 0, width: 32, height: 48 },
    fit: 'fill',
    rotation: 180,
  });
  expect(quartersOf(64, 48, (x, y) => pixelAt(turned.context, x, y))).toEqual([2, 2, 0, 0]);
  turned.release();
  handle.release();
  pool.assertNoLeaks();
  pool.close();
});

test('a frame that the library made of a translucent canvas is drawn as it is', async () => {
  const pool = poolOf(64, 48, 2);
  const handle = await pool.acquire();
  handle.context.fillStyle = `rgba(${QUADRANTS[0].join()}, 0.5)`;
  handle.context.fillRect(0, 0, 64, 48);
  const copy = await pool.capture(handle.toVideoFrame());
  handle.release();
  const [red = 0, green = 0, blue = 0, alpha = 0] = pixelAt(copy.context, 8, 8);
  expect(Math.abs(alpha - 128)).toBeLessThanOrEqual(2);
  expect(quadrantOf([red, green, blue])).toBe(0);
  copy.release();
  pool.close();
});

test('a snapshot that is turned, of other than square pixels, and cropped is drawn as any frame is', async () => {
  const pool = poolOf(64, 48, 3);
  const painted = await pool.acquire();
  for (const [index, [red, green, blue]] of QUADRANTS.entries()) {
    painted.context.fillStyle = `rgb(${red} ${green} ${blue})`;
    painted.context.fillRect((index % 2) * 32, index < 2 ? 0 : 24, 32, 24);
  }
  const turned = { rotation: 90, displayWidth: 128, displayHeight: 48 } as VideoFrameInit;
  const snapshot = painted.toVideoFrame(turned);
  // A clone is not known for a snapshot: it is drawn as any frame is, and all here is opaque.
  const plain = snapshot.clone();
  const { displayWidth, displayHeight } = plain;
  // The right half of the upper half.
  const crop = { x: displayWidth / 2, y: 0, width: displayWidth / 2, height: displayHeight / 2 };
  const copies = [
    await pool.capture(snapshot, { crop, fit: 'fill' }),
    await pool.capture(plain, { crop, fit: 'fill' }),
  ];
  const [seen, wanted] = copies.map(({ context }) =>
    [8, 32, 56].flatMap((x) => [8, 24, 40].map((y) => quadrantOf(pixelAt(context, x, y)))),
  );
  expect(seen).toEqual(wanted);
  expect(new Set(wanted)).toEqual(new Set([0]));
  for (const handle of [painted, ...copies]) handle.release();
  pool.close();
});

describe('canvases copied out of a decoder', () => {
  test.each([
    ['as it is', VideoDecoder],
    ['that hides its format', LimitedVideoDecoder.with({ opaque: true })],
  ])('%s are right after it is closed, each with its time', async (_, decoder) => {
    const clip = CLIPS.find(({ file }) => file === 'vp8.webm');
    if (clip === undefined) throw new Error('no clip');
    const { config, chunks } = await trackOf(clip.file, 12);
    const { codedWidth: width = 0, codedHeight: height = 0 } = config;
    const frames = new VideoFramePool({ capacity: 2 });
    const pool = poolOf(width, height, chunks.length);
    const copies = [];
    const times: number[] = [];
    for await (const handle of decodeFrames(frames, streamOf(chunks), config, { decoder })) {
      times.push(handle.timestamp);
      copies.push(await handle.copyTo(pool));
      handle.release();
    }
    frames.close();
    expect(copies.length).toBe(12);
    expect(copies.map(({ timestamp }) => timestamp)).toEqual(times);
    const numbers = copies.map((copy) => {
      const frame = copy.toVideoFrame();
      const number = markOf(frame);
      frame.close();
      return number;
    });
    expect(numbers).toEqual(numbersOf(clip).slice(0, 12));
    for (const copy of copies) copy.release();
    pool.assertNoLeaks();
    pool.close();
  });
});
