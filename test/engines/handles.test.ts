/** Handles over real frames. */
import { describe, expect, test } from 'vitest';
import type { CanvasStorage, FrameHandle } from '../../src/index.ts';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import { livePictures } from '../support/accounting.ts';
import { copyAndClose } from '../support/copying.ts';
import { does } from '../support/engine.ts';
import { colourFrame, pixelAt } from '../support/frames.ts';

const RED = [200, 20, 20] as const;

const canvasesOf = (width: number, height: number, capacity = 1): VideoFramePool<CanvasStorage> =>
  new VideoFramePool({ capacity, storage: canvasStorage({ width, height }) });

describe('a decoded frame', () => {
  test('[C5] is closed by its last share, in the same call, and every reader’s object with it', () => {
    const pool = new VideoFramePool({ capacity: 1 });
    const first = pool.adopt(colourFrame(RED));
    const second = first.retain();
    const seen = first.frame;
    expect(second.frame).toBe(seen);
    first.release();
    expect(seen.codedWidth).toBe(64);
    expect(livePictures()).toBe(1);
    second.release();
    expect(seen.codedWidth).toBe(0);
    expect(livePictures()).toBe(0);
    expect(() => first.frame).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
  });

  test('[C13] [edge 7] that one holder closed is intact for the next reader', () => {
    const pool = new VideoFramePool({ capacity: 1 });
    const handle = pool.adopt(colourFrame(RED));
    handle.frame.close();
    expect(handle.frame.codedWidth).toBe(64);
    structuredClone(handle.frame, { transfer: [handle.frame] }).close();
    expect(handle.frame.codedWidth).toBe(64);
    handle.release();
    expect(livePictures()).toBe(0);
  });

  test('[C13] [edge 4] that a pool lent is refused by adopt(), copied by copyFrom(), and stays whole', async () => {
    const pool = new VideoFramePool({ capacity: 2 });
    using canvases = canvasesOf(8, 8);
    using handle = pool.adopt(colourFrame(RED));
    expect(() => pool.adopt(handle.frame)).toThrow(TypeError);
    (await canvases.copyFrom(handle.frame)).release();
    expect(handle.frame.codedWidth).toBe(64);
    const own = pool.adopt(handle.frame.clone());
    expect(pool.lentCount).toBe(2);
    own.release();
  });

  test('[edge 14] keeps no slot busy through a clone that the app made', () => {
    const pool = new VideoFramePool({ capacity: 1 });
    const handle = pool.adopt(colourFrame(RED, { timestamp: 5 }));
    const clone = handle.frame.clone();
    const own = handle.toVideoFrame({ timestamp: 9 });
    handle.release();
    expect(pool.freeCount).toBe(1);
    expect(clone.codedWidth).toBe(64);
    expect(own.timestamp).toBe(9);
    clone.close();
    own.close();
  });

  test('counts its bytes as the platform does', () => {
    const pool = new VideoFramePool({ capacity: 1 });
    const frame = colourFrame(RED);
    const bytes = frame.allocationSize();
    const handle = pool.adopt(frame);
    expect(pool.bytes).toBe(bytes);
    expect(pool.stats().bytesEstimated).toBe(false);
    handle.release();
    expect(pool.bytes).toBe(0);
  });

  test('of another window is a frame', () => {
    const iframe = document.body.appendChild(document.createElement('iframe'));
    const foreign = (iframe.contentWindow as unknown as { VideoFrame: typeof VideoFrame }).VideoFrame;
    const pool = new VideoFramePool({ capacity: 1 });
    const init = { format: 'RGBA', codedWidth: 2, codedHeight: 2, timestamp: 3 } as const;
    const frame = new foreign(new Uint8Array(16), init);
    expect(frame instanceof VideoFrame).toBe(false);
    const handle = pool.adopt(frame);
    expect(handle.timestamp).toBe(3);
    handle.release();
    iframe.remove();
  });

  test('works with `using`', () => {
    const pool = new VideoFramePool({ capacity: 1 });
    {
      using handle = pool.adopt(colourFrame(RED));
      expect(handle.released).toBe(false);
      expect(pool.lentCount).toBe(1);
    }
    expect(pool.lentCount).toBe(0);
  });

  test('stays open until the promise of releaseAfter() settles, also inside `using`', async () => {
    const pool = new VideoFramePool({ capacity: 1 });
    let settle = (): void => {};
    {
      using handle = pool.adopt(colourFrame(RED));
      handle.releaseAfter(new Promise((_, reject) => (settle = () => reject(new Error('GPU is gone')))));
      expect(handle.released).toBe(true);
    }
    expect(pool.lentCount).toBe(1);
    settle();
    await expect.poll(() => pool.lentCount).toBe(0);
  });
});

describe('a canvas', () => {
  test('is reused, and like new each time', async () => {
    using pool = canvasesOf(32, 16);
    const first = await pool.acquire();
    const { canvas, context } = first;
    context.translate(5, 5);
    context.globalAlpha = 0.5;
    context.fillStyle = 'red';
    context.fillRect(0, 0, 10, 10);
    first.release();
    const second = await pool.acquire();
    expect(second.canvas).toBe(canvas);
    expect(second.context.globalAlpha).toBe(1);
    expect(second.context.getTransform().isIdentity).toBe(true);
    expect(pixelAt(second.context, 8, 8)).toEqual([0, 0, 0, 0]);
    expect(pool.stats()).toMatchObject({ allocated: 1, reused: 1 });
    second.release();
    pool.close();
    expect(canvas.width).toBe(0);
  });

  test('[edge 11] shows nothing of the last picture’s time', async () => {
    using pool = canvasesOf(32, 16);
    const first = await copyAndClose(pool, colourFrame(RED, { timestamp: 123, duration: 40 }));
    expect([first.timestamp, first.duration]).toEqual([123, 40]);
    first.release();
    using second = await pool.acquire();
    expect([second.timestamp, second.duration]).toEqual([0, null]);
    const frame = second.toVideoFrame();
    expect([frame.timestamp, frame.duration]).toEqual([0, null]);
    expect([frame.displayWidth, frame.displayHeight]).toEqual([32, 16]);
    frame.close();
  });

  test('[edge 7] that the app resized or transferred is discarded; the next waiter gets a new one [fault: buffer taken away]', async () => {
    using pool = canvasesOf(32, 16);
    const damage = [
      (canvas: OffscreenCanvas) => void (canvas.width = 7),
      (canvas: OffscreenCanvas) => void canvas.transferToImageBitmap(),
    ];
    const discarded: boolean[] = [];
    pool.setListener((notice) => discarded.push(notice.discarded));
    for (const [index, harm] of damage.entries()) {
      const handle = await pool.acquire();
      const { canvas } = handle;
      const waiting = pool.acquire();
      harm(canvas);
      handle.release();
      const next = await waiting;
      expect(next.canvas.width).toBe(32);
      expect(next.canvas === canvas, `damaged by way ${index}`).toBe(index === 1);
      next.release();
    }
    await Promise.resolve();
    expect(discarded).toEqual([true, false, false, false]);
  });

  test('gives a snapshot that later drawing does not change', async () => {
    using pool = canvasesOf(32, 16, 2);
    const handle = await pool.acquire();
    handle.context.fillStyle = 'rgb(200 20 20)';
    handle.context.fillRect(0, 0, 32, 16);
    const frame = handle.toVideoFrame({ timestamp: 4 });
    handle.context.clearRect(0, 0, 32, 16);
    const copy = await copyAndClose(pool, frame, { fit: 'fill' });
    expect(pixelAt(copy.context, 16, 8)).toEqual([200, 20, 20, 255]);
    expect(copy.timestamp).toBe(4);
    copy.release();
    handle.release();
  });
});

describe('copyFrom()', () => {
  /** Left half red, right half blue, 64 × 32. */
  function halves(): VideoFrame {
    const canvas = new OffscreenCanvas(64, 32);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.fillStyle = 'rgb(255 0 0)';
    context.fillRect(0, 0, 32, 32);
    context.fillStyle = 'rgb(0 0 255)';
    context.fillRect(32, 0, 32, 32);
    return new VideoFrame(canvas, { timestamp: 11 });
  }
  type Place = readonly [x: number, y: number];

  const sideAt = ({ context }: FrameHandle<CanvasStorage>, [x, y]: Place): string => {
    const [red = 0, , blue = 0] = pixelAt(context, x, y);
    if (red > 200 && blue < 50) return 'red';
    return red < 50 && blue > 200 ? 'blue' : 'neither';
  };

  /** Expects a red and a blue half at these places, and releases. */
  function expectHalves(handle: FrameHandle<CanvasStorage>, red: Place, blue: Place): void {
    expect([sideAt(handle, red), sideAt(handle, blue)]).toEqual(['red', 'blue']);
    handle.release();
  }

  test('leaves the frame to its caller', async () => {
    using pool = canvasesOf(64, 32);
    const frame = halves();
    const handle = await pool.copyFrom(frame);
    expect(frame.codedWidth).toBe(64);
    frame.close();
    expectHalves(handle, [5, 5], [60, 5]);
  });

  test('fits: contains with empty edges, covers by cutting, fills by stretching', async () => {
    using pool = canvasesOf(32, 32);
    const contained = await copyAndClose(pool, halves(), { fit: 'contain' });
    expect(pixelAt(contained.context, 4, 2)[3]).toBe(0);
    expect(sideAt(contained, [4, 16])).toBe('red');
    contained.release();
    expectHalves(await copyAndClose(pool, halves(), { fit: 'cover' }), [2, 2], [29, 29]);
    expectHalves(await copyAndClose(pool, halves(), { fit: 'fill' }), [2, 2], [29, 29]);
  });

  test('flips left to right, after the rotation', async () => {
    using wide = canvasesOf(64, 32);
    expectHalves(await copyAndClose(wide, halves(), { flip: true }), [60, 5], [5, 5]);
    expectHalves(await copyAndClose(wide, halves(), { flip: false }), [5, 5], [60, 5]);
    expectHalves(await copyAndClose(wide, halves(), { rotation: 180, flip: true }), [5, 5], [60, 5]);
    using tall = canvasesOf(16, 32);
    expectHalves(await copyAndClose(tall, halves(), { rotation: 90, flip: true }), [8, 3], [8, 28]);
    expectHalves(await copyAndClose(tall, halves(), { rotation: 270, flip: true }), [8, 28], [8, 3]);
  });

  test('crops, and rotates clockwise', async () => {
    using pool = canvasesOf(16, 32);
    expectHalves(await copyAndClose(pool, halves(), { rotation: 90 }), [8, 3], [8, 28]);
    expectHalves(await copyAndClose(pool, halves(), { rotation: 270 }), [8, 28], [8, 3]);
    using cropped = await copyAndClose(pool, halves(), { crop: { x: 40, y: 0, width: 16, height: 32 } });
    // If an engine draws all of a frame, the left edge is that of the whole.
    expect(sideAt(cropped, [1, 16])).toBe(does('drawsParts') ? 'blue' : 'red');
    expect(sideAt(cropped, [14, 16])).toBe('blue');
  });

  test('copies from a handle, which keeps its share and may be released during the wait', async () => {
    const frames = new VideoFramePool({ capacity: 1 });
    using pool = canvasesOf(64, 32);
    const decoded = frames.adopt(halves(), { holder: 'screen' });
    const first = await decoded.copyTo(pool);
    expect(decoded.released).toBe(false);
    expect(first.timestamp).toBe(11);
    const waiting = decoded.copyTo(pool);
    decoded.release();
    expect(frames.lentCount).toBe(1);
    first.release();
    using second = await waiting;
    expect(frames.lentCount).toBe(0);
    expect(sideAt(second, [5, 5])).toBe('red');
  });

  test('leaves the frame to its caller when the wait is aborted', async () => {
    using pool = canvasesOf(64, 32);
    const held = await pool.acquire();
    const controller = new AbortController();
    const frame = halves();
    const waiting = pool.copyFrom(frame, { signal: controller.signal });
    controller.abort(new Error('no more'));
    await expect(waiting).rejects.toThrow('no more');
    expect(frame.codedWidth).toBe(64);
    frame.close();
    held.release();
    pool.assertNoLeaks();
  });

  test('refuses wrong options before the frame is touched', async () => {
    using pool = canvasesOf(64, 32);
    const frame = halves();
    for (const wrong of [{ fit: 'squash' as 'fill' }, { rotation: 45 as 90 }, { flip: 1 as never }]) {
      await expect(pool.copyFrom(frame, wrong)).rejects.toThrow(TypeError);
    }
    const crop = { x: 0, y: 0, width: 0, height: 4 };
    await expect(pool.copyFrom(frame, { crop })).rejects.toThrow(RangeError);
    await expect(pool.copyFrom({} as VideoFrame)).rejects.toThrow(TypeError);
    expect(frame.codedWidth).toBe(64);
    frame.close();
    await expect(pool.copyFrom(frame)).rejects.toMatchObject({ name: 'InvalidStateError' });
    pool.assertNoLeaks();
  });
});
