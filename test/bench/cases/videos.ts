/** A wall of small videos: all under one budget, and each by a sink of its own. */
import { ALL_FORMATS, BlobSource, Input, VideoSampleSink } from 'mediabunny';
import type { VideoSample } from 'mediabunny';
import type { FrameHandle } from '../../../src/index.ts';
import { FrameBudget, VideoFramePool } from '../../../src/index.ts';
import { openVideo } from '../../../src/media/index.ts';
import { frameAccount } from '../../support/frame-account.ts';
import type { Case } from '../page/case.ts';
import { testClip } from '../page/clips.ts';
import { atLeast, atMost } from '../page/goal.ts';
import { inTurns } from '../page/rounds.ts';
import { rowOf } from '../page/row.ts';
import { counted, paired } from '../page/statistics.ts';
import { App } from '../sides/side.ts';

const VIDEOS = 16;

/** 60 frames of 320 × 180, so often. */
const TIMES = 5;

/** Each app shows one picture. */
const HELD = 1;

/** For each video the picture that is shown, the one that comes next, and one in its decoder. */
const MAX_FRAMES = 3 * VIDEOS;

/** Of the most open frames: as in the case of one video, an app that is slower than its decoder. */
const PAUSE_MS = 20;

/** Plays all of them at once, to their ends. Tells the number of frames. */
type Wall = (pauseMs: number) => Promise<number>;

export const cases = (): Case[] => [
  {
    name: 'sixteen videos',
    async run(rounds) {
      const { blob, chunks } = await testClip('vp8.webm', TIMES);
      const walls = { ours: await budgeted(blob), mediabunny: await sinks(blob) };
      const all = VIDEOS * chunks.length;
      const timed = (play: Wall) => async (): Promise<number> => {
        const start = performance.now();
        const frames = await play(0);
        if (frames !== all) throw new Error(`${frames} of ${all} frames`);
        return (frames * 1000) / (performance.now() - start);
      };
      const figures = await inTurns({ ours: timed(walls.ours), mediabunny: timed(walls.mediabunny) }, rounds);
      // Last, for counting costs time, and the page counts from here on.
      const open = [await peakOf(walls.ours), await peakOf(walls.mediabunny)] as const;
      const name = 'sixteen videos of 320 × 180 at once';
      const pair = `one budget of ${MAX_FRAMES} frames / sixteen sample sinks`;
      return [
        rowOf({
          name: `${name}, frames a second: ${pair}`,
          why: 'a limit for all of them together does not make them slow',
          unit: '1/s',
          compared: paired(figures.ours, figures.mediabunny),
          goal: atLeast(1),
        }),
        rowOf({
          name: `${name}, most open frames, slow app: ${pair}`,
          why: 'memory is for the page, not for each video',
          unit: 'frames',
          compared: counted(...open),
          goal: atMost(1 / 8),
        }),
      ];
    },
  },
];

async function budgeted(blob: Blob): Promise<Wall> {
  const budget = new FrameBudget({ maxFrames: MAX_FRAMES });
  const videos = await Promise.all(
    Array.from({ length: VIDEOS }, async () => ({
      file: await openVideo(blob),
      pool: new VideoFramePool({ capacity: MAX_FRAMES, budget }),
    })),
  );
  return (pauseMs) =>
    together(
      videos.map(({ file, pool }) => {
        const app = new App((handle: FrameHandle) => handle.release(), HELD);
        return app.takeAll(file.frames({ pool }), pauseMs);
      }),
    );
}

async function sinks(blob: Blob): Promise<Wall> {
  const videos = await Promise.all(
    Array.from({ length: VIDEOS }, async () => {
      const input = new Input({ formats: ALL_FORMATS, source: new BlobSource(blob) });
      const track = await input.getPrimaryVideoTrack();
      if (track === null) throw new Error('no video');
      return new VideoSampleSink(track);
    }),
  );
  return (pauseMs) =>
    together(
      videos.map((sink) => {
        const app = new App((sample: VideoSample) => sample.close(), HELD);
        return app.takeAll(sink.samples(), pauseMs);
      }),
    );
}

const together = async (counts: readonly Promise<number>[]): Promise<number> =>
  (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);

async function peakOf(play: Wall): Promise<number> {
  const account = frameAccount();
  account.reset();
  await play(PAUSE_MS);
  const left = account.stillOpen().length;
  if (left > 0) throw new Error(`${left} frames were left open`);
  return account.peak;
}
