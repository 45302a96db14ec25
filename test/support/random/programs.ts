/** Plays random programs to the library and to a model of it, and says of one that fails how it can be had again. */
import fc from 'fast-check';
import { expect, inject } from 'vitest';
import { frameAccount } from '../frame-account.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** How often the programs of every day are played, and from which seed. The soak gives both; every day it is once, from 1. */
    programs?: { readonly times: number; readonly seed: number };
  }
}

const { times, seed } = inject('programs') ?? { times: 1, seed: 1 };

/** Beyond anything that a program takes on a busy machine: time to shrink one that fails, and no more. In ms. */
const LONGEST_MS = 150_000;

/** For the tests that play programs: they end by themselves before. */
export const TEST_MS = times * (LONGEST_MS + 60_000);

/** One program being played. */
export interface Play<S> {
  /** Settles when all is done that the step sets off, but for waits that are to go on. */
  do(step: S): Promise<void>;
  /** Everything that holds at any moment. */
  check(): void;
  /** Gives all back, ends what is running, and looks at what is left. After a failure it only does what it can. */
  end(): Promise<void>;
}

/** Steps, and whatever else a program begins with. */
export interface Program<S> {
  readonly steps: readonly S[];
}

/** Something to do, and a number to choose by with what and how. */
export interface Step {
  readonly kind: string;
  readonly pick: number;
}

/** Steps in whatever order, each as often as its kind is in the list. */
export const stepsOf = (kinds: readonly string[], most: number): fc.Arbitrary<Step[]> =>
  fc.array(fc.record({ kind: fc.constantFrom(...kinds), pick: fc.nat({ max: 999 }) }), {
    minLength: 1,
    maxLength: most,
    size: 'max',
  });

/**
 * Plays programs; each begins with nothing open, and ends so. One that fails is made as small as it will get, and the error
 * tells it, with the seed and the path that lead to it.
 *
 * @param ended - Looks at what was played, program by program: thousands of them together are too much to keep.
 * @returns How many steps were played.
 */
export async function playAll<S, P extends Program<S>, T extends Play<S>>(
  programs: fc.Arbitrary<P>,
  runs: number,
  begin: (program: P) => T | Promise<T>,
  ended: (play: T) => void | Promise<void> = () => {},
): Promise<number> {
  let played = 0;
  const property = fc.asyncProperty(programs, async (program) => {
    const account = frameAccount();
    account.reset();
    const play = await begin(program);
    try {
      play.check();
      for (const step of program.steps) {
        await play.do(step);
        play.check();
        played++;
      }
    } catch (error) {
      await play.end().catch(() => {});
      throw error;
    }
    await play.end();
    expect(account.stillOpen(), 'frames left open').toEqual([]);
    expect([account.closed, account.collected]).toEqual([account.opened, 0]);
    await ended(play);
  });
  await fc.assert(property, {
    seed,
    numRuns: runs * times,
    interruptAfterTimeLimit: times * LONGEST_MS,
  });
  return played;
}

/** How many steps a test must have played where one day's programs have so many. */
export const atLeast = (steps: number): number => times * steps;

/** Longer than anything takes that comes at all. In ms. */
const SURELY_MS = 20_000;

/** Waits for what is sure to come. */
export async function surely<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const never = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came of ${what}`)), SURELY_MS);
  });
  try {
    return await Promise.race([promise, never]);
  } finally {
    clearTimeout(timer);
  }
}

/** The one of a list that a number chooses. */
export const chosen = <T>(list: readonly T[], pick: number): T | undefined =>
  list[pick % Math.max(1, list.length)];

/** Lets so many tasks go by: by messages, for timers in a row are held back by 4 ms each. */
export async function tasks(count: number): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  for (let task = 0; task < count; task++) {
    await new Promise<void>((resolve) => {
      port1.onmessage = () => resolve();
      port2.postMessage(null);
    });
  }
  port1.close();
}

/** Waits until something is so that is sure to be. Not by `expect.poll()`, which keeps what it looks at until the test has ended. */
export async function eventually(look: () => boolean, what: string): Promise<void> {
  const latest = performance.now() + SURELY_MS;
  while (!look()) {
    if (performance.now() > latest) throw new Error(`it never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** What came of a promise so far. */
export class Wait<T> {
  /** Null while it is pending. */
  outcome: { readonly value: T } | { readonly error: Error } | null = null;
  readonly settled: Promise<void>;

  constructor(promise: Promise<T>) {
    this.settled = promise.then(
      (value) => void (this.outcome = { value }),
      (error: unknown) =>
        void (this.outcome = { error: error instanceof Error ? error : new Error(String(error)) }),
    );
  }

  get isPending(): boolean {
    return this.outcome === null;
  }
}
