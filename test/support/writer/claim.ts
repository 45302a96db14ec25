/** Assertions for threads without vitest, such as workers. */

/** @throws `Error` that shows both values, unless they are equal as JSON. */
export function same(seen: unknown, wanted: unknown, what = ''): void {
  const [one, other] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what} expected ${other}, got ${one}`);
}

/** @throws `Error` unless the claim holds. */
export function holds(claim: boolean, what: string): void {
  if (!claim) throw new Error(`not true: ${what}`);
}

/** Returns the error of a promise that must reject, or of a call that must throw. */
export async function failureOf(call: () => unknown): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

/** @throws `Error` unless the call throws or rejects with an error of this name. */
export async function refuses(name: string, call: () => unknown, what = ''): Promise<void> {
  same((await failureOf(call)).name, name, what);
}

/** Whether a promise is still pending after the tasks that are already queued have run. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const nextTask = (): Promise<'pending'> => new Promise((resolve) => setTimeout(resolve, 0, 'pending'));
  await nextTask();
  return (await Promise.race([promise.catch(() => {}), nextTask()])) === 'pending';
}

/** Waits until the claim holds. */
export async function until(claim: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if (claim()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`never true: ${what}`);
}
