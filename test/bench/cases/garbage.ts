/** What the library leaves for the collector with each frame, beyond the bare loop, and what stays on the heap for good. */
import type { Case } from '../page/case.ts';
import { atMost } from '../page/goal.ts';
import { usedHeap } from '../page/heap.ts';
import { inTurns, settle } from '../page/rounds.ts';
import { rowOf } from '../page/row.ts';
import { paired } from '../page/statistics.ts';
import { side as bare } from '../sides/decoding/bare.ts';
import { side as ours } from '../sides/decoding/decode-frames.ts';
import type { Side } from '../sides/side.ts';
import { standInClip, standInDecoder } from '../sides/stand-in-decoder.ts';

/** So many that what an engine keeps for itself is little to each. */
const FRAMES = 20_000;

/** Bytes a frame that an engine's own tables come to, and what the next full collection would find. */
const NOTHING = 1;

/** After so many, and so long after each, the heap was seen to stand still. */
const COLLECTIONS = 4;
const COLLECTION_MS = 20;

declare global {
  /** Offered by run.mjs: the second tells the bytes that were allocated since the first, those that are garbage included. */
  function beginAllocations(): Promise<void>;
  function endAllocations(): Promise<number>;
}

/** Frames come from a decoder that decodes nothing: its own garbage is the same on both sides. */
export const cases = (): Case[] => [
  {
    name: 'garbage',
    async run(rounds) {
      const sides = { bare: await decoding(bare), ours: await decoding(ours) };
      const made = await inTurns(
        { bare: () => allocated(sides.bare), ours: () => allocated(sides.ours) },
        rounds,
      );
      const kept = await inTurns(
        { bare: () => retained(sides.bare), ours: () => retained(sides.ours) },
        rounds,
      );
      const pair = `${ours.name} − ${bare.name}`;
      return [
        rowOf({
          name: `bytes allocated a frame: ${pair}`,
          why: 'a collector that has little to do does not interrupt the picture',
          unit: 'B',
          compared: paired(made.ours, made.bare, 'difference'),
          goal: atMost(1000),
        }),
        rowOf({
          name: `bytes kept a frame, after a collection: ${pair}`,
          why: 'what is kept of each frame is a leak, however small',
          unit: 'B',
          compared: paired(kept.ours, kept.bare, 'difference'),
          goal: atMost(NOTHING),
        }),
      ];
    },
  },
];

async function decoding(side: Side): Promise<() => Promise<void>> {
  const decode = await side.prepare(standInClip(FRAMES), { decoder: standInDecoder() });
  return async () => {
    const frames = await decode();
    if (frames !== FRAMES) throw new Error(`${side.name} gave ${frames} of ${FRAMES} frames`);
  };
}

async function allocated(work: () => Promise<void>): Promise<number> {
  await globalThis.beginAllocations();
  await work();
  return (await globalThis.endAllocations()) / FRAMES;
}

async function retained(work: () => Promise<void>): Promise<number> {
  await settleWhole();
  const before = usedHeap();
  await work();
  await settleWhole();
  return (usedHeap() - before) / FRAMES;
}

/** What a collection finds, its registries let go of in later tasks, and then the next one finds that. */
async function settleWhole(): Promise<void> {
  for (let time = 0; time < COLLECTIONS; time++) {
    await settle();
    await new Promise((resolve) => setTimeout(resolve, COLLECTION_MS));
  }
}
