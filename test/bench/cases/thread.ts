/** What the library costs the main thread for each frame, beyond the bare loop. */
import type { Case } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { testClip } from '../page/clips.ts';
import { atMost } from '../page/goal.ts';
import { inTurns } from '../page/rounds.ts';
import type { Row } from '../page/row.ts';
import { rowOf } from '../page/row.ts';
import { paired } from '../page/statistics.ts';
import { sumOf, tasksOf } from '../page/trace.ts';
import { side as bare } from '../sides/decoding/bare.ts';
import { side as ours } from '../sides/decoding/decode-frames.ts';
import type { Side } from '../sides/side.ts';
import { standInClip, standInDecoder } from '../sides/stand-in-decoder.ts';

const FRAMES = 20_000;

/** 60 frames of 320 × 180, so often: enough tasks for a sum that stands still. */
const TIMES = 20;

/** Microseconds: a frame at 60 Hz has 16,667, and a thousandth of that is what an app may spend without thinking. */
const GOAL = atMost(15);

const WHY = 'what an app pays for the pool on the thread that draws';

/** In hot code, and as it is while a decoder works. */
export const cases = (): Case[] => [
  {
    name: 'main thread, without decoding',
    async run(rounds) {
      const clip = standInClip(FRAMES);
      return rowsOf(
        'without decoding',
        rounds,
        async (side) => {
          const decode = await decoding(side, clip, standInDecoder());
          // Both sides keep the thread busy from the first frame to the last, so the time that passes is the time it costs.
          return async () => {
            const start = performance.now();
            await decode();
            return performance.now() - start;
          };
        },
        FRAMES,
      );
    },
  },
  {
    name: 'main thread, while decoding',
    async run(rounds) {
      const clip = await testClip('vp8.webm', TIMES);
      return rowsOf(
        'while decoding VP8 320 × 180',
        rounds,
        async (side) => {
          const decode = await decoding(side, clip);
          return async () => sumOf(await tasksOf(decode));
        },
        clip.chunks.length,
      );
    },
  },
];

/** @param prepare - Gets a side ready to tell how many ms of the thread it takes. */
async function rowsOf(
  what: string,
  rounds: number,
  prepare: (side: Side) => Promise<() => Promise<number>>,
  frames: number,
): Promise<Row[]> {
  const figures = await inTurns({ bare: await prepare(bare), ours: await prepare(ours) }, rounds);
  const microseconds = (spent: readonly number[]): number[] => spent.map((ms) => (ms * 1000) / frames);
  return [
    rowOf({
      name: `main thread, time of a frame, ${what}: ${ours.name} − ${bare.name}`,
      why: WHY,
      unit: 'µs',
      compared: paired(microseconds(figures.ours), microseconds(figures.bare), 'difference'),
      goal: GOAL,
    }),
  ];
}

async function decoding(
  side: Side,
  clip: BenchClip,
  decoder?: typeof VideoDecoder,
): Promise<() => Promise<void>> {
  const decode = await side.prepare(clip, decoder === undefined ? {} : { decoder });
  return async () => {
    const frames = await decode();
    if (frames !== clip.chunks.length)
      throw new Error(`${side.name} gave ${frames} of ${clip.chunks.length} frames`);
  };
}
