/** Iterations over tracks that the app forgot, with a forced collection. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { PoolNotice } from '../../src/index.ts';
import { trackFrames, VideoFramePool } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { allowCollection, collect } from '../support/accounting.ts';
import { checkedPool, expectRecovered } from '../support/checked-pools.ts';
import { frameAccount } from '../support/frame-account.ts';
import { expectUnread, hideProcessor, NumberedCanvas, takeMark } from '../support/tracks.ts';

let canvas: NumberedCanvas;
let pool: VideoFramePool;
let notices: PoolNotice[];

beforeEach(() => {
  allowCollection();
  canvas = new NumberedCanvas();
  pool = checkedPool({ capacity: 4 });
  notices = [];
  pool.setListener((notice) => notices.push(notice));
});

/** Begins to read, forgets the iterator with a frame queued, and waits until the frame is recovered. */
async function forget(signal?: AbortSignal): Promise<void> {
  await (async () => {
    const frames = trackFrames(pool, canvas.track, { signal, holder: 'viewer' });
    const first = await canvas.showUntil(frames.next());
    first.value?.release();
    // A collection by the engine itself may have recovered it already.
    await canvas.showWhile(() => pool.lentCount + pool.stats().recovered === 0);
  })();
  await expectRecovered(pool);
}

/** The iteration has ended: new pictures are neither opened nor dropped. */
async function expectReadingEnded(): Promise<void> {
  // The last read may end with this picture.
  await canvas.show();
  const { dropped } = pool.stats();
  await expectUnread(canvas);
  expect(pool.stats().dropped).toBe(dropped);
}

describe.each([
  ['a processor', () => {}],
  ['an element', hideProcessor],
])('[C6] [edge 16] an iterator that reads a track through %s', (_, enter) => {
  beforeEach(enter);

  test('returns its queued frame when it is forgotten, and reads no more', async () => {
    await forget();
    expect(notices.at(-1)).toMatchObject({ reason: 'recovered', holders: ['viewer'] });
    await expectReadingEnded();
  });

  test('is not kept alive by its signal', async () => {
    const controller = new AbortController();
    await forget(controller.signal);
    controller.abort();
    await expectReadingEnded();
  });

  test('stays alive during a pending next(), even without another reference', async () => {
    const next = (() => {
      // Not even the timers of the platform refer to it through the pool.
      const forgotten = new VideoFramePool({ capacity: 2, clock: new ManualClock() });
      return takeMark(trackFrames(forgotten, canvas.track));
    })();
    await collect();
    expect(await canvas.showUntil(next)).toBeGreaterThanOrEqual(0);
    const opened = (): number => frameAccount().opened - canvas.witnessed;
    const openedByIterator = async (): Promise<number> => {
      await collect();
      const before = opened();
      await canvas.show();
      return opened() - before;
    };
    await expect.poll(openedByIterator).toBe(0);
  });
});
