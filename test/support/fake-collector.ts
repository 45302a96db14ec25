/** Forced garbage collection in Node. */

const MOST_ROUNDS = 50;

/**
 * Collects until `condition` holds.
 *
 * @throws `Error` when Node was started without `--expose-gc`, or when no collection makes the condition hold.
 */
export async function collectUntil(condition: () => boolean): Promise<void> {
  const { gc } = globalThis;
  if (typeof gc !== 'function') throw new Error('these tests need node --expose-gc');
  for (let round = 0; !condition(); round++) {
    if (round === MOST_ROUNDS) throw new Error(`the condition does not hold after ${round} collections`);
    // Two tasks, because the callbacks of a registry run in a separate task after the collection.
    await new Promise((resolve) => setTimeout(resolve, 0));
    gc();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** Collects five times, to prove that an object is not collected. */
export async function collectInVain(): Promise<void> {
  let round = 0;
  await collectUntil(() => round++ === 5);
}
