/** What the library costs the main thread for each frame, beyond the bare loop. */
import type { Case } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { inTurns } from '../page/rounds.ts';
import { rowOf } from '../page/row.ts';
import { paired } from '../page/statistics.ts';
import { bare } from '../sides/bare.ts';
import { ours } from '../sides/decode-frames.ts';
import type { Side } from '../sides/side.ts';
import { standInDecoder } from './stand-in-decoder.ts';

const FRAMES = 20_000;

const FRAME_US = 33_333;

/** Microseconds: a frame at 60 Hz has 16,667, and a thousandth of that is what an app may spend without thinking. */
const GOAL_US = 15;

/** Both sides keep the thread busy from the first frame to the last, so the time that passes is the time it costs. */
export const threadCases: Case[] = [
  {
    name: 'main thread',
    async run(rounds) {
      const figures = await inTurns(
        { bare: await microsecondsPerFrame(bare), ours: await microsecondsPerFrame(ours) },
        rounds,
      );
      const added = paired(figures.ours, figures.bare, (a, b) => a - b);
      const name = `main thread, time of a frame: ${ours.name} − ${bare.name} (the difference, not a ratio)`;
      return [rowOf(name, 'µs', added, 'at most', GOAL_US)];
    },
  },
];

async function microsecondsPerFrame(side: Side): Promise<() => Promise<number>> {
  const chunks = Array.from({ length: FRAMES }, (_, index) => {
    const type = index === 0 ? 'key' : 'delta';
    return new EncodedVideoChunk({ type, timestamp: index * FRAME_US, data: new Uint8Array(1) });
  });
  const clip: BenchClip = { config: { codec: 'vp8' }, chunks, blob: new Blob() };
  const decode = await side.prepare(clip, { decoder: standInDecoder() });
  return async () => {
    const start = performance.now();
    const frames = await decode();
    const microseconds = (performance.now() - start) * 1000;
    if (frames !== FRAMES) throw new Error(`${side.name} gave ${frames} of ${FRAMES} frames`);
    return microseconds / FRAMES;
  };
}
