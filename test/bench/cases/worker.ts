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

/** A gap, in ms, that is more than what a message that goes round takes by itself. */
const NOT_FREE_MS = 0.5;

/** One case for each clip. */
export const workerCases: Case[] = [
  inWorker('1080p, made here', madeClip),
  inWorker('VP8 320x180', () => testClip('vp8.webm', TIMES)),
];

function inWorker(what: string, load: () => Promise<BenchClip>): Case {
  const name = `decoding in a worker, ${what}`;
  return {
    name,
    async run(rounds): Promise<Row[]> {
      const clip = await load();
      const there = await prepared(readerInWorker, clip);
      const here = await prepared(reader, clip);
      const longest = { there: [] as number[], here: [] as number[] };
      const taken = await inTurns(
        {
          there: () => gapsOf(there, longest.there),
          here: () => gapsOf(here, longest.here),
        },
        rounds,
        0,
      );
      const speeds = await inTurns({ there: () => speed(there), here: () => speed(here) }, rounds);
      return [
        rowOf(
          `${name}, the window's longest gap: in a worker / in the window`,
          'ms',
          paired(longest.there, longest.here),
          'at most',
          1,
        ),
        rowOf(
          `${name}, the window's thread, time of a frame: in a worker / in the window`,
          'µs',
          paired(taken.there, taken.here),
          'at most',
          1,
        ),
        rowOf(
          `${name}, frames a second: in a worker / in the window`,
          '1/s',
          paired(speeds.there, speeds.here),
          'at least',
          0.95,
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

/**
 * Notes the longest time in ms between two ticks of a message that goes round without a pause, which any task makes wait.
 *
 * @returns Microseconds of a frame for which the thread was not free.
 */
async function gapsOf(decode: () => Promise<number>, longest: number[]): Promise<number> {
  const { port1, port2 } = new MessageChannel();
  let most = 0;
  let taken = 0;
  let last = performance.now();
  port1.onmessage = () => {
    const now = performance.now();
    const gap = now - last;
    last = now;
    most = Math.max(most, gap);
    if (gap > NOT_FREE_MS) taken += gap;
    port2.postMessage(null);
  };
  port2.postMessage(null);
  const frames = await decode();
  port1.close();
  longest.push(most);
  return (taken * 1000) / frames;
}
