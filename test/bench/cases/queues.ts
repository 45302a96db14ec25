/** One operation in a large pool against the same in a small one: no operation may search. */
import { canvasStorage, VideoFramePool } from '../../../src/index.ts';
import type { FramePermit } from '../../../src/index.ts';
import type { Case } from '../page/case.ts';
import type { Goal } from '../page/goal.ts';
import { atMost } from '../page/goal.ts';
import type { Operations } from '../page/operations.ts';
import { BATCH, keep, microsecondsOf, MORE_ROUNDS } from '../page/operations.ts';
import { pairedInTurns } from '../page/rounds.ts';

/** The allowed ratio of a large pool to a small one, for caches and a larger heap. */
const GOAL = atMost(1.2);

const REASON = new Error('no longer wanted');

const SMALL = 4;
const MANY_SLOTS = 4096;
const MANY_WAITING = 10_000;

/** The last free slot of a pool; a wait in the middle of a queue, and the engine's part in that; an idle buffer. */
export const cases = (): Case[] => {
  const why = 'no operation searches, however many slots are lent';
  const buffers = 'no operation searches, however many buffers are idle';
  const engine = 'the engine’s cost of a controller that it has not touched for a while';
  const alone = 'the same without a pool, an AbortController for each: 10,000 / 4';
  return [
    largeAgainstSmall('tryReserve() + release(): 4,096 slots / 4', why, reserveAndRelease, MANY_SLOTS),
    largeAgainstSmall('reserve() + abort in mid-queue: 10,000 waiting / 4', why, joinAndAbort, MANY_WAITING),
    largeAgainstSmall(alone, engine, abortAlone, MANY_WAITING, null),
    largeAgainstSmall('a buffer lent and released: 4,096 slots / 4', buffers, lendBuffers, MANY_SLOTS),
  ];
};

/** @param many - The size of the large one. */
function largeAgainstSmall(
  name: string,
  why: string,
  make: (size: number) => Operations<unknown>,
  many: number,
  goal: Goal | null = GOAL,
): Case {
  return {
    name,
    async run(rounds) {
      const [large, small] = [make(many), make(SMALL)];
      const figures = [() => microsecondsOf(large), () => microsecondsOf(small)] as const;
      const compared = await pairedInTurns(...figures, rounds * MORE_ROUNDS);
      for (const { end } of [large, small]) end?.();
      return [{ name, why, unit: 'µs', compared, goal }];
    },
  };
}

/** All slots but one are lent. */
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

/** All other slots are idle. */
function lendBuffers(capacity: number): Operations<unknown> {
  const storage = canvasStorage({ width: 1, height: 1 });
  const pool = new VideoFramePool({ capacity, initial: capacity, storage, idleMs: Infinity });
  return {
    prepare: () => pool,
    run() {
      for (let index = 0; index < BATCH; index++) {
        const handle = pool.tryAcquire();
        keep(handle);
        handle?.release();
      }
    },
    end() {
      if (pool.idleCount !== capacity || pool.stats().reused === 0)
        throw new Error('the buffers were not reused');
      pool.close();
    },
  };
}

/** A pool whose only slot is lent, with a queue of this length. */
function joinAndAbort(waiting: number): Operations<unknown> {
  const pool = new VideoFramePool({ capacity: 1 });
  const permit = pool.tryReserve();
  const line = new Line(waiting, (signal) => pool.reserve({ signal }));
  return {
    // Held, because the leak detector would otherwise return the permit and serve the queue.
    prepare: () => permit,
    run() {
      const last = line.abortBatch();
      if (pool.waitingCount !== waiting) throw new Error(`${pool.waitingCount} wait, not ${waiting}`);
      return last;
    },
  };
}

function abortAlone(waiting: number): Operations<unknown> {
  const wait = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  const line = new Line(waiting, wait);
  return { prepare: () => {}, run: () => line.abortBatch() };
}

/**
 * Many waiters. The first half stays; each operation aborts the waiter that has waited longest of the second half, and a new
 * one joins at the end. In a long line its controller has not been touched for a while.
 */
class Line {
  readonly #wait: (signal: AbortSignal) => Promise<unknown>;
  readonly #first;
  readonly #second;
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

  #join() {
    const controller = new AbortController();
    return { controller, ended: this.#wait(controller.signal).catch(() => {}) };
  }
}
