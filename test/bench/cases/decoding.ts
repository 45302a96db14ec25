/** Frames a second: decode, hold three, release. */
import type { Case, Settings } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { madeClip, realClip, testClip } from '../page/clips.ts';
import { inTurns } from '../page/rounds.ts';
import type { Row } from '../page/row.ts';
import { rowOf } from '../page/row.ts';
import { pairsOf, sidesOf } from '../page/sides.ts';
import { paired } from '../page/statistics.ts';
import type { Side } from '../sides/side.ts';

/** 60 frames of 320 × 180, so often: about as long as a clip of 1080p takes. */
const TIMES = 20;

/** One case for each clip. */
export const cases = ({ realClip: url }: Settings): Case[] => [
  ...(url === null ? [] : [decoding('VP8 1080p, real', () => realClip(url))]),
  decoding('1080p, made here', madeClip),
  decoding('VP8 320 × 180', () => testClip('vp8.webm', TIMES)),
  decoding('H.264 320 × 180 with B-frames', () => testClip('h264_bframes.mp4', TIMES)),
];

function decoding(what: string, load: () => Promise<BenchClip>): Case {
  const name = `frames a second, ${what}`;
  return {
    name,
    async run(rounds): Promise<Row[]> {
      const clip = await load();
      const sides = [...sidesOf('chunks'), ...sidesOf('file')];
      const ready = await Promise.all(
        sides.map(async (side) => [side.name, await framesPerSecond(side, clip)] as const),
      );
      const figures = await inTurns(Object.fromEntries(ready), rounds);
      return [sidesOf('chunks'), sidesOf('file')].flatMap(pairsOf).map(({ ours, other, rival }) =>
        rowOf({
          name: `${name}: ${ours.name} / ${other.name}`,
          why: rival.why,
          unit: '1/s',
          compared: paired(figures[ours.name] ?? [], figures[other.name] ?? []),
          goal: rival.speed,
        }),
      );
    },
  };
}

async function framesPerSecond(side: Side, clip: BenchClip): Promise<() => Promise<number>> {
  const decode = await side.prepare(clip);
  return async () => {
    const start = performance.now();
    const frames = await decode();
    const seconds = (performance.now() - start) / 1000;
    // Whoever loses frames is not faster.
    if (frames !== clip.chunks.length)
      throw new Error(`${side.name} gave ${frames} of ${clip.chunks.length} frames`);
    return frames / seconds;
  };
}
