/** Claims that a test makes where vitest is not: in a worker. */

/** @throws `Error` that shows both, unless they are alike as JSON. */
export function same(seen: unknown, wanted: unknown, what = ''): void {
  const [one, other] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what} expected ${other}, got ${one}`);
}

/** @throws `Error` unless it holds. */
export function holds(claim: boolean, what: string): void {
  if (!claim) throw new Error(`it does not hold that ${what}`);
}

/** The error of a promise that is to reject, or of a call that is to throw. */
export async function failureOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** What has become of a promise by now: tasks that were queued before have run. */
export async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'resolved' | 'rejected'> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  const late = new Promise<'pending'>((resolve) => setTimeout(() => resolve('pending'), 0));
  return Promise.race([
    promise.then(
      () => 'resolved' as const,
      () => 'rejected' as const,
    ),
    late,
  ]);
}

/** Waits until it holds. */
export async function until(claim: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if (claim()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`it did not come to hold that ${what}`);
}

/** Why a promise was rejected. Calls after the end are refused for that, and name what ended the writer as their cause. */
export function firstCause(reason: unknown): unknown {
  const { name, cause } = reason as Error;
  return name === 'InvalidStateError' && cause !== undefined ? cause : reason;
}
