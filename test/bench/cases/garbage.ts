/** What the library leaves for the collector with each frame, beyond the bare loop, and what stays on the heap for good. */
import type { Case } from '../page/case.ts';
import { atMost } from '../page/goal.ts';
import { usedHeap } from '../page/probes.ts';
import { inTurns, settle } from '../page/rounds.ts';
import { prepared } from '../page/sides.ts';
import { paired } from '../page/statistics.ts';
import { side as bare } from '../sides/decoding/bare.ts';
import { side as ours } from '../sides/decoding/decode-frames.ts';
import { standInClip, standInDecoder } from '../sides/stand-in-decoder.ts';

/** So many that what an engine keeps for itself is little to each. */
const FRAMES = 20_000;

/** Bytes a frame that an engine's own tables come to, and what the next full collection would find. */
const NOTHING = 1;

/** After so many, and so long after each, the heap was seen to stand still. */
const COLLECTIONS = 4;
const COLLECTION_MS = 20;

/** Frames come from a decoder that decodes nothing: its own garbage is the same on both sides. */
export const cases = (): Case[] => [
  {
    name: 'garbage',
    async run(rounds) {
      const clip = standInClip(FRAMES);
      const sides = {
        bare: await prepared(bare, clip, { decoder: standInDecoder() }),
        ours: await prepared(ours, clip, { decoder: standInDecoder() }),
      };
      const inBoth = (measure: (work: () => Promise<unknown>) => Promise<number>) =>
        inTurns({ bare: () => measure(sides.bare), ours: () => measure(sides.ours) }, rounds);
      const made = await inBoth(allocated);
      const kept = await inBoth(retained);
      const pair = `${ours.name} − ${bare.name}`;
      return [
        {
          name: `bytes allocated a frame: ${pair}`,
          why: 'a collector that has little to do does not interrupt the picture',
          unit: 'B',
          compared: paired(made.ours, made.bare, 'difference'),
          goal: atMost(1000),
        },
        {
          name: `bytes kept a frame, after a collection: ${pair}`,
          why: 'what is kept of each frame is a leak, however small',
          unit: 'B',
          compared: paired(kept.ours, kept.bare, 'difference'),
          goal: atMost(NOTHING),
        },
      ];
    },
  },
];

async function allocated(work: () => Promise<unknown>): Promise<number> {
  await globalThis.beginAllocations();
  await work();
  return (await globalThis.endAllocations()) / FRAMES;
}

async function retained(work: () => Promise<unknown>): Promise<number> {
  await settleWhole();
  const before = usedHeap();
  await work();
  await settleWhole();
  return (usedHeap() - before) / FRAMES;
}

/** Collects repeatedly: registries drop what a collection finds in later tasks, and only then does the next one find that. */
async function settleWhole(): Promise<void> {
  for (let time = 0; time < COLLECTIONS; time++) {
    await settle();
    await new Promise((resolve) => setTimeout(resolve, COLLECTION_MS));
  }
}
