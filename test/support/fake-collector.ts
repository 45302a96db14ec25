/** Garbage collection on demand. */

/**
 * Collects until `condition` holds.
 *
 * @throws `Error` when Node was started without `--expose-gc`, or nothing was collected that would make it hold.
 */
export async function collectUntil(condition: () => boolean): Promise<void> {
  await collect(condition);
  if (!condition()) throw new Error('many collections, and what was expected of them did not come');
}

/** Collects a few times, as a proof that something does not go. */
export const collectInVain = (): Promise<void> => collect(() => false, 5);

async function collect(condition: () => boolean, rounds = 50): Promise<void> {
  const { gc } = globalThis;
  if (typeof gc !== 'function') throw new Error('these tests need node --expose-gc');
  for (let round = 0; round < rounds && !condition(); round++) {
    // Two tasks: the callbacks of a registry come in one of their own, after the collection.
    await new Promise((resolve) => setTimeout(resolve, 0));
    gc();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
