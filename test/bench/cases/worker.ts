/** What decoding in a worker leaves of the window's thread: for how long nothing else could run there. */
import type { Case } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { madeClip, testClip } from '../page/clips.ts';
import { inTurns } from '../page/rounds.ts';
import type { Row } from '../page/row.ts';
import { rowOf } from '../page/row.ts';
import { paired } from '../page/statistics.ts';
import { reader } from '../sides/reader.ts';
import { readerInWorker } from '../sides/reader-in-worker.ts';
import type { Side } from '../sides/side.ts';

/** 60 frames of 320 × 180, so often: about as long as a clip of 1080p takes. */
const TIMES = 20;

/** As often as browsers let a timer come. One that comes more often, as messages do, takes a core of its own. */
const TIMER_MS = 4;

/** One case for each clip. */
export const workerCases: Case[] = [
  inWorker('1080p, made here', madeClip, 0.95),
  // A message for each frame costs what decoding so small a one does.
  inWorker('VP8 320x180', () => testClip('vp8.webm', TIMES), 0.8),
];

function inWorker(what: string, load: () => Promise<BenchClip>, speedGoal: number): Case {
  const name = `decoding in a worker, ${what}`;
  return {
    name,
    async run(rounds): Promise<Row[]> {
      const clip = await load();
      const there = await prepared(readerInWorker, clip);
      const here = await prepared(reader, clip);
      const delays = await inTurns(
        { there: () => longestDelay(there), here: () => longestDelay(here) },
        rounds,
      );
      const speeds = await inTurns({ there: () => speed(there), here: () => speed(here) }, rounds);
      return [
        rowOf(
          `${name}, the window's longest delay: in a worker / in the window`,
          'ms',
          paired(delays.there, delays.here),
          'at most',
          1,
        ),
        rowOf(
          `${name}, frames a second: in a worker / in the window`,
          '1/s',
          paired(speeds.there, speeds.here),
          'at least',
          speedGoal,
        ),
      ];
    },
  };
}

async function prepared(side: Side, clip: BenchClip): Promise<() => Promise<number>> {
  const decode = await side.prepare(clip);
  return async () => {
    const frames = await decode();
    if (frames !== clip.chunks.length)
      throw new Error(`${side.name} gave ${frames} of ${clip.chunks.length} frames`);
    return frames;
  };
}

async function speed(decode: () => Promise<number>): Promise<number> {
  const start = performance.now();
  return (await decode()) / ((performance.now() - start) / 1000);
}

/** The longest time in ms by which a timer came late, which any task makes wait. */
async function longestDelay(decode: () => Promise<number>): Promise<number> {
  let longest = 0;
  let due = performance.now() + TIMER_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - due);
    due = now + TIMER_MS;
  }, TIMER_MS);
  await decode();
  clearInterval(timer);
  return longest;
}
