/** Measures sides in turns, so that a busy machine slows all of them. */
import type { Compared, Held } from './statistics.ts';
import { paired } from './statistics.ts';

/** Does its work once and returns its figure. */
export type Measured<Figure> = () => Figure | Promise<Figure>;

/**
 * The figures of each side, round by round. The order changes from round to round, so that no side always follows
 * the same other one; garbage of the previous one is collected outside the measured time.
 * @param warmUps - Rounds before the first that counts.
 */
export async function inTurns<Name extends string, Figure = number>(
  sides: Readonly<Record<Name, Measured<Figure>>>,
  rounds: number,
  warmUps = 1,
): Promise<Record<Name, Figure[]>> {
  const names = Object.keys(sides) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as Figure[]])) as Record<Name, Figure[]>;
  for (let round = -warmUps; round < rounds; round++) {
    for (const name of orderOf(names, round + warmUps)) {
      await settle();
      const figure = await sides[name]();
      if (round >= 0) figures[name].push(figure);
    }
  }
  return figures;
}

/**
 * A B C and backwards, then B C A and backwards, and so on: in twice as many rounds as there are sides, each side
 * comes at each place twice, and drift affects both halves of a pair of rounds equally.
 */
export function orderOf<Name>(names: readonly Name[], round: number): Name[] {
  const start = (round >> 1) % names.length;
  const turned = [...names.slice(start), ...names.slice(0, start)];
  return round % 2 === 0 ? turned : turned.toReversed();
}

/** The figures of two sides in turns, in pairs. */
export async function pairedInTurns(
  ours: Measured<number>,
  other: Measured<number>,
  rounds: number,
  held?: Held,
): Promise<Compared> {
  const figures = await inTurns({ ours, other }, rounds);
  return paired(figures.ours, figures.other, held);
}

/** Frames per second of a piece of work that returns the number of its frames. */
export async function framesPerSecond(work: () => Promise<number>): Promise<number> {
  const start = performance.now();
  return ((await work()) * 1000) / (performance.now() - start);
}

/** Collects garbage, and lets its callbacks run. */
export async function settle(): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('the browser must be started with --js-flags=--expose-gc');
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 0));
}
