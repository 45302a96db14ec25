/** Tests of pictures that are copied from pool to pool through memory. */
import { describe, expect, test } from 'vitest';
import type { CanvasStorage, FrameHandle } from '../../src/index.ts';
import { canvasStorage } from '../../src/index.ts';
import { isSnapshot } from '../../src/pool/frames.ts';
import { canvasPool, checkedPool } from '../support/checked-pools.ts';
import { copyAndClose } from '../support/copying.ts';
import { pixelAt } from '../support/frames.ts';
import {
  copied,
  chartFrame,
  CHART,
  farthest,
  firstDifference,
  poolOf,
  rgbAt,
  shown,
} from '../support/memory.ts';
import { paint } from '../support/quadrants.ts';

/** A translucent colour, and the expected colour of a copy of it. */
const HALF = [200, 100, 50, 128] as const;

/** A canvas of a pool, filled with that colour. */
async function paintedCanvas(): Promise<FrameHandle<CanvasStorage>> {
  const painted = await canvasPool().acquire();
  painted.context.fillStyle = 'rgb(200 100 50 / 0.5)';
  painted.context.fillRect(0, 0, 64, 48);
  return painted;
}

describe('from pool to pool', () => {
  test('a canvas with transparency keeps its colours, even if it is scaled', async () => {
    using painted = await paintedCanvas();
    for (const [pool, alpha] of [
      [poolOf('RGBA'), 128],
      [poolOf('BGRA'), 128],
      [poolOf('RGBA', 32, 24), 128],
      [poolOf('RGBX'), undefined],
      [poolOf('BGRX', 16, 12), undefined],
      [poolOf('RGBA', 64, 48, { shared: true, rowAlignment: 512 }), 128],
    ] as const) {
      using copy = await painted.copyTo(pool);
      const seen = rgbAt(copy, 7, 7);
      expect(seen.length).toBe(alpha === undefined ? 3 : 4);
      expect(farthest([seen], [HALF])).toBeLessThanOrEqual(3);
      using onCanvas = await copy.copyTo(canvasPool(8, 8), { fit: 'fill' });
      const wanted = [...HALF.slice(0, 3), alpha ?? 255];
      expect(farthest([pixelAt(onCanvas.context, 4, 4)], [wanted])).toBeLessThanOrEqual(3);
    }
  });

  test('a translucent picture that is rotated and mirrored is scaled as displayed', async () => {
    using painted = await canvasPool().acquire();
    paint(painted.context, CHART, 0.5);
    const turned: [init: VideoFrameInit & { rotation?: number; flip?: boolean }, places: number[]][] = [
      [{ rotation: 90 }, [2, 0, 3, 1]],
      [{ rotation: 90, flip: true }, [0, 2, 1, 3]],
      [{ flip: true }, [1, 0, 3, 2]],
      [{ rotation: 180, displayWidth: 128, displayHeight: 48 }, [3, 2, 1, 0]],
    ];
    for (const [init, places] of turned) {
      const frame = painted.toVideoFrame(init);
      using handle = await copied(poolOf('RGBA', 32, 32), frame, { fit: 'fill' });
      expect(shown(handle), JSON.stringify(init)).toEqual(places);
      // Up to the corners: the picture is rotated before it is stretched, not after.
      for (const x of [1, 30]) for (const y of [1, 30]) expect(rgbAt(handle, x, y)[3]).toBe(128);
    }
  });

  test('a snapshot that went through a pool of frames keeps its colours', async () => {
    const painted = await paintedCanvas();
    using share = checkedPool().adopt(painted.toVideoFrame());
    painted.release();
    using copy = await share.copyTo(poolOf('RGBA'));
    expect(farthest([rgbAt(copy, 7, 7)], [HALF])).toBeLessThanOrEqual(3);
    expect(isSnapshot(share.frame)).toBe(true);
  });

  test('an opaque canvas needs no correction', async () => {
    const storage = canvasStorage({ width: 64, height: 48, context: { alpha: false } });
    using painted = await checkedPool({ storage }).acquire();
    painted.context.fillStyle = 'rgb(200 100 50)';
    painted.context.fillRect(0, 0, 64, 48);
    const snapshot = painted.toVideoFrame();
    expect(isSnapshot(snapshot)).toBe(false);
    snapshot.close();
    using copy = await painted.copyTo(poolOf('RGBA'));
    expect(rgbAt(copy, 7, 7)).toEqual([200, 100, 50, 255]);
  });

  test('memory is copied from memory, with all properties of its picture', async () => {
    const pool = poolOf('I420');
    const first = await copyAndClose(pool, chartFrame('I420', 64, 48, { rotation: 90, timestamp: 5 }));
    using second = await first.copyTo(pool);
    expect(firstDifference(second.data, first.data)).toBe(-1);
    expect([second.rotation, second.displayWidth, second.timestamp]).toEqual([90, 48, 5]);
    first.release();
    expect(second.data.length).toBe(64 * 48 * 1.5);
  });
});

describe('toVideoFrame()', () => {
  test('takes a time, a visible part and a display size from the caller', async () => {
    const picture = chartFrame('RGBA', 64, 48, { timestamp: 1, duration: 2 });
    using handle = await copied(poolOf('RGBA'), picture);
    const visibleRect = { x: 0, y: 0, width: 32, height: 24 };
    const frame = handle.toVideoFrame({ timestamp: 10, visibleRect, displayWidth: 96, displayHeight: 24 });
    expect([frame.timestamp, frame.duration]).toEqual([10, 2]);
    expect([frame.visibleRect?.width, frame.displayWidth, frame.displayHeight]).toEqual([32, 96, 24]);
    frame.close();
  });

  test('drops alpha if requested', async () => {
    using handle = await copied(poolOf('RGBA'), chartFrame('RGBA', 64, 48, { timestamp: 3 }));
    const frame = handle.toVideoFrame({ alpha: 'discard' });
    expect([frame.format, frame.timestamp]).toEqual(['RGBX', 3]);
    frame.close();
  });
});
