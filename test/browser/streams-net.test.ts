/** Streams that an app forgot with handles in them: the net brings those back, and whoever kept a signal keeps nothing else. */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { pooledFrames, shareFrames, VideoFramePool } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { allowCollection, collect } from '../support/accounting.ts';
import { colourFrame } from '../support/frames.ts';
import { clipBlob } from '../support/packets.ts';
import { fate, tasks } from '../support/streams.ts';

function listened(capacity: number): { pool: VideoFramePool; reasons: string[] } {
  const pool = new VideoFramePool({ capacity });
  const reasons: string[] = [];
  pool.setListener(({ reason }) => reasons.push(reason));
  return { pool, reasons };
}

async function expectRecovered(pool: VideoFramePool): Promise<void> {
  const out = async (): Promise<number> => {
    await collect();
    return pool.lentCount + pool.decodingCount + pool.waitingCount;
  };
  await expect.poll(out, { timeout: 10_000 }).toBe(0);
}

describe('[C6] [edge 16] the net brings back', () => {
  test.each([1, 2, 4])('what is ready in a pair that was dropped whole, at capacity %i', async (capacity) => {
    allowCollection();
    const { pool, reasons } = listened(capacity);
    const controller = new AbortController();
    const ahead = 4;
    await (async () => {
      const { writable } = pooledFrames(pool, { signal: controller.signal, ahead });
      const writer = writable.getWriter();
      // The last of them finds no room, and waits for a read that never comes.
      for (let write = 0; write < 6; write++) void fate(writer.write(colourFrame([1, 2, 3])));
      await tasks();
    })();
    expect(pool.lentCount).toBe(capacity);
    expect(pool.waitingCount).toBe(0);
    await expectRecovered(pool);
    expect(reasons).toEqual(Array.from({ length: capacity }, () => 'recovered'));
    expect(controller.signal.aborted).toBe(false);
    pool.assertNoLeaks();
  });

  test('what waits in branches that were dropped, though the app kept the stream', async () => {
    allowCollection();
    const { pool, reasons } = listened(4);
    const stream = new ReadableStream<FrameHandle>(
      { pull: (controller) => controller.enqueue(pool.adopt(colourFrame([1, 2, 3]))) },
      { highWaterMark: 0 },
    );
    await (async () => {
      const [first] = shareFrames(stream, ['a', 'b']);
      (await first.getReader().read()).value?.release();
    })();
    expect(pool.lentCount).toBe(1);
    await expectRecovered(pool);
    expect(reasons).toEqual(['recovered']);
    expect(stream.locked).toBe(true);
    pool.assertNoLeaks();
  });

  test('what a reader’s stream has decoded ahead', async () => {
    allowCollection();
    const { pool } = listened(6);
    const controller = new AbortController();
    await (async () => {
      const reader = await openVideo(await clipBlob('vp9.webm'));
      const frames = reader.readable({ pool, signal: controller.signal }).getReader();
      (await frames.read()).value?.release();
    })();
    await expect.poll(() => pool.lentCount).toBeGreaterThan(0);
    await expectRecovered(pool);
    expect(controller.signal.aborted).toBe(false);
  });
});
