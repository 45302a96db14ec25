/** Catches what a call throws, so that a test can look at it after it has looked at the counts. */

/** The name of an error, as `InvalidStateError` or `TypeError`, and its message. */
export interface Failure {
  readonly name: string;
  readonly message: string;
}

function failureOf(error: unknown): Failure {
  if (error instanceof Error || error instanceof DOMException) return error;
  throw new Error(`threw what is no error: ${String(error)}`);
}

/** What the call throws; a call that throws nothing fails the test. */
export function thrownBy(call: () => unknown): Failure {
  try {
    call();
  } catch (error) {
    return failureOf(error);
  }
  throw new Error('nothing was thrown');
}

/** What the promise rejects with; one that resolves fails the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<Failure> {
  const settled = await promise.then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (settled === null) throw new Error('the promise resolved');
  return failureOf(settled.error);
}
