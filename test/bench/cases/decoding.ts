/** Frames a second: decode, hold three, release. */
import type { Case, Settings } from '../page/case.ts';
import { casesOf } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { largeClips, testClip } from '../page/clips.ts';
import { framesPerSecond, inTurns } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { pairsOf, prepared } from '../page/sides.ts';
import { paired } from '../page/statistics.ts';

/** Repetitions of 60 frames of 320 × 180: about as long as a clip of 1080p takes. */
const TIMES = 20;

/** One case for each clip. */
export const cases = (settings: Settings): Case[] => {
  const small = [
    { what: 'VP8 320 × 180', load: () => testClip('vp8.webm', TIMES) },
    { what: 'H.264 320 × 180 with B-frames', load: () => testClip('h264_bframes.mp4', TIMES) },
  ];
  return casesOf('frames a second', [...largeClips(settings), ...small], decoding);
};

async function decoding(clip: BenchClip, name: string, rounds: number): Promise<Measure[]> {
  const pairs = [...pairsOf('chunks'), ...pairsOf('file')];
  const sides = new Set(pairs.flatMap(({ ours, other }) => [ours, other]));
  const ready = await Promise.all(
    [...sides].map(async (side) => {
      const decode = await prepared(side, clip);
      return [side.name, () => framesPerSecond(decode)] as const;
    }),
  );
  const figures = await inTurns(Object.fromEntries(ready), rounds);
  return pairs.map(({ ours, other, rival }) => ({
    name: `${name}: ${ours.name} / ${other.name}`,
    why: rival.why,
    unit: '1/s',
    compared: paired(figures[ours.name] ?? [], figures[other.name] ?? []),
    goal: rival.speed,
  }));
}
