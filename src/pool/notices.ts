/** Tells the one listener about each slot that came back: outside every call, in order, without starving the page. */
import type { Clock } from '../clock.ts';
import { Queue } from '../queue.ts';

/** What the listener is told about one slot that came back. */
export interface PoolNotice {
  /**
   * `'released'`: the last holder gave it back. `'recovered'`: all holders forgot it, and the net brought it back.
   * `'lost'`: the thread or window that held it is gone, or could not read it.
   */
  readonly reason: 'released' | 'recovered' | 'lost';
  /** Whether the buffer or frame was destroyed rather than kept for reuse, for another reason than that frames always are. */
  readonly discarded: boolean;
  /** Slots that were free right after this one came back and who waited was served. */
  readonly freeCount: number;
  /** Who never released, one name a share; empty for `'released'`. */
  readonly holders: readonly string[];
}

/** The function that a pool tells. */
export type PoolListener = (notice: PoolNotice) => void;

/**
 * Notices told in a row before the rest goes on in a later task. A notice costs about a microsecond, so this bounds a
 * burst to a millisecond of the library's own time.
 */
const RUN_LIMIT = 1000;

/** After so many notices a timer is set that starts the count again, if the page gets to run it. */
const RUN_WATCHED_FROM = 100;

/** One queue of notices, at most one listener. */
export class Notices {
  #listener: PoolListener | null = null;
  readonly #queue = new Queue<PoolNotice>();
  #scheduled = false;
  #toldInARow = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get listener(): PoolListener | null {
    return this.#listener;
  }

  setListener(listener: PoolListener | null): void {
    this.#listener = listener;
  }

  /** Queues a notice. Whoever is the listener when it is delivered is told, also one that is registered after this. */
  tell(notice: PoolNotice): void {
    this.#queue.push(notice);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(this.#deliver);
  }

  readonly #deliver = (): void => {
    // A listener that acquires and releases makes a notice out of each notice, inside this run or by a microtask of its
    // own. Both are counted together, and only a task in between starts the count again.
    while (this.#queue.length > 0) {
      if (this.#toldInARow >= RUN_LIMIT) {
        this.#clock.setTimeout(() => {
          this.#toldInARow = 0;
          this.#deliver();
        }, 0);
        return;
      }
      if (++this.#toldInARow === RUN_WATCHED_FROM) {
        this.#clock.setTimeout(() => {
          this.#toldInARow = 0;
        }, 0);
      }
      const notice = this.#queue.shift();
      if (notice !== undefined) this.#call(notice);
    }
    this.#scheduled = false;
  };

  #call(notice: PoolNotice): void {
    try {
      this.#listener?.(notice);
    } catch (error) {
      report(error);
    }
  }
}

/** To the page's `error` event; where there is none (Node 20), as an uncaught exception of a task of its own. */
function report(error: unknown): void {
  if (typeof reportError === 'function') {
    reportError(error);
    return;
  }
  setTimeout(() => {
    throw error;
  }, 0);
}
