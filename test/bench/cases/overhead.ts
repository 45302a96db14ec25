/** The library's cost per frame beyond the bare loop: time of the main thread, and bytes left on the heap. */
import type { Case } from '../page/case.ts';
import { testClip } from '../page/clips.ts';
import { atMost } from '../page/goal.ts';
import { sumOf, tasksOf, usedHeap } from '../page/probes.ts';
import { pairedInTurns, settle } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { prepared } from '../page/sides.ts';
import type { Compared } from '../page/statistics.ts';
import { side as bare } from '../sides/decoding/bare.ts';
import { side as ours } from '../sides/decoding/decode-frames.ts';
import type { Side } from '../sides/side.ts';
import { standInClip, standInDecoder } from '../sides/stand-in-decoder.ts';

/** Enough frames that the engine's own bytes are little per frame. */
const FRAMES = 20_000;

/** Repetitions of 60 frames of 320 × 180: enough tasks for a stable sum. */
const TIMES = 20;

/** Bytes per frame of an engine's own tables, and of garbage for the next full collection. */
const NOTHING = 1;

/** Microseconds: a frame at 60 Hz has 16,667, and an app may spend a thousandth of that without planning. */
const TIME_GOAL = atMost(15);

/** Collections, and the time after each, until the heap is stable. Found by measuring. */
const COLLECTIONS = 4;
const COLLECTION_MS = 20;

const PAIR = `${ours.name} − ${bare.name}`;

/** Does a side's work once, and resolves to its figure per frame. */
type Measuring = (work: () => Promise<unknown>) => Promise<number>;

/** The thread's time in hot code, and during the work of a decoder. */
export const cases = (): Case[] => [
  { name: 'garbage', run: garbage },
  {
    name: 'main thread, without decoding',
    run: async (rounds) => [
      timeOf('without decoding', await inBoth(await withoutDecoding(), elapsed, rounds)),
    ],
  },
  { name: 'main thread, while decoding', run: whileDecoding },
];

async function garbage(rounds: number): Promise<Measure[]> {
  const sides = await withoutDecoding();
  return [
    {
      name: `bytes allocated a frame: ${PAIR}`,
      why: 'a collector with little garbage does not interrupt the picture',
      unit: 'B',
      compared: await inBoth(sides, allocated, rounds),
      goal: atMost(1000),
    },
    {
      name: `bytes kept a frame, after a collection: ${PAIR}`,
      why: 'bytes that stay for each frame are a leak, however small',
      unit: 'B',
      compared: await inBoth(sides, retained, rounds),
      goal: atMost(NOTHING),
    },
  ];
}

async function whileDecoding(rounds: number): Promise<Measure[]> {
  const clip = await testClip('vp8.webm', TIMES);
  const sides = [await prepared(ours, clip), await prepared(bare, clip)] as const;
  const spent: Measuring = async (work) => (sumOf(await tasksOf(work)) * 1000) / clip.chunks.length;
  return [timeOf('while decoding VP8 320 × 180', await inBoth(sides, spent, rounds))];
}

/** Frames come from a decoder that decodes nothing: its own time and garbage are the same on both sides. */
async function withoutDecoding() {
  const clip = standInClip(FRAMES);
  const sideOf = (side: Side) => prepared(side, clip, { decoder: standInDecoder() });
  return [await sideOf(ours), await sideOf(bare)] as const;
}

type Sides = Awaited<ReturnType<typeof withoutDecoding>>;

const inBoth = ([here, there]: Sides, measure: Measuring, rounds: number): Promise<Compared> =>
  pairedInTurns(
    () => measure(here),
    () => measure(there),
    rounds,
    'difference',
  );

const timeOf = (what: string, compared: Compared): Measure => ({
  name: `main thread, time of a frame, ${what}: ${PAIR}`,
  why: 'the app’s cost of the pool on the thread that draws',
  unit: 'µs',
  compared,
  goal: TIME_GOAL,
});

/**
 * Elapsed microseconds: both sides keep the thread busy from the first frame to the last, so that elapsed time is
 * the work's cost.
 */
const elapsed: Measuring = async (work) => {
  const start = performance.now();
  await work();
  return ((performance.now() - start) * 1000) / FRAMES;
};

const allocated: Measuring = async (work) => {
  await globalThis.beginAllocations();
  await work();
  return (await globalThis.endAllocations()) / FRAMES;
};

const retained: Measuring = async (work) => {
  await settleWhole();
  const before = usedHeap();
  await work();
  await settleWhole();
  return (usedHeap() - before) / FRAMES;
};

/**
 * Collects repeatedly: registries drop the entries of a collection in later tasks, and only then does the next
 * collection find them.
 */
async function settleWhole(): Promise<void> {
  for (let time = 0; time < COLLECTIONS; time++) {
    await settle();
    await new Promise((resolve) => setTimeout(resolve, COLLECTION_MS));
  }
}
