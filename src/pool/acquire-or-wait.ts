/** Waiting in a pool's queue, as a promise. */
import { inCall } from '../call-site.ts';
import type { PoolCore } from './core.ts';

/**
 * Takes what there is room for now, or in its turn.
 *
 * @throws `InvalidStateError` when the pool is not active, and the signal's reason when it has fired.
 */
export function acquireOrWait<T>(
  core: PoolCore,
  call: string,
  take: () => T,
  signal: AbortSignal | undefined,
): Promise<T> {
  core.requireActive(call);
  signal?.throwIfAborted();
  if (core.admission.hasRoom) return Promise.resolve(take());
  // The call that gives the slot back runs `grant()`, so the stack would be its own there.
  const asked = core.noteCall();
  return new Promise<T>((resolve, reject) => {
    const grant = (): void => resolve(inCall(asked, take));
    core.admission.waiters.join({ grant, fail: reject }, signal);
  });
}

// An async function would settle some ticks later than the promise inside it, and let one who came later, and found room,
// go on before one who had waited.
/** Makes a throw a rejection. */
export function promiseTry<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}
