/** Frames a second: decode, hold three, release. */
import type { Case, Settings } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { madeClip, realClip, testClip } from '../page/clips.ts';
import { inTurns } from '../page/rounds.ts';
import type { Row } from '../page/row.ts';
import { rowOf } from '../page/row.ts';
import { paired } from '../page/statistics.ts';
import { bare } from '../sides/bare.ts';
import { ours } from '../sides/decode-frames.ts';
import { mediabunny } from '../sides/mediabunny.ts';
import { reader } from '../sides/reader.ts';
import type { Side } from '../sides/side.ts';

/** 60 frames of 320 × 180, so often: about as long as a clip of 1080p takes. */
const TIMES = 20;

/** One case for each clip. */
export function decodingCases({ realClip: url }: Settings): Case[] {
  return [
    ...(url === null ? [] : [decoding('VP8 1080p, real', () => realClip(url))]),
    decoding('1080p, made here', madeClip),
    decoding('VP8 320x180', () => testClip('vp8.webm', TIMES)),
    decoding('H.264 320x180 with B-frames', () => testClip('h264_bframes.mp4', TIMES)),
  ];
}

function decoding(what: string, load: () => Promise<BenchClip>): Case {
  const name = `frames a second, ${what}`;
  return {
    name,
    async run(rounds): Promise<Row[]> {
      const clip = await load();
      const figures = await inTurns(
        {
          bare: await framesPerSecond(bare, clip),
          ours: await framesPerSecond(ours, clip),
          reader: await framesPerSecond(reader, clip),
          mediabunny: await framesPerSecond(mediabunny, clip),
        },
        rounds,
      );
      // Chunks against chunks, a file against a file: who reads a file has more to do.
      return [
        rowOf(
          `${name}: ${ours.name} / ${bare.name}`,
          '1/s',
          paired(figures.ours, figures.bare),
          'at least',
          0.95,
        ),
        rowOf(
          `${name}: ${reader.name} / ${mediabunny.name}`,
          '1/s',
          paired(figures.reader, figures.mediabunny),
          'at least',
          1,
        ),
      ];
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
