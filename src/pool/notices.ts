/** Queue of notices about returned slots. Delivers them to a single listener, in order and never inside a call. */
import { inNextTask } from '../base/next-task.ts';
import { Queue } from '../base/queue.ts';

/** Notice about one returned slot. */
export interface PoolNotice {
  /**
   * `'released'`: the last holder released it. `'recovered'`: all holders were garbage-collected without a release, and the leak
   * detector returned the slot. `'lost'`: the thread or window that held it is gone, or could not read it.
   */
  readonly reason: 'released' | 'recovered' | 'lost';
  /** Whether the content was destroyed instead of kept. False for a frame closed only because frames are never reused. */
  readonly discarded: boolean;
  /** Free slots right after this slot was returned and waiters were served. */
  readonly freeCount: number;
  /** Names of the holders that did not release, one per share; empty for `'released'`. */
  readonly holders: readonly string[];
}

/** Callback that receives a pool's notices. */
export type PoolListener = (notice: PoolNotice) => void;

/** Number of consecutive runs in microtasks after which the next run starts in a later task, so that the page gets its turn. */
const RUN_LIMIT = 1000;

/** Number of the consecutive run that posts a message. The message resets the count, because it arrives in a new task. */
const RUN_WATCHED_FROM = 100;

/**
 * A run delivers all notices that are queued when it starts, even after a burst of releases, so the queue does not grow from run
 * to run. A listener that acquires and releases causes a new notice for each notice:
 *
 *   - notices queued during the run are delivered by another run, in the next task,
 *   - notices queued in the listener's own microtasks start runs of their own, which are counted.
 *
 * No timer is used: browsers throttle timers of hidden tabs, and the listener would fall behind.
 */
export class Notices {
  #listener: PoolListener | null = null;
  readonly #queue = new Queue<PoolNotice>();
  #isScheduled = false;
  /** Runs in microtasks since the last task that is known to have started. */
  #runsInARow = 0;

  get listener(): PoolListener | null {
    return this.#listener;
  }

  setListener(listener: PoolListener | null): void {
    this.#listener = listener;
  }

  /** Queues a notice for the listener that is registered at delivery. Without a listener the notice is dropped at delivery. */
  notify(notice: PoolNotice): void {
    this.#queue.push(notice);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (this.#runsInARow >= RUN_LIMIT) inNextTask(this.#deliverInTask);
    else queueMicrotask(this.#deliverInMicrotask);
  }

  readonly #deliverInMicrotask = (): void => {
    if (++this.#runsInARow === RUN_WATCHED_FROM) inNextTask(this.#noteTask);
    this.#deliver();
  };

  readonly #deliverInTask = (): void => {
    this.#noteTask();
    this.#deliver();
  };

  readonly #noteTask = (): void => {
    this.#runsInARow = 0;
  };

  #deliver(): void {
    if (this.#listener === null) this.#queue.clear();
    for (let left = this.#queue.length; left > 0; left--) {
      const notice = this.#queue.shift();
      if (notice !== undefined) this.#call(notice);
    }
    this.#isScheduled = this.#queue.length > 0;
    if (this.#isScheduled) inNextTask(this.#deliverInTask);
  }

  #call(notice: PoolNotice): void {
    try {
      this.#listener?.(notice);
    } catch (error) {
      report(error);
    }
  }
}

/** Reports to the page's `error` event. Without `reportError` (Node 20) throws an uncaught exception in a task of its own. */
function report(error: unknown): void {
  if (typeof reportError === 'function') {
    reportError(error);
    return;
  }
  setTimeout(() => {
    throw error;
  }, 0);
}
