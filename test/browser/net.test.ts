/** The leak detector, with real frames and a forced collection. */
import { describe, expect, test } from 'vitest';
import type { CanvasStorage, FrameHandle, PoolNotice } from '../../src/index.ts';
import { decodeFrames, FrameDecoder } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { allowCollection, collect, livePictures } from '../support/accounting.ts';
import { canvasPool, checkedPool, expectHeld, expectRecovered, listen } from '../support/checked-pools.ts';
import { colourFrame } from '../support/frames.ts';
import { clipBlob, streamOf, trackOf } from '../support/packets.ts';

const GREY = [90, 90, 90] as const;

describe('[C6] [edge 16] the leak detector', () => {
  test('returns 50 dropped handles, and names their holders', async () => {
    const pool = checkedPool({ capacity: 50 });
    const notices: PoolNotice[] = [];
    pool.setListener((notice) => notices.push(notice));
    (() => {
      for (let n = 0; n < 50; n++) pool.adopt(colourFrame(GREY, { timestamp: n }), { holder: 'thumbnailer' });
    })();
    expect(pool.lentCount).toBe(50);
    await expectRecovered(pool);
    expect(pool.freeCount).toBe(50);
    expect(notices.map(({ reason }) => reason)).toEqual(Array(50).fill('recovered'));
    expect(notices[0]?.holders).toEqual(['thumbnailer']);
    expect(pool.stats().recovered).toBe(50);
  });

  test('returns dropped handles whose frames were read, when the frames are dropped too', async () => {
    allowCollection();
    const pool = checkedPool({ capacity: 20 });
    (() => {
      for (let n = 0; n < 20; n++) expect(pool.adopt(colourFrame(GREY)).frame.codedWidth).toBe(64);
    })();
    await expectRecovered(pool);
    expect([pool.freeCount, livePictures()]).toEqual([20, 0]);
  });

  test('ignores a frame that the app kept, though it dropped the handle', async () => {
    allowCollection();
    const pool = checkedPool({ capacity: 1 });
    let frame: VideoFrame | null = (() => pool.adopt(colourFrame(GREY, { timestamp: 7 })).frame)();
    await collect();
    expect(frame.codedWidth).toBe(64);
    expect(frame.timestamp).toBe(7);
    expect(pool.lentCount).toBe(1);
    frame = null;
    await expectRecovered(pool);
  });

  test('ignores a slot as long as one share of it is reachable', async () => {
    allowCollection();
    const pool = checkedPool({ capacity: 1 });
    const kept = (() => pool.adopt(colourFrame(GREY), { holder: 'dropped' }).retain('kept'))();
    await collect();
    expect(pool.lentCount).toBe(1);
    expect(kept.frame.codedWidth).toBe(64);
    expect(pool.holders().map(({ holder }) => holder)).toEqual(['dropped', 'kept']);
    kept.release();
    // The dropped share is still counted: it was never released.
    expect(pool.lentCount).toBe(1);
    await expectRecovered(pool);
  });

  test('does not act after a release', async () => {
    const pool = checkedPool({ capacity: 4 });
    const notices = listen(pool);
    for (let n = 0; n < 4; n++) pool.adopt(colourFrame(GREY)).release();
    await collect();
    expect(notices).toEqual(['released', 'released', 'released', 'released']);
  });

  test('returns dropped permits', async () => {
    const pool = checkedPool({ capacity: 3 });
    (() => {
      for (let n = 0; n < 3; n++) pool.tryReserve();
    })();
    expect(pool.decodingCount).toBe(3);
    await expectRecovered(pool);
    expect(pool.freeCount).toBe(3);
  });

  test('discards a recovered canvas, because the app may still draw on it', async () => {
    const pool = canvasPool(8, 8);
    const notices: PoolNotice[] = [];
    pool.setListener((notice) => notices.push(notice));
    const stray = (() => (pool.tryAcquire() as FrameHandle<CanvasStorage>).canvas)();
    await expectRecovered(pool);
    expect(notices).toEqual([{ reason: 'recovered', discarded: true, freeCount: 1, holders: ['(unnamed)'] }]);
    expect(stray.width).toBe(8);
    using next = pool.tryAcquire();
    expect(next?.canvas).not.toBe(stray);
  });

  test('returns the frames of an iterator that was dropped whole', async () => {
    allowCollection();
    const { config, chunks } = await trackOf('h264_bframes.mp4');
    const pool = checkedPool({ capacity: 6 });
    await (async () => {
      const frames = decodeFrames(pool, streamOf(chunks), config);
      (await frames.next()).value?.release();
    })();
    await expectHeld(pool);
    await expectRecovered(pool);
  });

  test('returns the frames of a decoder that was dropped whole', async () => {
    allowCollection();
    const { config, chunks } = await trackOf('h264_bframes.mp4');
    const pool = checkedPool({ capacity: 6 });
    await (async () => {
      const output = (handle: FrameHandle): void => handle.release();
      const decoder = new FrameDecoder({ pool, config, output, error: () => {} });
      for (const chunk of chunks.slice(0, 3)) await decoder.decode(chunk);
    })();
    expect(pool.decodingCount).toBeGreaterThan(0);
    await expectRecovered(pool);
  });

  test('returns the frames of a reader’s iteration that was dropped whole', async () => {
    allowCollection();
    const pool = checkedPool({ capacity: 6 });
    const controller = new AbortController();
    await (async () => {
      const reader = await openVideo(await clipBlob('vp9.webm'));
      const frames = reader.frames({ pool, signal: controller.signal });
      (await frames.next()).value?.release();
    })();
    await expectHeld(pool);
    await expectRecovered(pool);
    expect(controller.signal.aborted).toBe(false);
  });
});
