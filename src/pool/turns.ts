/** Waiting in a pool's queue, as a promise. */
import type { PoolCore } from './core.ts';

/**
 * Takes what there is room for now, or in its turn.
 *
 * @throws `InvalidStateError` when the pool is not active, and the signal's reason when it has fired.
 */
export function inTurn<T>(
  core: PoolCore,
  call: string,
  take: () => T,
  signal: AbortSignal | undefined,
): Promise<T> {
  core.requireActive(call);
  signal?.throwIfAborted();
  if (core.admission.hasRoom) return Promise.resolve(take());
  return new Promise<T>((resolve, reject) => {
    core.admission.waiters.join({ grant: () => resolve(take()), fail: reject }, signal);
  });
}

// An async function would settle some ticks later than the promise inside it, and let one who came later, and found room,
// go on before one who had waited.
/** Makes a throw a rejection. */
export function promised<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}
