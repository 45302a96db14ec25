/** Random programs: generated, played, shrunk on failure, and printed so that they can be replayed. */
import process from 'node:process';
import fc from 'fast-check';
import { outcomeOf, same } from './comparing.ts';
import type { Choice } from './choosing.ts';
import { SIZES } from './choosing.ts';
import { MOVES } from './moves.ts';
import type { PoolSetup, Setup } from './players.ts';
import { restoreGlobals, World } from './world.ts';
import { resetCanvases } from '../fake-canvas.ts';
import { settleFrames } from '../fake-video-frame.ts';

/** Names of moves by their weight, which is their relative frequency. */
const WEIGHTS: readonly (readonly [weight: number, moves: readonly string[]])[] = [
  [12, ['release']],
  [9, ['ask']],
  [6, ['take', 'copyFrom', 'fulfil']],
  [4, ['collect', 'configure']],
  [3, ['abort', 'adopt', 'read', 'retain', 'commit', 'wait', 'listen']],
  [2, ['lag', 'releasePermit', 'releaseAfter', 'endWork', 'forget', 'harm', 'wrong', 'fill']],
  [1, ['toVideoFrame', 'closeOwn', 'releaseAgain', 'decommit', 'close', 'trim']],
];

/** Pause before the next step: none, the queued microtasks, or all pending work. */
type Pause = 'none' | 'tick' | 'flush';

interface Step extends Choice {
  readonly move: string;
  readonly pause: Pause;
}

interface Program {
  readonly setup: Setup;
  readonly steps: readonly Step[];
}

const pools: fc.Arbitrary<PoolSetup> = fc
  .record({
    kind: fc.constantFrom('decoded' as const, 'canvas' as const, 'memory' as const),
    capacity: fc.integer({ min: 1, max: 4 }),
    initial: fc.nat({ max: 3 }),
    size: fc.constantFrom(...SIZES.slice(0, 3)),
    maxBytes: fc.constantFrom(Infinity, Infinity, 2048, 4096, 5120),
    idleMs: fc.constantFrom(Infinity, 20, 50, 1),
    tracks: fc.boolean(),
  })
  .map((made) => ({ ...made, initial: made.kind === 'decoded' ? 0 : Math.min(made.initial, made.capacity) }));

const setups: fc.Arbitrary<Setup> = fc.record({
  pools: fc.array(pools, { minLength: 1, maxLength: 4 }),
  budget: fc.option(
    fc.constantFrom(
      { maxBytes: 4096, maxFrames: Infinity },
      { maxBytes: 8192, maxFrames: Infinity },
      { maxBytes: Infinity, maxFrames: 3 },
      { maxBytes: 6144, maxFrames: 4 },
    ),
  ),
});

const weighted = WEIGHTS.flatMap(([weight, moves]) => Array<readonly string[]>(weight).fill(moves).flat());

const steps = fc.record<Step>({
  move: fc.constantFrom(...weighted),
  pool: fc.nat({ max: 3 }),
  pick: fc.nat({ max: 23 }),
  how: fc.nat({ max: 11 }),
  pause: fc.constantFrom<Pause[]>('flush', 'none', 'none', 'tick'),
});

const programs: fc.Arbitrary<Program> = fc.record({
  setup: setups,
  steps: fc.array(steps, { minLength: 1, maxLength: 120, size: 'max' }),
});

/** Small, so that the seed of a batch and a short path reproduce a failure. */
const PROGRAMS_A_BATCH = 100;

/** Number of times that each move was made, by its name. */
type Tally = Map<string, number>;

async function play(program: Program, tally: Tally, hasStacks: boolean): Promise<void> {
  let world: World | null = null;
  try {
    world = new World(program.setup, hasStacks);
    world.check();
    for (const step of program.steps) {
      const rest = playStep(world, step, tally);
      if (rest === null) continue;
      await rest;
      // Without a listener it is unknown which notices are gone while microtasks run.
      while (!world.isPlain) await world.flush();
      world.check();
    }
    await leave(world);
  } catch (error) {
    const lines = world?.log.map((line, index) => `  ${index + 1}. ${line}`) ?? [];
    throw new Error([why(error), ...lines].join('\n'), { cause: error });
  } finally {
    restoreGlobals();
    resetCanvases();
    // A failed program leaves open frames, which must not fail the next one.
    outcomeOf(settleFrames);
  }
}

/** Makes a move. Returns a promise to wait for, or null: microtasks run only when a program pauses for them. */
function playStep(world: World, { move, pause, ...choice }: Step, tally: Tally): Promise<void> | null {
  const done = MOVES[move]?.(world, choice) ?? null;
  if (done === null) return null;
  world.log.push(pause === 'none' ? done : `${done} (${pause})`);
  tally.set(move, (tally.get(move) ?? 0) + 1);
  world.check();
  if (pause === 'none') return null;
  return pause === 'tick' ? Promise.resolve() : world.flush();
}

/** Releases everything repeatedly, until every waiter was served or waits for room that no release can free. */
async function returnAll(world: World): Promise<void> {
  await world.flush();
  const unserved = world.players.length;
  for (let round = 0, last = 0; round - last <= unserved; round++) {
    for (const move of ['endWork', 'releasePermit', 'release', 'collect']) {
      const done = MOVES[move]?.(world, { pool: round, pick: 0, how: 0 }) ?? null;
      if (done === null) continue;
      last = round;
      world.check();
    }
    await world.flush();
  }
}

async function leave(world: World): Promise<void> {
  await returnAll(world);
  // A copy that waits holds its source, which other callers may wait for. The app must end such copies.
  const isOver = world.asked.size === 0 || [...world.asked].some(({ picture }) => picture?.loan != null);
  same('every waiter is served once every slot was returned', isOver, true);
  for (const { pool, model } of world.players) {
    pool.close();
    model.close();
  }
  await returnAll(world);
  for (const frame of world.own.splice(0)) frame.close();
  for (const { name, pool } of world.players) {
    same(`${name}: counts at the end`, pool.lentCount + pool.decodingCount + pool.waitingCount, 0);
    same(`${name}: bytes at the end`, pool.bytes, 0);
  }
  world.check();
}

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Plays random programs until they have made this number of effective moves, or plays the one program at `path`.
 *
 * @throws `Error` with the difference, the shrunk program, and instructions to replay it.
 */
export async function playPrograms(seed: number, path: string | undefined, steps: number) {
  const tally: Tally = new Map();
  const played = (): number => [...tally.values()].reduce((sum, count) => sum + count, 0);
  const property = fc.asyncProperty(programs, (program) => play(program, tally, path !== undefined));
  const again = path === undefined ? {} : { path, endOnFailure: true };
  for (let batch = 0; batch === 0 || (path === undefined && played() < steps); batch++) {
    const outcome = await fc.check(property, { seed: seed + batch, numRuns: PROGRAMS_A_BATCH, ...again });
    if (!outcome.failed) continue;
    const { counterexamplePath, counterexample, errorInstance: cause } = outcome;
    const how = `MODEL_SEED=${outcome.seed} MODEL_PATH=${counterexamplePath}`;
    throw new Error(`${why(cause)}\n${fc.stringify(counterexample)}\nRepeat with ${how}`, { cause });
  }
  return { steps: played(), tally };
}

/** The programs that the environment selects: `MODEL_SEED`, and `MODEL_PATH` for a failed program. */
export function replay(): { seed: number | undefined; path: string | undefined } {
  const { MODEL_SEED: seed, MODEL_PATH: path } = process.env;
  return { seed: seed === undefined ? undefined : Number(seed), path };
}
