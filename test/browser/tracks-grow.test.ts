/** A canvas that grows while the app holds its last picture, like a shared window that is enlarged. */
import { expect, test } from 'vitest';
import type { PoolOptions } from '../../src/index.ts';
import { FrameBudget, trackFrames } from '../../src/index.ts';
import { ManualClock } from '../../src/testing/manual-clock.ts';
import { checkedPool } from '../support/checked-pools.ts';

/** A canvas of 64 × 64 pixels with a track, which is painted until the test is over. */
function paintedCanvas() {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 64;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no context');
  const [track] = canvas.captureStream().getVideoTracks();
  if (track === undefined) throw new Error('no track');
  let count = 0;
  const paint = (): void => {
    context.fillStyle = count++ % 2 === 0 ? 'red' : 'blue';
    context.fillRect(0, 0, canvas.width, canvas.height);
  };
  return { canvas, track, paint };
}

test.each<[string, Partial<PoolOptions>, string]>([
  ['more than maxBytes', { maxBytes: 100_000 }, 'QuotaExceededError'],
  ['more than a budget', { budget: new FrameBudget({ maxBytes: 100_000 }) }, 'QuotaExceededError'],
  ['more than maxBytes beside the held picture', { maxBytes: 270_000 }, 'PoolStarvedError'],
])('frames that grow to %s end the iteration with an error', async (_, limit, name) => {
  const clock = new ManualClock();
  const pool = checkedPool({ capacity: 4, clock, ...limit });
  const { canvas, track, paint } = paintedCanvas();
  const frames = trackFrames(pool, track, { starvationMs: 1000 });
  const first = frames.next();
  await expect.poll(() => (paint(), pool.lentCount)).toBeGreaterThan(0);
  let shown = (await first).value;
  canvas.width = canvas.height = 256;
  let error: Error | null = null;
  while (error === null) {
    let isSettled = false;
    const next = frames.next().catch((failure: Error) => failure);
    void next.then(() => (isSettled = true));
    const before = pool.stats().dropped;
    await expect.poll(() => (paint(), isSettled || pool.stats().dropped > before)).toBe(true);
    if (!isSettled) clock.advance(1000);
    const settled = await next;
    if (settled instanceof Error) {
      error = settled;
      continue;
    }
    // A frame of the old size, which was in transit.
    expect(settled.value?.frame.codedWidth).toBe(64);
    shown?.release();
    shown = settled.value;
  }
  expect(error.name).toBe(name);
  shown?.release();
  track.stop();
});
