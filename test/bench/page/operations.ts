/** Times operations that are too short to be timed one by one. */

/** Operations in a row; at most half of the notices that a pool dispatches in one task. */
export const BATCH = 500;

/** Batches in a figure: enough for a few milliseconds. */
const BATCHES = 20;

/** These operations are short: they get this many times the rounds of others in the same time. */
export const MORE_ROUNDS = 4;

/** Slots of the ring. */
const KEPT = 1024;

/** The newest objects. An engine does not allocate an object that is not reachable. */
export const ring: unknown[] = Array.from({ length: KEPT }, () => null);

let next = 0;

/** Makes an object reachable. */
export function keep(made: unknown): void {
  ring[next++ & (KEPT - 1)] = made;
}

/** Operations that are timed together. */
export interface Operations<Given> {
  /** Prepares a batch; not timed. */
  prepare(): Given;
  /** A batch of `BATCH` operations; its promise is awaited. */
  run(given: Given): unknown;
  /** Throws if the batch did not do the work, and releases what it kept. */
  end?(): void;
}

/** Microseconds per operation. Microtasks of a batch are included. */
export async function microsecondsOf<Given>({ prepare, run }: Operations<Given>): Promise<number> {
  let spent = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    const given = prepare();
    const start = performance.now();
    await run(given);
    spent += performance.now() - start;
    // A task in between, for due timers and collections.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return (spent * 1000) / (BATCH * BATCHES);
}
