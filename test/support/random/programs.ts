/** Player of random programs, with checks after each step, and the pool that they watch. A failure prints how to replay it. */
import fc from 'fast-check';
import { expect, inject, vi } from 'vitest';
import type { FrameBudget, FrameHandle } from '../../../src/index.ts';
import { VideoFramePool } from '../../../src/index.ts';
import { frameAccount } from '../frame-account.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * Number of times that each program set is played, and the first seed. The soak sets both. The default is once, from seed 1.
     */
    programs?: { readonly times: number; readonly seed: number };
  }
}

const { times, seed } = inject('programs') ?? { times: 1, seed: 1 };

/** Longer than any program takes on a busy machine, with time to shrink a failed one. In ms. */
const LONGEST_MS = 150_000;

// Programs time out by themselves before the test does.
vi.setConfig({ testTimeout: times * (LONGEST_MS + 60_000) });

/** The action of each kind of step. The number chooses its objects and its variant. */
export type Steps = Readonly<Record<string, (pick: number) => unknown>>;

/** A program that is being played. */
export interface Play {
  readonly steps: Steps;
  /** Its counts so far. */
  readonly counts: Readonly<Record<string, number>>;
  /** Resolves when all effects of the last step are complete, except for waits that the program keeps. */
  settle(): Promise<void>;
  /** Checks all invariants. */
  check(): void;
  /**
   * Returns everything, ends all running work, and checks the final state. After a failure it only cleans up, as far as possible.
   */
  end(): Promise<void>;
}

/** Programs of one test. */
interface Programs<P> {
  /** Kinds of steps with their weights: `'read*3 close'`. */
  readonly kinds: string;
  /** Maximum number of steps of a program. */
  readonly most: number;
  readonly runs: number;
  /** The start parameters of a program. */
  readonly start: { [K in keyof P]: fc.Arbitrary<P[K]> };
  readonly begin: (start: P) => Play | Promise<Play>;
  /**
   * Counts that the programs of one run must exceed, by `steps`, the number of steps. They prove that the programs test their
   * subject.
   */
  readonly atLeast: Readonly<Record<string, number>>;
}

/** Plays programs. Each starts and ends with nothing open. A failed program is shrunk, and printed with its seed and path. */
export async function playAll<P>({ kinds, most, runs, start, begin, atLeast }: Programs<P>): Promise<void> {
  const counts: Record<string, number> = {};
  const add = (name: string, count: number): unknown => (counts[name] = (counts[name] ?? 0) + count);
  const weighted = kinds.split(/\s+/u).flatMap((entry) => {
    const [kind = '', weight = '1'] = entry.split('*');
    return Array<string>(Number(weight)).fill(kind);
  });
  const step = fc.record({ kind: fc.constantFrom(...weighted), pick: fc.nat({ max: 999 }) });
  const steps = fc.array(step, { minLength: 1, maxLength: most, size: 'max' });
  // One record of all parameters, in this order, because another shape would give other programs for the same seed.
  const programs = fc.record<P & { steps: { kind: string; pick: number }[] }>({ ...start, steps } as never);
  const property = fc.asyncProperty(programs, async (program) => {
    const account = frameAccount();
    account.reset();
    const play = await begin(program);
    try {
      play.check();
      for (const { kind, pick } of program.steps) {
        const act = play.steps[kind];
        if (act === undefined) throw new Error(`unknown step ${kind}`);
        await act(pick);
        await play.settle();
        play.check();
        add('steps', 1);
      }
    } catch (error) {
      await play.end().catch(() => {});
      throw error;
    }
    await play.end();
    expect(account.stillOpen(), 'frames left open').toEqual([]);
    expect([account.closed, account.collected]).toEqual([account.opened, 0]);
    for (const [name, count] of Object.entries(play.counts)) add(name, count);
  });
  const interruptAfterTimeLimit = times * LONGEST_MS;
  await fc.assert(property, { seed, numRuns: runs * times, interruptAfterTimeLimit });
  for (const [name, least] of Object.entries(atLeast))
    expect(counts[name], name).toBeGreaterThan(times * least);
}

/** Returns the element of a list that a number chooses. */
export const chosen = <T>(list: readonly T[], pick: number): T | undefined =>
  list[pick % Math.max(1, list.length)];

/** Removes the element of a list that a number chooses, and returns it. */
export const takeOut = <T>(list: T[], pick: number): T | undefined =>
  list.splice(pick % Math.max(1, list.length), 1)[0];

/** Makes steps with the chosen element of a list. A step does nothing while the list is empty. */
export const withOne =
  <T>(list: () => readonly T[]) =>
  (act: (one: T, pick: number) => unknown) =>
  (pick: number): unknown => {
    const one = chosen(list(), pick);
    return one === undefined ? undefined : act(one, pick);
  };

/** Longer than any operation that settles at all. In ms. */
const SURELY_MS = 20_000;

/** Waits for a promise that must settle. */
export async function settledSoon<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const never = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`unfinished: ${what}`)), SURELY_MS);
  });
  try {
    return await Promise.race([promise, never]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves after this number of tasks. Uses messages, because nested timers are delayed by 4 ms each. */
export async function tasks(count: number): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  for (let task = 0; task < count; task++) {
    await new Promise((resolve) => {
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  }
  port1.close();
}

/**
 * Waits for a condition that must become true. Not by `expect.poll()`, which keeps the polled values alive until the test has
 * ended.
 */
export async function eventually(look: () => boolean, what: string): Promise<void> {
  const latest = performance.now() + SURELY_MS;
  while (!look()) {
    if (performance.now() > latest) throw new Error(`not reached: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** The reason of aborts and cancels. */
export const REASON = new Error('the reason');

/** A call that may wait, and its outcome. */
export class Wait<T> {
  /** Null while it is pending. */
  outcome: { readonly value: T } | { readonly error: Error } | null = null;
  readonly settled: Promise<void>;
  /** Aborts the call. */
  readonly controller = new AbortController();

  constructor(call: (signal: AbortSignal) => Promise<T>) {
    this.settled = call(this.controller.signal).then(
      (value) => void (this.outcome = { value }),
      (error: unknown) =>
        void (this.outcome = { error: error instanceof Error ? error : new Error(String(error)) }),
    );
  }

  get isPending(): boolean {
    return this.outcome === null;
  }

  /** The error that the call rejected with. Null if it did not reject. */
  get error(): Error | null {
    return this.outcome !== null && 'error' in this.outcome ? this.outcome.error : null;
  }
}

/** Upper limit of a decoder's delay. */
const MOST_OVERCOMMITTED = 16;

/** Pool of decoded frames, with the invariants that hold at every moment. */
export class WatchedPool {
  readonly pool: VideoFramePool;
  /** Frames that the program holds. */
  readonly held: FrameHandle[] = [];
  #notices = 0;

  constructor(capacity: number, budget: FrameBudget | null = null) {
    this.pool = new VideoFramePool({ capacity, budget: budget ?? undefined });
    this.pool.setListener(({ reason, discarded }) => {
      expect([reason, discarded]).toEqual(['released', false]);
      this.#notices++;
    });
  }

  check(): void {
    const { capacity, freeCount, lentCount, decodingCount, overcommitted, released } = this.pool.stats();
    expect(freeCount + lentCount + decodingCount, 'the cap').toBe(capacity + overcommitted);
    expect(freeCount).toBeGreaterThanOrEqual(0);
    expect(overcommitted).toBeLessThanOrEqual(MOST_OVERCOMMITTED);
    expect(this.#notices, 'one notice per return').toBe(released);
    for (const { frame } of this.held) expect(frame.codedWidth).toBeGreaterThan(0);
  }

  /** Releases the frame that a number chooses. */
  release(pick: number): void {
    takeOut(this.held, pick)?.release();
  }

  /** Asserts that the pool is empty, and closes it. */
  close(): void {
    const { lentCount, decodingCount, waitingCount } = this.pool;
    expect([lentCount, decodingCount, waitingCount]).toEqual([0, 0, 0]);
    this.pool.close();
  }
}
