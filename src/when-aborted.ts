/** Ends something by a signal that outlives it. */

/**
 * Calls `end` when the signal fires. The target is referred to weakly, for an app keeps its AbortController, and what it has
 * forgotten must not live on through that: so `end` must not refer to the target either, nor be made where
 * another closure does: closures of one scope keep alive what any of them refers to.
 *
 * @param signal - Not fired yet.
 * @returns Stops listening.
 */
export function whenAborted<T extends object>(
  signal: AbortSignal,
  target: T,
  end: (target: T, reason: unknown) => void,
): () => void {
  const weak = new WeakRef(target);
  const onAbort = (): void => {
    const still = weak.deref();
    if (still !== undefined) end(still, signal.reason);
  };
  signal.addEventListener('abort', onAbort);
  return () => signal.removeEventListener('abort', onAbort);
}

/** What a promise comes to, or the signal's reason where that fires first. What comes later is let go. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
