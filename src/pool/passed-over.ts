/** Waiters for which a budget has no room, and the time for which others pass them over. */
import type { Clock } from '../clock.ts';
import type { HolderReport } from './holders.ts';
import { PoolStarvedError } from './starved.ts';
import type { Place, Waiters } from './waiters.ts';

/** The pool in which a waiter stands. */
export interface WaitingPool {
  readonly name: string;
  readonly clock: Clock;
  readonly waiters: Waiters;
  /** Holders of what could be waited for: in this pool, and in those that share its budget. */
  holdersInReach(): HolderReport[];
}

/** Longer timers fire at once, in browsers and in Node. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const NOTHING = (): void => {};

/**
 * A waiter that does not fit is passed over by those that do: the loan that others need to give theirs back would wait behind it for
 * ever. Its time begins when it is passed over for the first time. As long as it is not, it waits as in a pool of its own.
 */
export class PassedOver {
  readonly #notPassed = new Map<Place, WaitingPool>();
  #count = 0;

  /** How many waiters the budget has no room for. */
  get count(): number {
    return this.#count;
  }

  /** The budget has no room for this waiter now. Harmless if that is known. */
  add(place: Place, pool: WaitingPool): void {
    if (place.onLeave !== null) return;
    this.#count++;
    this.#notPassed.set(place, pool);
    place.onLeave = () => {
      this.#count--;
      this.#notPassed.delete(place);
    };
  }

  /** A loan was made. It has passed those that arrived before its own caller. */
  onLoan(arrival: number): void {
    for (const [place, pool] of this.#notPassed) {
      if (place.arrival > arrival) continue;
      this.#notPassed.delete(place);
      const stop = startTimer(place, pool);
      place.onLeave = () => {
        this.#count--;
        stop();
      };
    }
  }
}

/** Returns what stops it. */
function startTimer(place: Place, pool: WaitingPool): () => void {
  const { holder = 'a caller without a name', starvationMs = Infinity } = place.waiter;
  if (starvationMs > MAX_TIMER_MS) return NOTHING;
  const timer = pool.clock.setTimeout(() => {
    const error = new PoolStarvedError(pool.name, starvationMs, pool.holdersInReach(), holder);
    pool.waiters.leave(place);
    place.waiter.fail(error);
  }, starvationMs);
  return () => pool.clock.clearTimeout(timer);
}
