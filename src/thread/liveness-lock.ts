/**
 * Web Locks that detect the end of another thread or window without its help: each side holds one while it is alive.
 */

/** Name of the lock that one side of a link holds while it is alive. */
export const lockName = (link: string, side: 'initiator' | 'responder'): string =>
  `video-frame-pool ${link} ${side}`;

/** @returns A function that releases the lock; null if locks are refused, as in sandboxed frames, or do not exist. */
export function holdLock(name: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    request(name, {}, () => new Promise<void>((release) => resolve(release))).catch(() => resolve(null));
  });
}

/** Whether the lock is held, as seen from this context; false also if locks are refused. */
export function isHeld(name: string): Promise<boolean> {
  return request(name, { ifAvailable: true }, (lock) => lock === null).catch(() => false);
}

/**
 * Calls back once, when the lock is no longer held. Must be called while it is held: the browser then notifies the
 * waiter even if the other thread is ended in the middle of a loop (within 2 s, measured).
 *
 * @returns A function that cancels the watch.
 */
export function watchLock(name: string, onFree: () => void): () => void {
  const calledOff = new AbortController();
  request(name, { signal: calledOff.signal }, () => {
    if (!calledOff.signal.aborted) onFree();
  }).catch(() => {
    // Cancelled.
  });
  return () => calledOff.abort();
}

/** Async, so that a refusal is always a rejection, whether the engine throws or rejects. */
async function request<T>(name: string, options: LockOptions, held: (lock: Lock | null) => T): Promise<T> {
  // Old engines and other environments lack `locks`, or `navigator` altogether.
  const { navigator } = globalThis as { navigator?: Partial<Navigator> };
  if (navigator?.locks === undefined) throw new Error('no locks here');
  return (await navigator.locks.request(name, options, held)) as T;
}
