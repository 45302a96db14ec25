/** Waiting in a pool's queue, as a promise. */
import { inCall } from '../call-site.ts';
import type { PoolCore } from './core.ts';
import type { CheckedWait } from './options.ts';

/**
 * Takes what there is room for now, or in its turn.
 *
 * @param bytes - Of the frame that a permit is for, if that is there already; null for the loan that the pool makes for every caller.
 * @throws `InvalidStateError` when the pool is not active, and the signal's reason when it has fired.
 */
export function acquireOrWait<T>(
  core: PoolCore,
  call: string,
  take: () => T,
  { signal, holder = call, starvationMs }: CheckedWait,
  bytes: number | null = null,
): Promise<T> {
  core.requireActive(call);
  signal?.throwIfAborted();
  core.admission.serveAfterAbort();
  if (core.admission.canGrantNow(bytes)) return Promise.resolve(take());
  // The call that gives the slot back runs `grant()`, so the stack would be its own there.
  const asked = core.noteCall();
  return new Promise<T>((resolve, reject) => {
    const grant = (): void => resolve(inCall(asked, take));
    const own = bytes === null ? {} : { bytes };
    core.admission.waiters.join({ grant, fail: reject, ...own, holder, starvationMs }, signal);
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
