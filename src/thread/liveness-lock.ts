/** Finds out that another thread or window is gone, without its help: each side holds a Web Lock for as long as it lives. */

/** @returns What lets the lock go; null where locks are refused, as in sandboxed frames, or do not exist. */
export function holdLock(name: string): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    request(name, {}, () => new Promise<void>((release) => resolve(release))).catch(() => resolve(null));
  });
}

/** Whether somebody holds it, as seen from here; false also where locks are refused. */
export function isHeld(name: string): Promise<boolean> {
  return request(name, { ifAvailable: true }, (lock) => lock === null).catch(() => false);
}

/**
 * Calls back once, when nobody holds the lock any more. To be asked while it is held: who waits then is told by the
 * browser, also of a thread that was ended in the middle of a loop (within 2 s, measured).
 *
 * @returns What calls it off.
 */
export function watchLock(name: string, onFree: () => void): () => void {
  const calledOff = new AbortController();
  request(name, { signal: calledOff.signal }, () => {
    if (!calledOff.signal.aborted) onFree();
  }).catch(() => {
    // Called off.
  });
  return () => calledOff.abort();
}

/** Async, so that a refusal is a rejection whichever way the engine gives it. */
async function request<T>(name: string, options: LockOptions, held: (lock: Lock | null) => T): Promise<T> {
  // Old engines and other environments lack `locks`, or all of `navigator`.
  const { navigator } = globalThis as { navigator?: Partial<Navigator> };
  if (navigator?.locks === undefined) throw new Error('no locks here');
  return (await navigator.locks.request(name, options, held)) as T;
}
