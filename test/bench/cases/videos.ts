/** A wall of small videos: all under one budget, and each by a sink of its own. */
import { VideoSampleSink } from 'mediabunny';
import { FrameBudget, VideoFramePool } from '../../../src/index.ts';
import { openVideo } from '../../../src/media/index.ts';
import type { Case } from '../page/case.ts';
import { testClip, videoTrackOf } from '../page/clips.ts';
import { atLeast, atMost } from '../page/goal.ts';
import { mostOpenFrames, sumOf } from '../page/probes.ts';
import { framesPerSecond, pairedInTurns } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { counted } from '../page/statistics.ts';
import { takeAll } from '../sides/side.ts';

const VIDEOS = 16;

/** Repetitions of 60 frames of 320 × 180. */
const TIMES = 5;

/** Each app shows one picture. */
const HELD = 1;

/** For each video: the displayed picture, the next one, and one in its decoder. */
const MAX_FRAMES = 3 * VIDEOS;

/** For the maximum of open frames: as in the case of one video, an app that is slower than its decoder. */
const PAUSE_MS = 20;

/** Plays one video to its end, and returns the number of frames. */
type Play = (pauseMs: number) => Promise<number>;

export const cases = (): Case[] => [{ name: 'sixteen videos', run: measured }];

async function measured(rounds: number): Promise<Measure[]> {
  const { blob, chunks } = await testClip('vp8.webm', TIMES);
  const all = VIDEOS * chunks.length;
  /** Makes the videos of a side. The returned function plays all of them at once. */
  const wallOf = async (make: () => Promise<Play>): Promise<Play> => {
    const videos = await Promise.all(Array.from({ length: VIDEOS }, make));
    return async (pauseMs) => {
      const frames = sumOf(await Promise.all(videos.map((play) => play(pauseMs))));
      if (frames !== all) throw new Error(`${frames} of ${all} frames`);
      return frames;
    };
  };
  const budget = new FrameBudget({ maxFrames: MAX_FRAMES });
  const ours = await wallOf(() => budgeted(blob, budget));
  const mediabunny = await wallOf(() => sink(blob));
  const speedOf = (play: Play) => () => framesPerSecond(() => play(0));
  const speeds = await pairedInTurns(speedOf(ours), speedOf(mediabunny), rounds);
  // Last, because counting costs time, and the page counts from here on.
  const peakOf = (play: Play): Promise<number> => mostOpenFrames(() => play(PAUSE_MS));
  const open = counted(await peakOf(ours), await peakOf(mediabunny));
  const name = 'sixteen videos of 320 × 180 at once';
  const pair = `one budget of ${MAX_FRAMES} frames / sixteen sample sinks`;
  return [
    {
      name: `${name}, frames a second: ${pair}`,
      why: 'one limit for all of them does not make them slow',
      unit: '1/s',
      compared: speeds,
      goal: atLeast(1),
    },
    {
      name: `${name}, most open frames, slow app: ${pair}`,
      why: 'memory is shared by the page, not reserved for each video',
      unit: 'frames',
      compared: open,
      goal: atMost(1 / 8),
    },
  ];
}

async function budgeted(blob: Blob, budget: FrameBudget): Promise<Play> {
  const file = await openVideo(blob);
  const pool = new VideoFramePool({ capacity: MAX_FRAMES, budget });
  return (pauseMs) => takeAll(file.frames({ pool }), (handle) => handle.release(), pauseMs, HELD);
}

async function sink(blob: Blob): Promise<Play> {
  const samples = new VideoSampleSink(await videoTrackOf(blob));
  return (pauseMs) => takeAll(samples.samples(), (sample) => sample.close(), pauseMs, HELD);
}
