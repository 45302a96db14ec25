/** FIFO queue of callers that wait for a slot. Enqueue, cancel and wake are O(1). */
import type { Linked } from '../base/linked-list.ts';
import { LinkedList } from '../base/linked-list.ts';

/**
 * A waiting caller. The queue calls `grant` to serve it or `fail` to end its wait; neither if the caller cancels the wait itself.
 */
export interface Waiter {
  /** Takes the free slot. If it throws, `fail` is called with the error, and the slot stays free. */
  grant(): void;
  fail(reason: unknown): void;
  /** Storage that the waiter would give to the pool, whose buffers need room; null if the pool's current storage is suitable. */
  targetStorage?(): { readonly bufferBytes: number } | null;
  /** Bytes of an existing frame that needs a permit. If undefined, the pool's estimate is used. */
  readonly bytesNeeded?: number | undefined;
  /** Whether the waiter waits until a shared budget has room for one more loan besides its own. */
  keepsHeadroom?(): boolean;
  /** Name of the waiter, for a starvation error. */
  readonly holder?: string | undefined;
  /**
   * Milliseconds for which later waiters may overtake this waiter while a shared budget has no room for it. After that it fails
   * with a `PoolStarvedError`. If undefined, the waiter ends its wait itself.
   */
  readonly starvationMs?: number | undefined;
}

/**
 * Change of a queue. `'removed'`: one waiter was removed, for any reason. `'cancelled'`: after waiters were removed without being
 * served. The waiters behind them may have room now.
 */
export type QueueChange = 'enqueued' | 'removed' | 'cancelled';

/** Entry of the queue. */
export interface QueueEntry extends Linked<QueueEntry> {
  readonly waiter: Waiter;
  readonly signal: AbortSignal | undefined;
  isQueued: boolean;
  /** Arrival number, increasing across the queues of all pools. */
  readonly arrival: number;
  /** Called when the entry is removed, for any reason. */
  onRemoved: (() => void) | null;
}

/** Waiters of one signal, and the queue's abort listener. */
interface SignalEntries {
  readonly entries: Set<QueueEntry>;
  readonly onAbort: () => void;
}

let arrivals = 0;

/**
 * Whether the waiter requests a standard loan. All such waiters need the same room, so if one of them fits, each of them fits.
 */
const isStandard = ({ targetStorage, bytesNeeded, keepsHeadroom }: Waiter): boolean =>
  targetStorage === undefined && bytesNeeded === undefined && keepsHeadroom === undefined;

/**
 * When the signal of a waiter fires, the waiter is removed and rejects. A call by another abort listener of this signal can come
 * before the queue's own listener. `pruneAborted()` handles the abort in that call.
 */
export class WaitQueue {
  readonly #entries = new LinkedList<QueueEntry>();
  /** Number of waiters that do not request a standard loan. */
  #special = 0;
  // One listener per signal for all its waiters, because an AbortSignal searches all its listeners to remove one.
  readonly #bySignal = new Map<AbortSignal, SignalEntries>();
  readonly #onChange: (change: QueueChange) => void;

  /** @param onChange - Called after each change. */
  constructor(onChange: (change: QueueChange) => void = () => {}) {
    this.#onChange = onChange;
  }

  get length(): number {
    return this.#entries.length;
  }

  /** The oldest entry; null if the queue is empty. Later entries follow through `next`. */
  get first(): QueueEntry | null {
    return this.#entries.first;
  }

  /** The newest entry; null if the queue is empty. */
  get last(): QueueEntry | null {
    return this.#entries.last;
  }

  /** Whether all waiters request a standard loan. */
  get isUniform(): boolean {
    return this.#special === 0;
  }

  /** Adds a waiter to the end of the queue. */
  enqueue(waiter: Waiter, signal?: AbortSignal): QueueEntry {
    const links = { previous: null, next: null };
    const entry: QueueEntry = {
      ...links,
      waiter,
      signal,
      isQueued: true,
      arrival: ++arrivals,
      onRemoved: null,
    };
    this.#entries.add(entry);
    if (!isStandard(waiter)) this.#special++;
    if (signal !== undefined) this.#watch(signal).add(entry);
    this.#onChange('enqueued');
    return entry;
  }

  /** Removes an entry without a call to its waiter. Does nothing if the entry is no longer queued. */
  cancel(entry: QueueEntry): void {
    if (!entry.isQueued) return;
    this.#remove(entry);
    this.#onChange('cancelled');
  }

  /** Removes an entry and serves its waiter. */
  wake(entry: QueueEntry): void {
    this.#remove(entry);
    try {
      entry.waiter.grant();
    } catch (error) {
      entry.waiter.fail(error);
    }
  }

  /** Serves the oldest waiter. */
  wakeFirst(): void {
    let { first } = this;
    while (first !== null && this.pruneAborted(first)) ({ first } = this);
    if (first !== null) this.wake(first);
  }

  /** Rejects all current waiters in FIFO order. A waiter that is enqueued during a `fail` call stays queued. */
  rejectAll(reason: () => unknown): void {
    const last = arrivals;
    for (let entry = this.first; entry !== null && entry.arrival <= last; entry = this.first) {
      const { waiter, signal } = entry;
      this.#remove(entry);
      waiter.fail(signal?.aborted === true ? signal.reason : reason());
    }
  }

  /**
   * Handles the abort of a waiter whose signal has fired before the queue's own listener is called.
   *
   * @returns Whether the signal has fired. All its waiters are removed then.
   */
  pruneAborted({ signal }: QueueEntry): boolean {
    if (signal?.aborted !== true) return false;
    this.#rejectAborted(signal);
    return true;
  }

  #rejectAborted(signal: AbortSignal): void {
    for (const entry of this.#bySignal.get(signal)?.entries ?? []) {
      this.#remove(entry);
      entry.waiter.fail(signal.reason);
    }
    this.#onChange('cancelled');
  }

  #remove(entry: QueueEntry): void {
    entry.isQueued = false;
    this.#entries.remove(entry);
    if (!isStandard(entry.waiter)) this.#special--;
    entry.onRemoved?.();
    if (entry.signal !== undefined) this.#unwatch(entry.signal, entry);
    this.#onChange('removed');
  }

  #watch(signal: AbortSignal): Set<QueueEntry> {
    const known = this.#bySignal.get(signal);
    if (known !== undefined) return known.entries;
    const entries = new Set<QueueEntry>();
    const onAbort = (): void => this.#rejectAborted(signal);
    this.#bySignal.set(signal, { entries, onAbort });
    signal.addEventListener('abort', onAbort);
    return entries;
  }

  #unwatch(signal: AbortSignal, entry: QueueEntry): void {
    const watched = this.#bySignal.get(signal);
    if (watched === undefined) return;
    watched.entries.delete(entry);
    if (watched.entries.size > 0) return;
    this.#bySignal.delete(signal);
    signal.removeEventListener('abort', watched.onAbort);
  }
}
