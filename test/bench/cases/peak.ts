/** The most frames that are open at one time. Runs of their own: counting costs time. */
import { decodeBare } from '../../support/bare-decoder.ts';
import { frameAccount } from '../../support/frame-account.ts';
import type { Case, Settings } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { madeClip, realClip, testClip } from '../page/clips.ts';
import type { Goal } from '../page/goal.ts';
import { atMost } from '../page/goal.ts';
import type { Row } from '../page/row.ts';
import { rowOf } from '../page/row.ts';
import { pairsOf, sidesOf } from '../page/sides.ts';
import { counted } from '../page/statistics.ts';
import { side as decodeFrames } from '../sides/decoding/decode-frames.ts';
import type { Side } from '../sides/side.ts';
import { CAPACITY } from '../sides/side.ts';

/** An app that is slower than a decoder, which takes about 8 ms at 1080p: frames pile up wherever nothing stops them. */
const PAUSE_MS = 20;

/** One case for each clip. */
export const cases = ({ realClip: url }: Settings): Case[] => [
  ...(url === null ? [] : [peak('VP8 1080p, real', () => realClip(url))]),
  peak('1080p, made here', madeClip),
  peak('H.264 320 × 180 with B-frames', () => testClip('h264_bframes.mp4', 2)),
];

function peak(what: string, load: () => Promise<BenchClip>): Case {
  const name = `most open frames, ${what}`;
  const row = (sides: string, why: string, ours: number, other: number, goal: Goal | null): Row =>
    rowOf({
      name: `${name}: ${sides}`,
      why,
      unit: 'frames',
      compared: counted(ours, other),
      goal,
    });
  return {
    name,
    async run(): Promise<Row[]> {
      const clip = await load();
      const { lag } = await decodeBare(clip);
      const bound = CAPACITY + lag;
      const cap = `capacity + the decoder's lag`;
      const why = 'the cap is hard, but for frames that a decoder keeps back';
      const rows: Row[] = [];
      for (const [speed, pauseMs] of [
        [', slow app', PAUSE_MS],
        ['', 0],
      ] as const) {
        const figure = await peakOf(decodeFrames, clip, pauseMs);
        rows.push(row(`${decodeFrames.name}${speed} / ${cap}`, why, figure, bound, atMost(1)));
      }
      // A loop that takes frames as they come has no slow app; who asks for frames has a fast one too, which shows less.
      for (const [from, speed, pauseMs] of [
        ['chunks', '', 0],
        ['file', ', slow app', PAUSE_MS],
      ] as const) {
        for (const { ours, other, rival } of pairsOf(sidesOf(from))) {
          const figures = [await peakOf(ours, clip, pauseMs), await peakOf(other, clip, pauseMs)] as const;
          rows.push(row(`${ours.name}${speed} / ${other.name}`, rival.why, ...figures, rival.peak));
        }
      }
      return rows;
    },
  };
}

async function peakOf(side: Side, clip: BenchClip, pauseMs: number): Promise<number> {
  const account = frameAccount();
  account.reset();
  await (
    await side.prepare(clip, { pauseMs })
  )();
  const left = account.stillOpen().length;
  if (left > 0) throw new Error(`${side.name} left ${left} frames open`);
  return account.peak;
}
