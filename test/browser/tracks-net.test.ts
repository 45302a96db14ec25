/** Iterations over tracks that the app forgot, with a forced collection. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PoolNotice } from '../../src/index.ts';
import { trackFrames, VideoFramePool } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/index.ts';
import { allowCollection, collect } from '../support/accounting.ts';
import { frameAccount } from '../support/frame-account.ts';
import { hideProcessor, NumberedCanvas, takeMark } from '../support/tracks.ts';

let canvas: NumberedCanvas;
let pool: VideoFramePool;
let notices: PoolNotice[];

beforeEach(() => {
  allowCollection();
  canvas = new NumberedCanvas();
  pool = new VideoFramePool({ capacity: 4 });
  notices = [];
  pool.setListener((notice) => notices.push(notice));
});
afterEach(() => {
  canvas.stop();
  pool.assertNoLeaks();
});

/** Begins to read, and forgets it with a frame queued. */
async function forget(signal?: AbortSignal): Promise<void> {
  await (async () => {
    const frames = trackFrames(pool, canvas.track, { signal, holder: 'viewer' });
    const first = await canvas.showUntil(frames.next());
    first.value?.release();
    await canvas.show();
    await expect.poll(() => pool.lentCount).toBe(1);
  })();
}

/** The reading has ended: of what comes now only the witness opens anything. */
async function expectReadingEnded(): Promise<void> {
  // With which the last read may end.
  await canvas.show();
  const others = frameAccount().opened - canvas.witnessed;
  const { dropped } = pool.stats();
  await canvas.show(3);
  expect(frameAccount().opened - canvas.witnessed).toBe(others);
  expect(pool.stats().dropped).toBe(dropped);
  expect(canvas.track.readyState).toBe('live');
}

const WAYS = [
  ['a processor', (): (() => void) => () => {}],
  ['an element', hideProcessor],
] as const;

describe.each(WAYS)('[C6] [edge 16] an iterator that reads a track through %s', (_, enter) => {
  let leave: () => void;
  beforeEach(() => {
    leave = enter();
  });
  afterEach(() => leave());

  test('gives its queued frame back when it is forgotten, and reads no more', async () => {
    await forget();
    await expect
      .poll(
        async () => {
          await collect();
          return pool.lentCount;
        },
        { timeout: 10_000 },
      )
      .toBe(0);
    expect(notices.at(-1)).toMatchObject({ reason: 'recovered', holders: ['viewer'] });
    await expectReadingEnded();
  });

  test('is not kept alive by its signal', async () => {
    const controller = new AbortController();
    await forget(controller.signal);
    await expect
      .poll(
        async () => {
          await collect();
          return pool.lentCount;
        },
        { timeout: 10_000 },
      )
      .toBe(0);
    controller.abort();
    await expectReadingEnded();
  });

  test('lives on while somebody waits for its next frame, though nobody else refers to it', async () => {
    const next = (() => {
      // Not even the timers of the platform refer to it by way of the pool.
      const forgotten = new VideoFramePool({ capacity: 2, clock: new ManualClock() });
      return takeMark(trackFrames(forgotten, canvas.track));
    })();
    await collect();
    expect(await canvas.showUntil(next)).toBeGreaterThanOrEqual(0);
    await expect
      .poll(
        async () => {
          await collect();
          const others = frameAccount().opened - canvas.witnessed;
          await canvas.show();
          return frameAccount().opened - canvas.witnessed - others;
        },
        { timeout: 10_000 },
      )
      .toBe(0);
  });
});
