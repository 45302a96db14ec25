/** The maximum of frames that are open at one time. These are separate runs, because counting costs time. */
import { decodeBare } from '../../support/bare-decoder.ts';
import type { Case, Settings } from '../page/case.ts';
import { casesOf } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { largeClips, testClip } from '../page/clips.ts';
import type { Goal } from '../page/goal.ts';
import { atMost } from '../page/goal.ts';
import { mostOpenFrames } from '../page/probes.ts';
import type { Measure } from '../page/row.ts';
import { pairsOf } from '../page/sides.ts';
import { counted } from '../page/statistics.ts';
import { side as decodeFrames } from '../sides/decoding/decode-frames.ts';
import type { Side } from '../sides/side.ts';
import { CAPACITY } from '../sides/side.ts';

/** An app that is slower than a decoder, which takes about 8 ms at 1080p: frames pile up unless they are limited. */
const PAUSE_MS = 20;

/** One case for each clip. */
export const cases = (settings: Settings): Case[] => {
  const small = { what: 'H.264 320 × 180 with B-frames', load: () => testClip('h264_bframes.mp4', 2) };
  return casesOf('most open frames', [...largeClips(settings), small], peak);
};

async function peak(clip: BenchClip, name: string): Promise<Measure[]> {
  const { delay } = await decodeBare(clip);
  const measures: Measure[] = [];
  const add = (sides: string, why: string, ours: number, other: number, goal: Goal | null): void => {
    measures.push({ name: `${name}: ${sides}`, why, unit: 'frames', compared: counted(ours, other), goal });
  };
  const peakOf = (side: Side, pauseMs: number): Promise<number> =>
    mostOpenFrames(async () => (await side.prepare(clip, { pauseMs }))());
  const why = 'the cap is hard, except for the decoder’s delay';
  const slow = [', slow app', PAUSE_MS] as const;
  const fast = ['', 0] as const;
  for (const [speed, pauseMs] of [slow, fast]) {
    const sides = `${decodeFrames.name}${speed} / capacity + the decoder’s delay`;
    add(sides, why, await peakOf(decodeFrames, pauseMs), CAPACITY + delay, atMost(1));
  }
  // A loop that takes frames as they come has no slow app; an app that requests frames has a fast one too, which
  // shows less.
  for (const [from, [speed, pauseMs]] of [['chunks', fast] as const, ['file', slow] as const]) {
    for (const { ours, other, rival } of pairsOf(from)) {
      const figures = [await peakOf(ours, pauseMs), await peakOf(other, pauseMs)] as const;
      add(`${ours.name}${speed} / ${other.name}`, rival.why, ...figures, rival.peak);
    }
  }
  return measures;
}
