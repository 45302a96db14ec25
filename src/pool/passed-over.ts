/** Waiters for which a budget has no room, with a starvation timer for each waiter that later waiters have overtaken. */
import type { Clock } from '../base/clock.ts';
import { MAX_TIMER_MS } from '../base/clock.ts';
import type { HolderReport } from './holders.ts';
import { PoolStarvedError } from './starved.ts';
import type { QueueEntry, WaitQueue } from './wait-queue.ts';

/** The pool of a waiter. */
export interface WaitingPool {
  readonly name: string;
  readonly clock: Clock;
  readonly waiters: WaitQueue;
  /** Holders of slots in this pool and in all pools that share its budget: a waiter may depend on any of them. */
  holdersInReach(): HolderReport[];
}

const NOTHING = (): void => {};

/**
 * A waiter that fits may overtake waiters that do not. Otherwise a holder that needs one more loan before it can release would
 * wait forever behind a waiter that does not fit. The timer of a waiter starts when a later waiter overtakes it for the first
 * time. Until then it waits as in a pool without a shared budget.
 */
export class PassedOver {
  readonly #notPassed = new Map<QueueEntry, WaitingPool>();
  #count = 0;

  /** Number of waiters for which the budget has no room. */
  get count(): number {
    return this.#count;
  }

  /** Adds a waiter for which the budget has no room now. Does nothing if the waiter is already added. */
  add(entry: QueueEntry, pool: WaitingPool): void {
    if (entry.onRemoved !== null) return;
    this.#count++;
    this.#notPassed.set(entry, pool);
    entry.onRemoved = () => {
      this.#count--;
      this.#notPassed.delete(entry);
    };
  }

  /** Notes a loan to a caller with this arrival number. Starts the timers of all waiters that arrived earlier. */
  onLoan(arrival: number): void {
    for (const [entry, pool] of this.#notPassed) {
      if (entry.arrival > arrival) continue;
      this.#notPassed.delete(entry);
      const stop = startTimer(entry, pool);
      entry.onRemoved = () => {
        this.#count--;
        stop();
      };
    }
  }
}

/** Starts the starvation timer of a waiter. Returns a function that clears the timer. */
function startTimer(entry: QueueEntry, pool: WaitingPool): () => void {
  const { holder = 'a caller without a name', starvationMs = Infinity } = entry.waiter;
  if (starvationMs > MAX_TIMER_MS) return NOTHING;
  const timer = pool.clock.setTimeout(() => {
    const error = new PoolStarvedError(pool.name, starvationMs, pool.holdersInReach(), holder);
    pool.waiters.cancel(entry);
    entry.waiter.fail(error);
  }, starvationMs);
  return () => pool.clock.clearTimeout(timer);
}
