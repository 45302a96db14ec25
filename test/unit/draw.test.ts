import { describe, expect, test } from 'vitest';
import { placed } from '../../src/storage/draw.ts';
import { fakeContext } from '../support/fake-canvas.ts';
import { canvases, canvasPool } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

const size = (width: number, height: number): { width: number; height: number } => ({ width, height });

describe('placed(): where a picture lands', () => {
  test.each([
    ['wide onto square', size(200, 100), size(100, 100), size(100, 50)],
    ['tall onto square', size(100, 200), size(100, 100), size(50, 100)],
    ['small is enlarged', size(10, 10), size(100, 50), size(50, 50)],
    ['of the same shape', size(32, 18), size(320, 180), size(320, 180)],
  ])('contain shows all of it: %s', (_what, picture, target, seen) => {
    expect(placed(picture, target, 'contain', 0)).toEqual(seen);
  });

  test.each([
    ['wide onto square', size(200, 100), size(100, 100), size(200, 100)],
    ['tall onto square', size(100, 200), size(100, 100), size(100, 200)],
    ['small is enlarged', size(10, 10), size(100, 50), size(100, 100)],
  ])('cover fills all of it: %s', (_what, picture, target, seen) => {
    expect(placed(picture, target, 'cover', 0)).toEqual(seen);
  });

  test('fill stretches', () => {
    expect(placed(size(7, 3), size(100, 50), 'fill', 0)).toEqual(size(100, 50));
  });

  test('a quarter turn is fitted as it is seen, and sized before the turn', () => {
    for (const rotation of [90, 270]) {
      expect(placed(size(200, 100), size(100, 200), 'contain', rotation)).toEqual(size(200, 100));
      expect(placed(size(200, 100), size(100, 100), 'contain', rotation)).toEqual(size(100, 50));
      expect(placed(size(200, 100), size(30, 40), 'fill', rotation)).toEqual(size(40, 30));
      expect(placed(size(200, 100), size(100, 100), 'cover', rotation)).toEqual(size(200, 100));
    }
    expect(placed(size(200, 100), size(100, 100), 'contain', 180)).toEqual(size(100, 50));
  });

  test('contain never leaves the target and touches it; cover never leaves a gap and touches it', () => {
    for (const [pictureWidth, pictureHeight, width, height] of [
      [321, 241, 64, 48],
      [1, 9, 33, 7],
      [1920, 1080, 100, 100],
    ] as const) {
      for (const rotation of [0, 90, 180, 270]) {
        const turn = ({ width: w, height: h }: { width: number; height: number }): [number, number] =>
          rotation % 180 === 0 ? [w / width, h / height] : [h / width, w / height];
        const inside = turn(
          placed(size(pictureWidth, pictureHeight), size(width, height), 'contain', rotation),
        );
        const over = turn(placed(size(pictureWidth, pictureHeight), size(width, height), 'cover', rotation));
        expect(Math.max(...inside)).toBeCloseTo(1);
        expect(Math.min(...over)).toBeCloseTo(1);
      }
    }
  });
});

describe('a captured picture', () => {
  test('is drawn about the middle, at its display size', async () => {
    const pool = canvasPool({ storage: canvases(100, 100) });
    const frame = makeFrame({ codedWidth: 50, codedHeight: 50, displayWidth: 100, displayHeight: 50 });
    const copy = await pool.capture(frame);
    expect(fakeContext(copy.context).drawn).toEqual([
      { timestamp: 0, transform: 'translate 50 50', box: [0, 0, 100, 50, -50, -25, 100, 50] },
    ]);
    copy.release();
  });

  test('is turned about the middle, and the context is left in its initial state', async () => {
    const pool = canvasPool({ storage: canvases(100, 100) });
    const frame = makeFrame({ codedWidth: 200, codedHeight: 100 });
    const copy = await pool.capture(frame, { rotation: 270, fit: 'cover' });
    expect(fakeContext(copy.context).drawn).toEqual([
      { timestamp: 0, transform: 'translate 50 50, rotate 270', box: [0, 0, 200, 100, -100, -50, 200, 100] },
    ]);
    const { context } = copy;
    context.drawImage(context.canvas, 0, 0);
    expect(fakeContext(context).drawn.at(-1)?.transform).toBe('');
    copy.release();
  });

  test('may be a part of the picture', async () => {
    const pool = canvasPool({ storage: canvases(100, 50) });
    const copy = await pool.capture(makeFrame(), {
      crop: { x: 4, y: 8, width: 20, height: 20 },
      fit: 'fill',
    });
    expect(fakeContext(copy.context).drawn[0]?.box).toEqual([4, 8, 20, 20, -50, -25, 100, 50]);
    copy.release();
  });
});
