/** Pictures that go from pool to pool by way of memory. */
import { describe, expect, test } from 'vitest';
import { canvasStorage, VideoFramePool } from '../../src/index.ts';
import { isSnapshot } from '../../src/pool/snapshots.ts';
import { pixelAt } from '../support/frames.ts';
import {
  chartFrame,
  CHART,
  farthest,
  firstDifference,
  look,
  poolOf,
  rgbAt,
  shown,
} from '../support/memory.ts';

describe('from pool to pool', () => {
  test('a canvas with transparency keeps its colours, also when it is scaled', async () => {
    const canvases = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 64, height: 48 }) });
    const painted = await canvases.acquire();
    painted.context.fillStyle = 'rgb(200 100 50 / 0.5)';
    painted.context.fillRect(0, 0, 64, 48);
    for (const [pool, alpha] of [
      [poolOf('RGBA', 64, 48), 128],
      [poolOf('BGRA', 64, 48), 128],
      [poolOf('RGBA', 32, 24), 128],
      [poolOf('RGBX', 64, 48), undefined],
      [poolOf('BGRX', 16, 12), undefined],
      [poolOf('RGBA', 64, 48, { shared: true, rowAlignment: 512 }), 128],
    ] as const) {
      const copy = await painted.copyTo(pool);
      const colour = [200, 100, 50, ...(alpha === undefined ? [] : [alpha])];
      expect(farthest([rgbAt(copy, 7, 7)], [colour])).toBeLessThanOrEqual(3);
      const onCanvas = await copy.copyTo(
        new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 8, height: 8 }) }),
        { fit: 'fill' },
      );
      expect(farthest([pixelAt(onCanvas.context, 4, 4)], [[200, 100, 50, alpha ?? 255]])).toBeLessThanOrEqual(
        3,
      );
      onCanvas.release();
      copy.release();
      pool.close();
    }
    painted.release();
    canvases.close();
  });

  test('a translucent picture that is turned and mirrored is scaled as it is shown', async () => {
    const canvases = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 64, height: 48 }) });
    const painted = await canvases.acquire();
    for (const [index, [red, green, blue]] of CHART.entries()) {
      painted.context.fillStyle = `rgb(${red} ${green} ${blue} / 0.5)`;
      painted.context.fillRect((index % 2) * 32, index < 2 ? 0 : 24, 32, 24);
    }
    type Turned = VideoFrameInit & { rotation?: number; flip?: boolean };
    const turned: [init: Turned, places: number[]][] = [
      [{ rotation: 90 }, [2, 0, 3, 1]],
      [{ rotation: 90, flip: true }, [0, 2, 1, 3]],
      [{ flip: true }, [1, 0, 3, 2]],
      [{ rotation: 180, displayWidth: 128, displayHeight: 48 }, [3, 2, 1, 0]],
    ];
    for (const [init, places] of turned) {
      const frame = painted.toVideoFrame(init);
      await look(poolOf('RGBA', 32, 32), frame, { fit: 'fill' }, (handle) => {
        expect(shown(handle), JSON.stringify(init)).toEqual(places);
        // To the very corners: turned before it is stretched, not after.
        for (const [x, y] of [
          [1, 1],
          [30, 1],
          [1, 30],
          [30, 30],
        ] as const)
          expect(rgbAt(handle, x, y)[3]).toBe(128);
      });
    }
    painted.release();
    canvases.close();
  });

  test('a snapshot that went through a pool of frames keeps its colours', async () => {
    const canvases = new VideoFramePool({ capacity: 1, storage: canvasStorage({ width: 64, height: 48 }) });
    const painted = await canvases.acquire();
    painted.context.fillStyle = 'rgba(200, 100, 50, 0.5)';
    painted.context.fillRect(0, 0, 64, 48);
    const frames = new VideoFramePool({ capacity: 1 });
    const share = frames.adopt(painted.toVideoFrame());
    painted.release();
    const pool = poolOf('RGBA', 64, 48);
    const copy = await share.copyTo(pool);
    expect(farthest([rgbAt(copy, 7, 7)], [[200, 100, 50, 128]])).toBeLessThanOrEqual(3);
    expect(isSnapshot(share.frame)).toBe(true);
    copy.release();
    share.release();
    pool.close();
    canvases.close();
  });

  test('an opaque canvas needs no correction', async () => {
    const storage = canvasStorage({ width: 64, height: 48, context: { alpha: false } });
    const canvases = new VideoFramePool({ capacity: 1, storage });
    const painted = await canvases.acquire();
    painted.context.fillStyle = 'rgb(200 100 50)';
    painted.context.fillRect(0, 0, 64, 48);
    const snapshot = painted.toVideoFrame();
    expect(isSnapshot(snapshot)).toBe(false);
    snapshot.close();
    const pool = poolOf('RGBA', 64, 48);
    const copy = await painted.copyTo(pool);
    expect(rgbAt(copy, 7, 7)).toEqual([200, 100, 50, 255]);
    copy.release();
    painted.release();
    canvases.close();
    pool.close();
  });

  test('memory is copied from memory, with all that is known of the picture', async () => {
    const pool = poolOf('I420', 64, 48);
    const first = await pool.capture(chartFrame('I420', 64, 48, { rotation: 90, timestamp: 5 }));
    const second = await first.copyTo(pool);
    expect(firstDifference(second.data, first.data)).toBe(-1);
    expect([second.rotation, second.displayWidth, second.timestamp]).toEqual([90, 48, 5]);
    first.release();
    expect(second.data.length).toBe(64 * 48 * 1.5);
    second.release();
    pool.close();
  });
});

describe('toVideoFrame()', () => {
  test('takes a time, a visible part and a display size of the caller’s', async () => {
    await look(
      poolOf('RGBA', 64, 48),
      chartFrame('RGBA', 64, 48, { timestamp: 1, duration: 2 }),
      {},
      (handle) => {
        const frame = handle.toVideoFrame({
          timestamp: 10,
          visibleRect: { x: 0, y: 0, width: 32, height: 24 },
          displayWidth: 96,
          displayHeight: 24,
        });
        expect([frame.timestamp, frame.duration]).toEqual([10, 2]);
        expect([frame.visibleRect?.width, frame.displayWidth, frame.displayHeight]).toEqual([32, 96, 24]);
        frame.close();
      },
    );
  });

  test('drops alpha where it is told to', async () => {
    await look(poolOf('RGBA', 64, 48), chartFrame('RGBA', 64, 48, { timestamp: 3 }), {}, (handle) => {
      const frame = handle.toVideoFrame({ alpha: 'discard' });
      expect([frame.format, frame.timestamp]).toEqual(['RGBX', 3]);
      frame.close();
    });
  });
});
