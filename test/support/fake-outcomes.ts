/** Outcomes of calls: shares that are granted and released, errors that are thrown or rejected, microtasks that follow. */
import type { Storage, VideoFramePool } from '../../src/index.ts';
import { inNextTask } from '../../src/base/next-task.ts';

/** The value of `tryAcquire()`, `tryReserve()` and similar calls, in a test that knows that there is room. */
export function given<T>(value: T | null): T {
  if (value === null) throw new Error('the pool returned null');
  return value;
}

/** Acquires buffers of a pool, one after the other. */
export const acquired = <S extends Storage>(pool: VideoFramePool<S>, count: number) =>
  Array.from({ length: count }, () => given(pool.tryAcquire()));

/** Releases all shares, in their order. */
export const releaseAll = (shares: Iterable<{ release(): void }>): void => {
  for (const share of shares) share.release();
};

function failureOf(error: unknown): Error {
  if (error instanceof Error) return error;
  throw new Error(`a value that is no error was thrown: ${String(error)}`);
}

/** The error that the call throws. The test fails if the call throws nothing. */
export function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return failureOf(error);
  }
  throw new Error('nothing was thrown');
}

/** The error that the promise rejects with. The test fails if the promise resolves. */
export const rejectionOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(() => {
    throw new Error('the promise resolved');
  }, failureOf);

/** Runs the microtasks that are queued now, and the microtasks that these queue. */
export const microtasks = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Runs one of the tasks that the library has posted. */
export const nextTask = (): Promise<void> => new Promise(inNextTask);
