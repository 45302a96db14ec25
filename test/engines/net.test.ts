/** The net, where a collection can be forced; where it cannot, that is what is expected. */
import { describe, expect, test } from 'vitest';
import type { PoolNotice } from '../../src/index.ts';
import { decodeFrames, VideoFramePool } from '../../src/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { allowCollection, collect, collector, livePictures } from '../support/accounting.ts';
import { does } from '../support/engine.ts';
import { colourFrame } from '../support/frames.ts';
import { streamOf, trackOf } from '../support/packets.ts';

const GREY = [90, 90, 90] as const;

if (does('collects')) {
  describe('[C6] the net', () => {
    test('brings dropped handles back, read or not, and names who held them', async () => {
      allowCollection();
      const pool = new VideoFramePool({ capacity: 20 });
      const notices: PoolNotice[] = [];
      pool.setListener((notice) => notices.push(notice));
      (() => {
        for (let n = 0; n < 20; n++) {
          const handle = pool.adopt(colourFrame(GREY), { holder: 'thumbnailer' });
          if (n % 2 === 0) expect(handle.frame.codedWidth).toBe(64);
        }
      })();
      expect([pool.lentCount, livePictures()]).toEqual([20, 20]);
      await collect();
      expect([pool.freeCount, livePictures()]).toEqual([20, 0]);
      expect(notices.map(({ reason, holders }) => [reason, ...holders])).toEqual(
        notices.map(() => ['recovered', 'thumbnailer']),
      );
      expect(notices.length).toBe(20);
    });

    test('leaves a frame alone that the app kept, though it dropped the handle', async () => {
      allowCollection();
      const pool = new VideoFramePool({ capacity: 1 });
      pool.setListener(() => {});
      let frame: VideoFrame | null = (() => pool.adopt(colourFrame(GREY, { timestamp: 7 })).frame)();
      await collect();
      expect([frame.codedWidth, frame.timestamp, pool.lentCount]).toEqual([64, 7, 1]);
      frame = null;
      await expect.poll(emptied(pool), { timeout: 10_000 }).toBe(0);
    });

    test('has nothing to do with an iteration that has ended: who keeps it does not keep its decoder', async () => {
      allowCollection();
      const { config, chunks } = await trackOf('h264_bframes.mp4');
      const pool = new VideoFramePool({ capacity: 4 });
      const made: WeakRef<VideoDecoder>[] = [];
      const decoder = class extends VideoDecoder {
        constructor(init: VideoDecoderInit) {
          super(init);
          made.push(new WeakRef(this));
        }
      };
      const frames = decodeFrames(pool, streamOf(chunks), config, { decoder });
      for (let next = await frames.next(); next.done !== true; next = await frames.next())
        next.value.release();
      expect(made).toHaveLength(1);
      const isGone = async (): Promise<boolean> => {
        await collect();
        return made[0]?.deref() === undefined;
      };
      await expect.poll(isGone, { timeout: 10_000 }).toBe(true);
      expect(await frames.next()).toEqual({ done: true, value: undefined });
      pool.assertNoLeaks();
    });

    test('brings back what an iterator holds that was dropped whole', async () => {
      allowCollection();
      const { config, chunks } = await trackOf('h264_bframes.mp4');
      const pool = new VideoFramePool({ capacity: 6 });
      pool.setListener(() => {});
      await (async () => {
        const frames = decodeFrames(pool, streamOf(chunks), config);
        (await frames.next()).value?.release();
      })();
      await expect.poll(() => pool.lentCount).toBeGreaterThan(0);
      await expect.poll(emptied(pool), { timeout: 10_000 }).toBe(0);
      pool.assertNoLeaks();
    });
  });

  describe('[C6] a decoder whose iteration was dropped whole', () => {
    test('is closed, though somebody keeps it', async () => {
      allowCollection();
      const kept: VideoDecoder[] = [];
      class KeptDecoder extends VideoDecoder {
        constructor(init: VideoDecoderInit) {
          super(init);
          kept.push(this);
        }
      }
      const { config, chunks } = await trackOf('vp8.webm');
      const pool = new VideoFramePool({ capacity: 3 });
      pool.setListener(() => {});
      await (async () => {
        const frames = decodeFrames(pool, streamOf(chunks), config, { decoder: KeptDecoder });
        (await frames.next()).value?.release();
      })();
      expect(kept.map(({ state }) => state)).toEqual(['configured']);
      await expect.poll(emptied(pool), { timeout: 10_000 }).toBe(0);
      await expect.poll(() => kept.map(({ state }) => state)).toEqual(['closed']);
    });
  });

  describe('[C6] while collections go on, the net', () => {
    test('takes nothing from an iteration that only its own wait keeps', async () => {
      allowCollection();
      const file = 'h264_bframes.mp4';
      const { config, chunks } = await trackOf(file);
      const timestamps: number[] = [];
      const done = (async () => {
        const pool = new VideoFramePool({ capacity: 1 });
        for await (const handle of decodeFrames(pool, streamOf(chunks), config)) {
          timestamps.push(handle.timestamp);
          handle.release();
        }
        return pool.lentCount;
      })();
      let isOver = false;
      void done.finally(() => (isOver = true));
      while (!isOver) await collect();
      expect(await done).toBe(0);
      expect(timestamps).toEqual(timestampsOf(clip(file)));
    });
  });
} else {
  test('[C6] where nothing forces a collection, what is forgotten is told by its holder’s name', () => {
    expect(collector()).toBeNull();
    const pool = new VideoFramePool({ capacity: 1 });
    const forgotten = pool.adopt(colourFrame(GREY), { holder: 'thumbnailer' });
    expect(() => pool.assertNoLeaks()).toThrow('thumbnailer');
    expect(pool.holders().map(({ holder }) => holder)).toEqual(['thumbnailer']);
    forgotten.release();
    pool.assertNoLeaks();
  });
}

/** What is out after one more collection: a decoder is collected some collections after whoever used it. */
function emptied(pool: VideoFramePool): () => Promise<number> {
  return async () => {
    await collect();
    return pool.lentCount + pool.decodingCount;
  };
}
