/** The leak detector if a collection can be forced, and the report of a leak if not. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { PoolNotice } from '../../src/index.ts';
import { decodeFrames, VideoFramePool } from '../../src/index.ts';
import { clip, timestampsOf } from '../media/clips.ts';
import { allowCollection, collect, collector, livePictures } from '../support/accounting.ts';
import { hookedDecoder } from '../support/decoders.ts';
import { iterate } from '../support/decoding.ts';
import { does } from '../support/engine.ts';
import { colourFrame } from '../support/frames.ts';
import { streamOf, trackOf } from '../support/packets.ts';
import { takeAll } from '../support/streams.ts';

const FILE = 'h264_bframes.mp4';
const GREY = [90, 90, 90] as const;

if (does('collects')) {
  beforeEach(allowCollection);

  describe('[C6] the leak detector', () => {
    test('returns dropped handles, read or not, and names their holders', async () => {
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
      await expectCollected(pool);
      expect([pool.freeCount, livePictures()]).toEqual([20, 0]);
      expect(notices.map(({ reason, holders }) => [reason, ...holders])).toEqual(
        notices.map(() => ['recovered', 'thumbnailer']),
      );
      expect(notices.length).toBe(20);
    });

    test('ignores a frame that the app kept, though it dropped the handle', async () => {
      const pool = new VideoFramePool({ capacity: 1 });
      pool.setListener(() => {});
      let frame: VideoFrame | null = (() => pool.adopt(colourFrame(GREY, { timestamp: 7 })).frame)();
      await collect();
      expect([frame.codedWidth, frame.timestamp, pool.lentCount]).toEqual([64, 7, 1]);
      frame = null;
      await expectCollected(pool);
    });

    test('ignores an iteration that has ended, which does not keep its decoder alive', async () => {
      const made: WeakRef<VideoDecoder>[] = [];
      const decoder = class extends VideoDecoder {
        constructor(init: VideoDecoderInit) {
          super(init);
          made.push(new WeakRef(this));
        }
      };
      const { frames } = await iterate(FILE, { capacity: 4 }, { decoder });
      await takeAll(frames);
      expect(made).toHaveLength(1);
      const isGone = async (): Promise<boolean> => {
        await collect();
        return made[0]?.deref() === undefined;
      };
      await expect.poll(isGone, { timeout: 10_000 }).toBe(true);
      expect(await frames.next()).toEqual({ done: true, value: undefined });
    });

    test('returns the frames of an iterator that was dropped whole', async () => {
      const pool = await dropIteration(FILE, 6);
      await expect.poll(() => pool.lentCount).toBeGreaterThan(0);
      await expectCollected(pool);
    });
  });

  describe('[C6] a decoder whose iteration was dropped whole', () => {
    test('is closed, though a reference to it is kept', async () => {
      const decoder = hookedDecoder();
      const pool = await dropIteration('vp8.webm', 3, decoder);
      expect(decoder.made.map(({ state }) => state)).toEqual(['configured']);
      await expectCollected(pool);
      await expect.poll(() => decoder.made.map(({ state }) => state)).toEqual(['closed']);
    });
  });

  describe('[C6] during collections, the leak detector', () => {
    test('takes nothing from an iteration that only its own wait keeps alive', async () => {
      const { config, chunks } = await trackOf(FILE);
      // The pool and the iteration have no other reference.
      const done = (() => {
        const pool = new VideoFramePool({ capacity: 1 });
        return takeAll(decodeFrames(pool, streamOf(chunks), config)).then((timestamps) => {
          expect(pool.lentCount).toBe(0);
          return timestamps;
        });
      })();
      let isOver = false;
      void done.finally(() => (isOver = true));
      while (!isOver) await collect();
      expect(await done).toEqual(timestampsOf(clip(FILE)));
    });
  });
} else {
  test('[C6] leaked slots that no collection can return are reported with their holder', () => {
    expect(collector()).toBeNull();
    const pool = new VideoFramePool({ capacity: 1 });
    const forgotten = pool.adopt(colourFrame(GREY), { holder: 'thumbnailer' });
    expect(() => pool.assertNoLeaks()).toThrow('thumbnailer');
    expect(pool.holders().map(({ holder }) => holder)).toEqual(['thumbnailer']);
    forgotten.release();
    pool.assertNoLeaks();
  });
}

/** Begins an iteration over a clip, and drops it. Its pool has a listener. */
async function dropIteration(
  file: string,
  capacity: number,
  decoder = VideoDecoder,
): Promise<VideoFramePool> {
  const { pool, frames } = await iterate(file, { capacity }, { decoder });
  pool.setListener(() => {});
  (await frames.next()).value?.release();
  return pool;
}

/** Collects until no slot is lent: a decoder is collected some collections after its user. */
async function expectCollected(pool: VideoFramePool): Promise<void> {
  const out = async (): Promise<number> => {
    await collect();
    return pool.lentCount + pool.decodingCount;
  };
  await expect.poll(out, { timeout: 10_000 }).toBe(0);
}
