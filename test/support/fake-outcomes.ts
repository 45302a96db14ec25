/** Outcomes of calls: the value that is given, the error that is thrown or rejected, the microtasks that follow. */

/** The value of `tryAcquire()`, `tryReserve()` and the like, in a test that knows of room. */
export function given<T>(value: T | null): T {
  if (value === null) throw new Error('the pool gave nothing');
  return value;
}

function failureOf(error: unknown): Error {
  if (error instanceof Error) return error;
  throw new Error(`threw what is no error: ${String(error)}`);
}

/** The error that the call throws. A call that throws nothing fails the test. */
export function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return failureOf(error);
  }
  throw new Error('nothing was thrown');
}

/** The error that the promise rejects with. A promise that resolves fails the test. */
export const rejectionOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(() => {
    throw new Error('the promise resolved');
  }, failureOf);

/** Lets the microtasks that are queued now, and those that they queue, run. */
export const microtasks = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
