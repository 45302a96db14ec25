/** Tells an app what has happened: outside every call, in order. */
import type { WriterCallbacks } from './options.ts';

type Name = keyof WriterCallbacks;

/** The callbacks of one writer. Each is called in a microtask of its own, so that one that throws keeps nothing from the next. */
export class Told {
  readonly #callbacks: WriterCallbacks;

  constructor(callbacks: WriterCallbacks) {
    this.#callbacks = callbacks;
  }

  tell<K extends Name>(name: K, ...what: Parameters<Required<WriterCallbacks>[K]>): void {
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
 * A promise whose rejection need not be heard: how writing ended is told by `finalize()` and `onFinalize`, and who did not
 * wait for each write is not to be told once more for each, as unhandled.
 */
export function told<T>(
  executor: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
): Promise<T> {
  const promise = new Promise<T>(executor);
  promise.catch(() => {});
  return promise;
}
