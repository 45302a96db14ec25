/**
 * The effect of decoding in a worker on the window's thread: its longest task, during which nothing else can run
 * there.
 */
import { VideoFramePool } from '../../../src/index.ts';
import type { OpenVideoOptions } from '../../../src/media/index.ts';
import { openVideo } from '../../../src/media/index.ts';
import type { Case } from '../page/case.ts';
import { casesOf } from '../page/case.ts';
import type { BenchClip } from '../page/clips.ts';
import { madeClip, testClip } from '../page/clips.ts';
import { atLeast, atMost } from '../page/goal.ts';
import { sumOf, tasksOf } from '../page/probes.ts';
import { framesPerSecond, inTurns, pairedInTurns } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { prepared } from '../page/sides.ts';
import { paired } from '../page/statistics.ts';
import { readerSide, side as reader } from '../sides/decoding/reader.ts';
import { CAPACITY } from '../sides/side.ts';

const TITLE = 'decoding in a worker';

/** Repetitions of 60 frames of 320 × 180: about as long as a clip of 1080p takes. */
const TIMES = 20;

/**
 * Repetitions of 60 frames of two seconds: a video of some twenty minutes, whose MP4 lists all its frames in one
 * table.
 */
const FILM_TIMES = 600;

/** Frames that are read of the long video: only the opening is measured. */
const FILM_FRAMES = 60;

/** Makes the worker of one reader. */
const worker = (): Worker =>
  new Worker(new URL('../../../src/media/worker/entry.ts', import.meta.url), { type: 'module' });

const readerInWorker = readerSide('openVideo({ worker }).frames()', { worker });

/** One case for each clip. */
export const cases = (): Case[] => [
  ...casesOf(TITLE, [madeClip], speedWithGoal(0.95)),
  ...casesOf(TITLE, [{ what: 'VP8 320 × 180', load: () => testClip('vp8.webm', TIMES) }], speedWithGoal(0.8)),
  { name: `${TITLE}, a long film`, run: longFilm },
];

async function longFilm(rounds: number): Promise<Measure[]> {
  const { blob } = await testClip('h264_baseline.mp4', FILM_TIMES);
  const tasks = await inTurns(
    { there: () => openingTasks(blob, { worker }), here: () => openingTasks(blob, {}) },
    rounds,
  );
  const measure = (what: string, of: (spent: readonly number[]) => number): Measure => ({
    name: `a long video opened, and its first ${FILM_FRAMES} frames, ${what}: in a worker / in the window`,
    why: 'the load that a worker takes off the window: its longest pause, more than its work',
    unit: 'ms',
    compared: paired(tasks.there.map(of), tasks.here.map(of)),
    goal: atMost(1),
  });
  return [
    measure('the longest task of the window', (spent) => Math.max(...spent)),
    measure('all tasks of the window', sumOf),
  ];
}

const speedWithGoal =
  (goal: number) =>
  async (clip: BenchClip, name: string, rounds: number): Promise<Measure[]> => {
    const there = await prepared(readerInWorker, clip);
    const here = await prepared(reader, clip);
    const speedOf = (decode: () => Promise<number>) => () => framesPerSecond(decode);
    return [
      {
        name: `${name}, frames a second: in a worker / in the window`,
        why: 'a message for each frame costs as much as decoding such a small one, and little beside a large one',
        unit: '1/s',
        compared: await pairedInTurns(speedOf(there), speedOf(here), rounds),
        goal: atLeast(goal),
      },
    ];
  };

/** Processor time in ms of each task of the window's thread, while a video is opened and started. */
function openingTasks(blob: Blob, options: OpenVideoOptions): Promise<number[]> {
  const pool = new VideoFramePool({ capacity: CAPACITY });
  return tasksOf(async () => {
    const file = await openVideo(blob, options);
    let frames = 0;
    for await (const handle of file.frames({ pool })) {
      handle.release();
      if (++frames === FILM_FRAMES) break;
    }
    await file.close();
    if (frames !== FILM_FRAMES) throw new Error(`${frames} frames came`);
  });
}
