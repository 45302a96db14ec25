/** Queue of notices about slots that came back, delivered to the one listener: outside every call, and in order. */
import { inNextTask } from '../next-task.ts';
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

/** Runs that begin in microtasks before the next one begins in a later task, so that the page gets its turn. */
const RUN_LIMIT = 1000;

/** Number of such a run that posts a message. The message starts the count again, because a task lies between. */
const RUN_WATCHED_FROM = 100;

/**
 * A run delivers all notices that are queued when it begins, however many a burst of releases has left, so the queue does not
 * grow from run to run. A listener that acquires and releases makes a notice of each notice:
 *
 *   - those of the run itself are delivered by another run, in the next task,
 *   - those of the listener's own microtasks begin runs of their own, which are counted.
 *
 * No timer is involved: timers of hidden tabs are slowed down, and the listener would fall behind.
 */
export class Notices {
  #listener: PoolListener | null = null;
  readonly #queue = new Queue<PoolNotice>();
  #isScheduled = false;
  /** Runs in microtasks since the last task that is known to have begun. */
  #runsInARow = 0;

  get listener(): PoolListener | null {
    return this.#listener;
  }

  setListener(listener: PoolListener | null): void {
    this.#listener = listener;
  }

  /** Queues a notice, for the listener that is registered at its delivery. Without a listener it is dropped then. */
  tell(notice: PoolNotice): void {
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
