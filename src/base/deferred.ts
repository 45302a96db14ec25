/** Promise that is settled from outside. */

const unset = (): void => {};

/** A promise together with the functions that settle it. */
export class Deferred<T = void> {
  resolve: (value: T | PromiseLike<T>) => void = unset;
  reject: (error: unknown) => void = unset;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}
