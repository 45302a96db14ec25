/** Waiting in a pool's queue, as a promise. */
import type { PoolCore } from './core.ts';

/**
 * Takes what there is room for now, or in its turn. `take` gives null where it finds that the room does not do, and is
 * asked again when there is more.
 *
 * @throws `InvalidStateError` when the pool is not active, and the signal's reason when it has fired.
 */
export function inTurn<T>(
  core: PoolCore,
  call: string,
  take: () => T | null,
  signal: AbortSignal | undefined,
): Promise<T> {
  core.requireActive(call);
  signal?.throwIfAborted();
  const taken = core.admission.hasRoom ? take() : null;
  if (taken !== null) return Promise.resolve(taken);
  return new Promise<T>((resolve, reject) => {
    const grant = (): void | 'not yet' => {
      const granted = take();
      if (granted === null) return 'not yet';
      resolve(granted);
    };
    core.admission.waiters.join({ grant, fail: reject }, signal);
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
