/** The most frames that are open at one time. Runs of their own: counting costs time. */
import { decodeBare } from '../../support/bare-decoder.ts';
import { frameAccount } from '../../support/frame-account.ts';
import type { Case, Settings } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { madeClip, realClip, testClip } from '../page/clips.ts';
import type { Row } from '../page/row.ts';
import { rowOf } from '../page/row.ts';
import { bare } from '../sides/bare.ts';
import { ours } from '../sides/decode-frames.ts';
import { mediabunny } from '../sides/mediabunny.ts';
import { reader } from '../sides/reader.ts';
import type { Side } from '../sides/side.ts';
import { CAPACITY } from '../sides/side.ts';

/** An app that is slower than a decoder, which takes about 8 ms at 1080p: frames pile up wherever nothing stops them. */
const PAUSE_MS = 20;

/** One case for each clip. */
export function peakCases({ realClip: url }: Settings): Case[] {
  return [
    ...(url === null ? [] : [peak('VP8 1080p, real', () => realClip(url))]),
    peak('1080p, made here', madeClip),
    peak('H.264 320x180 with B-frames', () => testClip('h264_bframes.mp4', 2)),
  ];
}

function peak(what: string, load: () => Promise<BenchClip>): Case {
  const name = `peak of open frames, ${what}`;
  return {
    name,
    async run(): Promise<Row[]> {
      const clip = await load();
      const { lag } = await decodeBare(clip);
      const bound = CAPACITY + lag;
      const slow = await peakOf(ours, clip, PAUSE_MS);
      const fast = await peakOf(ours, clip, 0);
      return [
        row(`${name}: ${ours.name}, slow app / capacity + the decoder's lag`, slow, bound),
        row(`${name}: ${ours.name} / capacity + the decoder's lag`, fast, bound),
        row(
          `${name}: ${reader.name}, slow app / ${mediabunny.name}`,
          await peakOf(reader, clip, PAUSE_MS),
          await peakOf(mediabunny, clip, PAUSE_MS),
        ),
        // The bare loop counts as closely as a loop can that knows its decoder; the rest is chance.
        row(`${name}: ${ours.name} / ${bare.name}`, fast, await peakOf(bare, clip, 0)),
      ];
    },
  };
}

function row(name: string, figure: number, other: number): Row {
  return rowOf(name, 'frames', { ours: figure, other, value: figure / other, interval: null }, 'at most', 1);
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
