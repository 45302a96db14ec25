/** Promise of a loan or permit: granted at once if there is room, otherwise after a wait in the pool's queue. */
import { inCall } from '../base/call-site.ts';
import type { PoolCore } from './core.ts';
import type { CheckedWait } from './options.ts';

/**
 * Calls `take` at once if there is room, otherwise when the caller's turn in the queue comes.
 *
 * @param bytes - Bytes of an existing frame that needs a permit; null for a loan of the pool's usual size.
 * @throws `InvalidStateError` when the pool is not active, and the signal's reason when the signal is aborted already.
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
  core.admission.pruneAborted();
  if (core.admission.canGrantNow(bytes)) return Promise.resolve(take());
  // `grant()` runs inside the call that releases the slot, so a stack captured there would be that call's.
  const stack = core.noteCall();
  return new Promise<T>((resolve, reject) => {
    const grant = (): void => resolve(inCall(stack, take));
    const own = bytes === null ? {} : { bytesNeeded: bytes };
    core.admission.waiters.enqueue({ grant, fail: reject, ...own, holder, starvationMs }, signal);
  });
}

// Not an async function: its promise settles some ticks later than the inner one, so a later caller that found room could resume
// before a caller that had waited.
/** Turns a synchronous throw into a rejection. */
export function promiseTry<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}
