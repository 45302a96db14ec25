/** One operation in a large pool against the same in a small one: nothing may search. */
import { VideoFramePool } from '../../../src/index.ts';
import type { FramePermit } from '../../../src/index.ts';
import type { Case } from '../page/case.ts';
import { atMost } from '../page/goal.ts';
import type { Operations } from '../page/operations.ts';
import { BATCH, keep, microsecondsOf, MORE_ROUNDS } from '../page/operations.ts';
import { inTurns } from '../page/rounds.ts';
import { rowOf } from '../page/row.ts';
import { paired } from '../page/statistics.ts';

/** How much more the large one may cost: what caches and a larger heap do to it. */
const GOAL = atMost(1.2);

const SMALL = 4;
const MANY_SLOTS = 4096;
const MANY_WAITING = 10_000;

/** The last free slot of a pool; a wait in the middle of a queue. */
export const cases = (): Case[] => [
  largeAgainstSmall('tryReserve() + release(): 4,096 slots / 4', () => [
    reserveAndRelease(MANY_SLOTS),
    reserveAndRelease(SMALL),
  ]),
  largeAgainstSmall('reserve() + abort in mid-queue: 10,000 waiting / 4', () => [
    joinAndAbort(MANY_WAITING),
    joinAndAbort(SMALL),
  ]),
];

function largeAgainstSmall(name: string, make: () => [Operations<unknown>, Operations<unknown>]): Case {
  return {
    name,
    async run(rounds) {
      const [large, small] = make();
      const figures = await inTurns(
        { large: () => microsecondsOf(large), small: () => microsecondsOf(small) },
        rounds * MORE_ROUNDS,
      );
      const compared = paired(figures.large, figures.small);
      return [
        rowOf({ name, why: 'nothing searches, however much is out', unit: 'µs', compared, goal: GOAL }),
      ];
    },
  };
}

/** All slots but one are out. Each of them is in the engine's `FinalizationRegistry`, whose table grows with them. */
function reserveAndRelease(capacity: number): Operations<unknown> {
  const pool = new VideoFramePool({ capacity });
  const out: (FramePermit | null)[] = [];
  while (out.length < capacity - 1) out.push(pool.tryReserve());
  return {
    prepare: () => out,
    run() {
      for (let index = 0; index < BATCH; index++) {
        const permit = pool.tryReserve();
        keep(permit);
        permit?.release();
      }
    },
  };
}

/**
 * A pool with its only slot out. The first half of its queue stays; each operation aborts who has waited longest of the
 * second half, and a new one joins at the end. In the long queue that is an `AbortController` which nobody touched for
 * a while, and cold ones cost more to abort also where there is no pool.
 */
function joinAndAbort(waiting: number): Operations<unknown> {
  const pool = new VideoFramePool({ capacity: 1 });
  const reason = new Error('no longer wanted');
  const join = (): { controller: AbortController; ended: Promise<unknown> } => {
    const controller = new AbortController();
    return { controller, ended: pool.reserve({ signal: controller.signal }).catch(() => {}) };
  };
  const permit = pool.tryReserve();
  const first = Array.from({ length: waiting / 2 }, join);
  const second = Array.from({ length: waiting / 2 }, join);
  let oldest = 0;
  return {
    // Held, or the net would take the permit back and serve the queue.
    prepare: () => [permit, first],
    // Waits end in the order in which they were aborted, so the last one ends the batch.
    run() {
      let last: Promise<unknown> | undefined;
      for (let index = 0; index < BATCH; index++) {
        const leaving = second[oldest];
        leaving?.controller.abort(reason);
        last = leaving?.ended;
        second[oldest] = join();
        oldest = (oldest + 1) % second.length;
      }
      if (pool.waitingCount !== waiting) throw new Error(`${pool.waitingCount} wait, not ${waiting}`);
      return last;
    },
  };
}
