/**
 * Streams that an app forgot with handles in them: the leak detector returns these, and a kept signal keeps
 * nothing else alive.
 */
import { describe, expect, test } from 'vitest';
import type { FrameHandle } from '../../src/index.ts';
import { pooledFrames, shareFrames } from '../../src/index.ts';
import { openVideo } from '../../src/media/index.ts';
import { allowCollection } from '../support/accounting.ts';
import { checkedPool, expectHeld, expectRecovered, listen } from '../support/checked-pools.ts';
import { colourFrame } from '../support/frames.ts';
import { clipBlob } from '../support/packets.ts';
import { outcomeOf, tasks } from '../support/streams.ts';

describe('[C6] [edge 16] the leak detector returns', () => {
  test.each([1, 2, 4])(
    'frames that are ready in a pair that was dropped whole, at capacity %i',
    async (capacity) => {
      allowCollection();
      const pool = checkedPool({ capacity });
      const notices = listen(pool);
      const controller = new AbortController();
      await (async () => {
        const { writable } = pooledFrames(pool, { signal: controller.signal, highWaterMark: 4 });
        const writer = writable.getWriter();
        // The last of them finds no room, and waits for a read that never comes.
        for (let write = 0; write < 6; write++) void outcomeOf(writer.write(colourFrame([1, 2, 3])));
        await tasks();
      })();
      expect(pool.lentCount).toBe(capacity);
      expect(pool.waitingCount).toBe(0);
      await expectRecovered(pool);
      expect(notices).toEqual(Array.from({ length: capacity }, () => 'recovered'));
      expect(controller.signal.aborted).toBe(false);
    },
  );

  test('frames that wait in branches that were dropped, though the app kept the stream', async () => {
    allowCollection();
    const pool = checkedPool({ capacity: 4 });
    const notices = listen(pool);
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
    expect(notices).toEqual(['recovered']);
    expect(stream.locked).toBe(true);
  });

  test('frames that a reader’s stream has decoded ahead', async () => {
    allowCollection();
    const pool = checkedPool({ capacity: 6 });
    const controller = new AbortController();
    await (async () => {
      const reader = await openVideo(await clipBlob('vp9.webm'));
      const frames = reader.readable({ pool, signal: controller.signal }).getReader();
      (await frames.read()).value?.release();
    })();
    await expectHeld(pool);
    await expectRecovered(pool);
    expect(controller.signal.aborted).toBe(false);
  });
});
