/** Times operations that are too short to be timed one by one. */

/** Operations in a row; at most half of the notices that a pool dispatches in one task. */
export const BATCH = 500;

/** Batches in a figure: enough for a few milliseconds. */
const BATCHES = 20;

/** These are short: so many times the rounds of others, for the same patience. */
export const MORE_ROUNDS = 4;

/** Slots of the ring. */
const KEPT = 1024;

/** Objects that were made last. An engine does not make an object that cannot be seen. */
export const ring: unknown[] = Array.from({ length: KEPT }, () => null);

let next = 0;

/** Makes an object visible. */
export function keep(made: unknown): void {
  ring[next++ & (KEPT - 1)] = made;
}

/** Operations that are timed together. */
export interface Operations<Given> {
  /** What a batch needs; not timed. */
  prepare(): Given;
  /** A batch of `BATCH` operations; what it returns is waited for. */
  run(given: Given): unknown;
  /** Throws if it was not measured what should be, and frees what is kept. */
  end?(): void;
}

/** Microseconds an operation. Microtasks that a batch sets off are part of it. */
export async function microsecondsOf<Given>({ prepare, run }: Operations<Given>): Promise<number> {
  let spent = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    const given = prepare();
    const start = performance.now();
    await run(given);
    spent += performance.now() - start;
    // A task in between, for timers and collections that are due.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return (spent * 1000) / (BATCH * BATCHES);
}
