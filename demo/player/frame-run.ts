/**
 * Shows frames when they are due by a clock, in one run from a start to an end.
 *
 * Ownership: the iteration hands over one handle at a time, which is shown or dropped, and released before the next one
 * is requested. A run ends at its end, on abort, or when reading fails; it leaves the iteration in each case.
 */
import type { FrameHandle } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import type { MediaClock } from './clock.ts';

/**
 * Lateness in µs beyond which the clock pauses until the frames have caught up, so that the sound does not run ahead.
 */
const MAX_LATE = 500_000;

/** A late frame is shown anyway if none was shown for this long, in ms. */
const MAX_FREEZE_MS = 250;

/** Interval in ms at which the end of hidden playback is checked. */
const POLL_MS = 250;

/** Parameters of a run. */
export interface Run {
  readonly clock: MediaClock;
  /** Start time in µs; null if the clock already runs and the frames join it. */
  readonly from: number | null;
  readonly signal: AbortSignal;
  /** Returns the frames from a time to the end of the run. */
  frames(from: number): ReturnType<VideoReader['frames']>;
  nextPaint(signal: AbortSignal): Promise<number>;
  /** Shows a frame. The handle is lent for the call. */
  show(handle: FrameHandle): void;
  /** A frame's time passed before it could be shown. */
  drop(): void;
}

/** Runs to the end. Shows the newest frame that is due, in time order, and always shows the last one. */
export async function runFrames({ clock, from, signal, ...run }: Run): Promise<void> {
  await clock.ready(signal);
  let now = await run.nextPaint(signal);
  const start = from ?? Math.floor(clock.at(now));
  let end = start;
  let shownAt = -Infinity;
  let isStarted = from === null;
  // Frames that the clock passed before the run had caught up were not due: the page was hidden.
  let hasCaughtUp = from !== null;
  /** Timestamp of the previous frame if it was skipped. */
  let skipped: number | null = null;
  for await (const handle of run.frames(start)) {
    try {
      const { timestamp, duration } = handle;
      if (skipped !== null && hasCaughtUp) run.drop();
      skipped = null;
      // The clock starts with the first frame, however long that took.
      if (!isStarted) {
        now = await run.nextPaint(signal);
        clock.start(start, now);
        isStarted = true;
      }
      // After a gap in the video the frames have caught up, too.
      if (clock.at(now) < timestamp) clock.resume(now);
      while (clock.at(now) < timestamp || now === shownAt) now = await run.nextPaint(signal);
      end = timestamp + (duration ?? 0);
      // A frame without a duration has no known end.
      const late = duration === null || duration === 0 ? -1 : clock.at(now) - end;
      if (late > MAX_LATE * clock.rate) clock.hold(now);
      if (late >= 0 && now - shownAt < MAX_FREEZE_MS) {
        skipped = timestamp;
        continue;
      }
      if (late < 0) {
        hasCaughtUp = true;
        clock.resume(now);
      }
      run.show(handle);
      shownAt = now;
    } finally {
      handle.release();
    }
  }
  clock.resume(now);
  if (skipped !== null) await showOne(run, skipped);
  // The last frame is shown for its full duration.
  while (clock.at(now) < end) now = await run.nextPaint(signal);
}

/** Shows the last frame if its time had passed: when it was skipped, it was not known to be the last. */
async function showOne({ frames, show }: Pick<Run, 'frames' | 'show'>, time: number): Promise<void> {
  for await (const handle of frames(time)) {
    try {
      show(handle);
      return;
    } finally {
      handle.release();
    }
  }
}

/** Runs the clock to a time while only sound is audible; no frame is decoded. */
export async function runHidden(
  { clock, from, signal }: Pick<Run, 'clock' | 'from' | 'signal'>,
  to: number,
): Promise<void> {
  if (from !== null) {
    await clock.ready(signal);
    clock.start(from, performance.now());
  }
  while (clock.at(performance.now()) < to) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    signal.throwIfAborted();
  }
}
