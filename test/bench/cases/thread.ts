/** What the library costs the main thread for each frame, beyond the bare loop. */
import type { Case } from '../page/case.ts';
import { testClip } from '../page/clips.ts';
import { atMost } from '../page/goal.ts';
import { sumOf, tasksOf } from '../page/probes.ts';
import { inTurns } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { prepared } from '../page/sides.ts';
import { paired } from '../page/statistics.ts';
import { side as bare } from '../sides/decoding/bare.ts';
import { side as ours } from '../sides/decoding/decode-frames.ts';
import { standInClip, standInDecoder } from '../sides/stand-in-decoder.ts';

const FRAMES = 20_000;

/** 60 frames of 320 × 180, so often: enough tasks for a sum that stands still. */
const TIMES = 20;

/** Microseconds: a frame at 60 Hz has 16,667, and a thousandth of that is what an app may spend without thinking. */
const GOAL = atMost(15);

/** Milliseconds that pass: both sides keep the thread busy from the first frame to the last, so that is what the work costs. */
async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** In hot code, and as it is while a decoder works. */
export const cases = (): Case[] => [
  {
    name: 'main thread, without decoding',
    async run(rounds) {
      const clip = standInClip(FRAMES);
      const sides = {
        bare: await prepared(bare, clip, { decoder: standInDecoder() }),
        ours: await prepared(ours, clip, { decoder: standInDecoder() }),
      };
      const figures = await inTurns(
        { bare: () => elapsed(sides.bare), ours: () => elapsed(sides.ours) },
        rounds,
      );
      return [measureOf('without decoding', figures, FRAMES)];
    },
  },
  {
    name: 'main thread, while decoding',
    async run(rounds) {
      const clip = await testClip('vp8.webm', TIMES);
      const sides = { bare: await prepared(bare, clip), ours: await prepared(ours, clip) };
      const spent = async (work: () => Promise<unknown>): Promise<number> => sumOf(await tasksOf(work));
      const figures = await inTurns({ bare: () => spent(sides.bare), ours: () => spent(sides.ours) }, rounds);
      return [measureOf('while decoding VP8 320 × 180', figures, clip.chunks.length)];
    },
  },
];

/** @param figures - Milliseconds of the thread that each side takes. */
function measureOf(what: string, figures: Record<'bare' | 'ours', number[]>, frames: number): Measure {
  const microseconds = (spent: readonly number[]): number[] => spent.map((ms) => (ms * 1000) / frames);
  return {
    name: `main thread, time of a frame, ${what}: ${ours.name} − ${bare.name}`,
    why: 'what an app pays for the pool on the thread that draws',
    unit: 'µs',
    compared: paired(microseconds(figures.ours), microseconds(figures.bare), 'difference'),
    goal: GOAL,
  };
}
