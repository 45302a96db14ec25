/** Abort helpers for signals that outlive the objects they end. */

/**
 * Calls `end` when the signal fires. The target is referenced weakly: apps keep their AbortController, and it must not keep alive
 * a target that the app has forgotten. For the same reason `end` must not refer to the target, nor be created in a scope in which
 * another closure does, because all closures of a scope keep alive whatever any of them refers to.
 *
 * @param signal - Not fired yet.
 * @returns Removes the abort listener.
 */
export function onAbort<T extends object>(
  signal: AbortSignal,
  target: T,
  end: (target: T, reason: unknown) => void,
): () => void {
  const weak = new WeakRef(target);
  const listener = (): void => {
    const still = weak.deref();
    if (still !== undefined) end(still, signal.reason);
  };
  signal.addEventListener('abort', listener);
  return () => signal.removeEventListener('abort', listener);
}

/** Settles as the promise does, or rejects with the signal's reason if the signal fires first. A later result is ignored. */
export function raceAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const listener = (): void => reject(signal.reason as Error);
    if (signal.aborted) listener();
    else signal.addEventListener('abort', listener);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', listener));
  });
}
