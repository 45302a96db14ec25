/** One operation in a large pool against the same in a small one: nothing may search. */
import { VideoFramePool } from '../../../src/index.ts';
import type { FramePermit } from '../../../src/index.ts';
import type { Case } from '../page/case.ts';
import type { Goal } from '../page/goal.ts';
import { atMost } from '../page/goal.ts';
import type { Operations } from '../page/operations.ts';
import { BATCH, keep, microsecondsOf, MORE_ROUNDS } from '../page/operations.ts';
import { inTurns } from '../page/rounds.ts';
import { rowOf } from '../page/row.ts';
import { paired } from '../page/statistics.ts';

/** How much more the large one may cost: what caches and a larger heap do to it. */
const GOAL = atMost(1.2);

const SEARCHES_NOTHING = 'nothing searches, however much is out';

const REASON = new Error('no longer wanted');

const SMALL = 4;
const MANY_SLOTS = 4096;
const MANY_WAITING = 10_000;

/** The last free slot of a pool; a wait in the middle of a queue, and what the engine has a part in that. */
export const cases = (): Case[] => [
  largeAgainstSmall('tryReserve() + release(): 4,096 slots / 4', SEARCHES_NOTHING, GOAL, () => [
    reserveAndRelease(MANY_SLOTS),
    reserveAndRelease(SMALL),
  ]),
  largeAgainstSmall('reserve() + abort in mid-queue: 10,000 waiting / 4', SEARCHES_NOTHING, GOAL, () => [
    joinAndAbort(MANY_WAITING),
    joinAndAbort(SMALL),
  ]),
  largeAgainstSmall(
    'the same without a pool, an AbortController for each: 10,000 / 4',
    'what an engine asks for a controller that it has not touched for a while',
    null,
    () => [abortAlone(MANY_WAITING), abortAlone(SMALL)],
  ),
];

function largeAgainstSmall(
  name: string,
  why: string,
  goal: Goal | null,
  make: () => [Operations<unknown>, Operations<unknown>],
): Case {
  return {
    name,
    async run(rounds) {
      const [large, small] = make();
      const figures = await inTurns(
        { large: () => microsecondsOf(large), small: () => microsecondsOf(small) },
        rounds * MORE_ROUNDS,
      );
      const compared = paired(figures.large, figures.small);
      return [rowOf({ name, why, unit: 'µs', compared, goal })];
    },
  };
}

/** All slots but one are out. */
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

/** A pool with its only slot out, and so many in its queue. */
function joinAndAbort(waiting: number): Operations<unknown> {
  const pool = new VideoFramePool({ capacity: 1 });
  const permit = pool.tryReserve();
  const line = new Line(waiting, (signal) => pool.reserve({ signal }));
  return {
    // Held, or the net would take the permit back and serve the queue.
    prepare: () => permit,
    run() {
      const last = line.abortBatch();
      if (pool.waitingCount !== waiting) throw new Error(`${pool.waitingCount} wait, not ${waiting}`);
      return last;
    },
  };
}

function abortAlone(waiting: number): Operations<unknown> {
  const line = new Line(
    waiting,
    (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  );
  return { prepare: () => {}, run: () => line.abortBatch() };
}

interface Waiting {
  readonly controller: AbortController;
  readonly ended: Promise<unknown>;
}

/**
 * Many who wait. The first half stays; each operation aborts who has waited longest of the second half, and a new one joins
 * at the end. In a long line that is one whose controller nobody touched for a while.
 */
class Line {
  readonly #wait: (signal: AbortSignal) => Promise<unknown>;
  readonly #first: Waiting[];
  readonly #second: Waiting[];
  #oldest = 0;

  constructor(count: number, wait: (signal: AbortSignal) => Promise<unknown>) {
    this.#wait = wait;
    this.#first = Array.from({ length: count / 2 }, () => this.#join());
    this.#second = Array.from({ length: count / 2 }, () => this.#join());
  }

  /** Waits end in the order in which they were aborted, so the last one ends the batch. */
  abortBatch(): Promise<unknown> | undefined {
    let last: Promise<unknown> | undefined;
    for (let index = 0; index < BATCH; index++) {
      const leaving = this.#second[this.#oldest];
      leaving?.controller.abort(REASON);
      last = leaving?.ended;
      this.#second[this.#oldest] = this.#join();
      this.#oldest = (this.#oldest + 1) % this.#second.length;
    }
    keep(this.#first);
    return last;
  }

  #join(): Waiting {
    const controller = new AbortController();
    return { controller, ended: this.#wait(controller.signal).catch(() => {}) };
  }
}
