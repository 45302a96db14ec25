/** Dispatch of a writer's callbacks: outside of its calls, in order. */
import { Deferred } from '../../base/deferred.ts';
import type { WriterCallbacks } from './options.ts';

type Name = keyof WriterCallbacks;

/** The callbacks of one writer. Each runs in a microtask of its own, so that one that throws does not prevent the next. */
export class Callbacks {
  readonly #callbacks: WriterCallbacks;

  constructor(callbacks: WriterCallbacks) {
    this.#callbacks = callbacks;
  }

  dispatch<K extends Name>(name: K, ...what: Parameters<Required<WriterCallbacks>[K]>): void {
    const callback = this.#callbacks[name] as ((...given: unknown[]) => void) | undefined;
    if (callback === undefined) return;
    queueMicrotask(() => {
      try {
        callback.apply(this.#callbacks, what);
      } catch (error) {
        reportError(error);
      }
    });
  }
}

/**
 * A deferred whose rejection counts as handled. `finalize()` and `onFinalize` report the outcome of the writing, so a caller that
 * does not await every write must not get an unhandled rejection for each.
 */
export function handledDeferred<T>(): Deferred<T> {
  const deferred = new Deferred<T>();
  deferred.promise.catch(() => {});
  return deferred;
}
