/** Copying each frame of a 1080p clip into memory: reused by the pool, reused by hand, and fresh for each. */
import type { MemoryFormat } from '../../../src/index.ts';
import { memoryStorage, VideoFramePool } from '../../../src/index.ts';
import type { Case, Settings } from '../page/case.ts';
import { casesOf } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { largeClips } from '../page/clips.ts';
import { atLeast, atMost } from '../page/goal.ts';
import { keep } from '../page/operations.ts';
import { peakOfHeap } from '../page/probes.ts';
import { framesPerSecond, inTurns, pairedInTurns } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { paired } from '../page/statistics.ts';
import type { Work } from '../sides/each-frame.ts';
import { eachFrame } from '../sides/each-frame.ts';

/** Copies of the one frame in a figure. */
const COPIES = 60;

const SAME_FRAME = 'the copy alone, 1080p';

/** Cases of copies into memory. */
export const cases = (settings: Settings): Case[] => [
  ...casesOf('decode and copy into memory', largeClips(settings), copies),
  { name: SAME_FRAME, run: copiesOfOneFrame },
];

async function copies(clip: BenchClip, name: string, rounds: number): Promise<Measure[]> {
  const { ours, reused, fresh, close } = await sidesFor(clip);
  const speedOf = (work: Work) => () => framesPerSecond(() => eachFrame(clip, work));
  const figures = await inTurns(
    { ours: speedOf(ours), reused: speedOf(reused), fresh: speedOf(fresh) },
    rounds,
  );
  const heapOf = (work: Work) => () => peakOfHeap(() => eachFrame(clip, work));
  const heaps = await pairedInTurns(heapOf(ours), heapOf(fresh), Math.min(rounds, 5));
  close();
  return [
    {
      name: `${name}: copyFrom() / one reused buffer by hand`,
      why: 'counted buffers copy as fast as an uncounted one',
      unit: '1/s',
      compared: paired(figures.ours, figures.reused),
      goal: atLeast(0.98),
    },
    {
      name: `${name}: copyFrom() / fresh buffers`,
      why: 'the gain of reuse: repeated allocation is slow',
      unit: '1/s',
      compared: paired(figures.ours, figures.fresh),
      goal: atLeast(1.2),
    },
    {
      name: `${name}: peak heap, copyFrom() / fresh buffers`,
      why: 'the heap that reuse saves',
      unit: 'MB',
      compared: heaps,
      goal: atMost(0.25),
    },
  ];
}

/** The copy alone: the cost of allocation, without the decoder. */
async function copiesOfOneFrame(rounds: number): Promise<Measure[]> {
  const size = { codedWidth: 1920, codedHeight: 1080 };
  const pixels = new Uint8Array((size.codedWidth * size.codedHeight * 3) / 2).fill(128);
  const frame = new VideoFrame(pixels, { format: 'I420', ...size, timestamp: 0 });
  const { ours, reused, fresh, close } = sidesOf('I420', size.codedWidth, size.codedHeight);
  const timed = (work: Work) => async (): Promise<number> => {
    const start = performance.now();
    for (let copy = 0; copy < COPIES; copy++) await work(frame.clone());
    return (performance.now() - start) / COPIES;
  };
  const figures = await inTurns({ ours: timed(ours), reused: timed(reused), fresh: timed(fresh) }, rounds);
  frame.close();
  close();
  const measure = (name: string, other: number[]): Measure => ({
    name: `${SAME_FRAME}: fresh buffers / ${name}`,
    why: 'the cost of allocation, without the decoder',
    unit: 'ms',
    compared: paired(figures.fresh, other),
    goal: atLeast(5),
  });
  return [measure('copyFrom()', figures.ours), measure('one reused buffer by hand', figures.reused)];
}

/** The ways to copy for the frames of this clip, whatever format this browser decodes to. */
async function sidesFor(clip: BenchClip) {
  const sides: ReturnType<typeof sidesOf>[] = [];
  await eachFrame({ ...clip, chunks: clip.chunks.slice(0, 1) }, async (frame) => {
    const { width = 0, height = 0 } = frame.visibleRect ?? {};
    sides.push(sidesOf(frame.format as MemoryFormat, width, height));
    frame.close();
  });
  const [first] = sides;
  if (first === undefined) throw new Error('the clip has no frame');
  return first;
}

/** Three ways to copy; each owns the frame. */
function sidesOf(format: MemoryFormat, codedWidth: number, codedHeight: number) {
  const storage = memoryStorage({ format, codedWidth, codedHeight });
  const pool = new VideoFramePool({ capacity: 2, storage });
  const buffer = new Uint8Array(storage.byteLength);
  const copy = async (frame: VideoFrame, target: Uint8Array): Promise<void> => {
    await frame.copyTo(target);
    frame.close();
    keep(target[0]);
  };
  return {
    async ours(frame: VideoFrame) {
      const handle = await pool.copyFrom(frame);
      frame.close();
      keep(handle.data[0]);
      handle.release();
    },
    reused: (frame: VideoFrame) => copy(frame, buffer),
    fresh: (frame: VideoFrame) => copy(frame, new Uint8Array(frame.allocationSize())),
    close: () => pool.close(),
  };
}
