import { describe, expect, test } from 'vitest';
import { placed } from '../../src/storage/draw.ts';
import { copyAndClose } from '../support/copying.ts';
import { fakeContext } from '../support/fake-canvas.ts';
import { canvases, canvasPool } from '../support/fake-pools.ts';
import { makeFrame } from '../support/fake-video-frame.ts';

const size = (width: number, height: number) => ({ width, height });

describe('placed(): the size of a picture on a canvas', () => {
  test.each([
    [
      'contain shows the whole picture: wide onto square',
      'contain',
      size(200, 100),
      size(100, 100),
      size(100, 50),
    ],
    [
      'contain shows the whole picture: tall onto square',
      'contain',
      size(100, 200),
      size(100, 100),
      size(50, 100),
    ],
    [
      'contain shows the whole picture: small is enlarged',
      'contain',
      size(10, 10),
      size(100, 50),
      size(50, 50),
    ],
    [
      'contain shows the whole picture: of the same shape',
      'contain',
      size(32, 18),
      size(320, 180),
      size(320, 180),
    ],
    [
      'cover fills the whole buffer: wide onto square',
      'cover',
      size(200, 100),
      size(100, 100),
      size(200, 100),
    ],
    [
      'cover fills the whole buffer: tall onto square',
      'cover',
      size(100, 200),
      size(100, 100),
      size(100, 200),
    ],
    ['cover fills the whole buffer: small is enlarged', 'cover', size(10, 10), size(100, 50), size(100, 100)],
    ['fill stretches', 'fill', size(7, 3), size(100, 50), size(100, 50)],
  ] as const)('%s', (_what, fit, picture, target, seen) => {
    expect(placed(picture, target, fit, 0)).toEqual(seen);
  });

  test('a quarter turn is fitted as displayed, and sized before the rotation', () => {
    for (const rotation of [90, 270]) {
      expect(placed(size(200, 100), size(100, 200), 'contain', rotation)).toEqual(size(200, 100));
      expect(placed(size(200, 100), size(100, 100), 'contain', rotation)).toEqual(size(100, 50));
      expect(placed(size(200, 100), size(30, 40), 'fill', rotation)).toEqual(size(40, 30));
      expect(placed(size(200, 100), size(100, 100), 'cover', rotation)).toEqual(size(200, 100));
    }
    expect(placed(size(200, 100), size(100, 100), 'contain', 180)).toEqual(size(100, 50));
  });

  test('contain touches the target from inside; cover touches it from outside', () => {
    for (const [picture, target] of [
      [size(321, 241), size(64, 48)],
      [size(1, 9), size(33, 7)],
      [size(1920, 1080), size(100, 100)],
    ] as const) {
      for (const rotation of [0, 90, 180, 270]) {
        const filled = (fit: 'contain' | 'cover'): number[] => {
          const { width, height } = placed(picture, target, fit, rotation);
          const [across, down] = rotation % 180 === 0 ? [width, height] : [height, width];
          return [across / target.width, down / target.height];
        };
        expect(Math.max(...filled('contain'))).toBeCloseTo(1);
        expect(Math.min(...filled('cover'))).toBeCloseTo(1);
      }
    }
  });
});

describe('a copied picture', () => {
  test('is drawn about the middle, at its display size', async () => {
    const pool = canvasPool({ storage: canvases(100, 100) });
    const frame = makeFrame({ codedWidth: 50, codedHeight: 50, displayWidth: 100, displayHeight: 50 });
    using copy = await copyAndClose(pool, frame);
    const drawn = { transform: 'translate 50 50', box: [0, 0, 100, 50, -50, -25, 100, 50] };
    expect(fakeContext(copy.context).drawn).toEqual([{ timestamp: 0, ...drawn }]);
  });

  test('is rotated about the middle, and the context is left in its initial state', async () => {
    const pool = canvasPool({ storage: canvases(100, 100) });
    const frame = makeFrame({ codedWidth: 200, codedHeight: 100 });
    using copy = await copyAndClose(pool, frame, { rotation: 270, fit: 'cover' });
    const { context } = copy;
    const drawn = { transform: 'translate 50 50, rotate 270', box: [0, 0, 200, 100, -100, -50, 200, 100] };
    expect(fakeContext(context).drawn).toEqual([{ timestamp: 0, ...drawn }]);
    context.drawImage(context.canvas, 0, 0);
    expect(fakeContext(context).drawn.at(-1)?.transform).toBe('');
  });

  test('is mirrored after the rotation, and the context is left in its initial state', async () => {
    const pool = canvasPool({ storage: canvases(100, 200) });
    const frame = makeFrame({ codedWidth: 200, codedHeight: 100 });
    using copy = await copyAndClose(pool, frame, { rotation: 90, flip: true });
    const { context } = copy;
    // A canvas applies the last transform to the picture first.
    const transform = 'translate 50 100, scale -1 1, rotate 90';
    const drawn = { transform, box: [0, 0, 200, 100, -100, -50, 200, 100] };
    expect(fakeContext(context).drawn).toEqual([{ timestamp: 0, ...drawn }]);
    context.drawImage(context.canvas, 0, 0);
    expect(fakeContext(context).drawn.at(-1)?.transform).toBe('');
  });

  test('may be a part of the picture', async () => {
    const pool = canvasPool({ storage: canvases(100, 50) });
    const crop = { x: 4, y: 8, width: 20, height: 20 };
    using copy = await copyAndClose(pool, makeFrame(), { crop, fit: 'fill' });
    expect(fakeContext(copy.context).drawn[0]?.box).toEqual([4, 8, 20, 20, -50, -25, 100, 50]);
  });
});
