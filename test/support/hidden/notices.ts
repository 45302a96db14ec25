/** Bursts of releases in a hidden page, and steady releases after a burst. */
import { VideoFramePool } from '../../../src/index.ts';
import { nextTask, run } from './program.ts';

const BURST = 12_000;
const TASKS = 3000;
const RELEASES_A_TASK = 4;

/** Takes and releases slots, without frames. */
function release(pool: VideoFramePool, count: number): void {
  const permits = Array.from({ length: count }, () => pool.tryReserve());
  for (const permit of permits) permit?.release();
}

/** Counts the calls of a listener. `mostBehind` is the most notices that were due at the beginning of a task. */
export const deliverNotices = () =>
  run(async () => {
    const pool = new VideoFramePool({ capacity: BURST });
    let called = 0;
    pool.setListener(() => called++);
    release(pool, BURST);
    let released = BURST;
    let mostBehind = 0;
    for (let task = 0; task < TASKS; task++) {
      await nextTask();
      mostBehind = Math.max(mostBehind, released - called);
      release(pool, RELEASES_A_TASK);
      released += RELEASES_A_TASK;
    }
    await nextTask();
    return { released, called, mostBehind };
  });

/** Counts the calls of a listener that causes another notice for each notice, once per task. */
export const answerNotices = () =>
  run(async () => {
    const pool = new VideoFramePool({ capacity: 1 });
    let called = 0;
    pool.setListener(() => {
      if (++called < TASKS) release(pool, 1);
    });
    release(pool, 1);
    // More tasks than needed, so that a listener that is no longer called fails the test instead of hanging it.
    for (let left = 10 * TASKS; left > 0 && called < TASKS; left--) await nextTask();
    return { called };
  });

/** Counts the calls of a listener that is registered after a burst without a listener. */
export const listenLate = () =>
  run(async () => {
    const pool = new VideoFramePool({ capacity: BURST });
    release(pool, BURST);
    await nextTask();
    let called = 0;
    pool.setListener(() => called++);
    release(pool, 1);
    await nextTask();
    return { called };
  });
