/**
 * Shows frames when they are due, by a clock; one run from a place to an end.
 *
 * Who owns each frame: the iteration hands over one handle at a time, which is shown or dropped, and released before the
 * next is asked for. A run ends at its end, by the signal, or by what reading throws; the iteration is left in each case.
 */
import type { FrameHandle } from '../../src/index.ts';
import type { VideoReader } from '../../src/media/index.ts';
import type { MediaClock } from './clock.ts';

/** Later than this, in µs, and the clock stands until the pictures have come up: what is heard does not run away. */
const MAX_LATE = 500_000;

/** In ms: a frame is shown, however late, when there was none for so long. */
const MAX_STILL_MS = 250;

/** How often it is looked whether what is heard is over, in ms. */
const LOOK_MS = 250;

/** A run. */
export interface Run {
  readonly clock: MediaClock;
  /** Where it begins, in µs; null where the clock runs already, and the pictures are to join it. */
  readonly from: number | null;
  readonly signal: AbortSignal;
  /** The frames from a time on, to the run's end. */
  frames(from: number): ReturnType<VideoReader['frames']>;
  nextPaint(signal: AbortSignal): Promise<number>;
  /** The handle is lent for the call. */
  show(handle: FrameHandle): void;
  /** A frame was due and over before it could be shown. */
  drop(): void;
}

/** Resolves at the end. Frames come in time order: the newest that is due, none after a newer one, and the last in any case. */
export async function runFrames({ clock, from, signal, ...run }: Run): Promise<void> {
  await clock.ready(signal);
  let now = await run.nextPaint(signal);
  const start = from ?? Math.floor(clock.at(now));
  let end = start;
  let shownAt = -Infinity;
  let isStarted = from === null;
  // What the clock passed before the pictures had come up with it was not due: nobody could see it.
  let isCounted = from !== null;
  /** The time of the frame before, where that was left out. */
  let leftOut: number | null = null;
  for await (const handle of run.frames(start)) {
    try {
      const { timestamp, duration } = handle;
      if (leftOut !== null && isCounted) run.drop();
      leftOut = null;
      // The clock starts with the first picture, however long that took.
      if (!isStarted) {
        now = await run.nextPaint(signal);
        clock.start(start, now);
        isStarted = true;
      }
      // After a gap in the video the pictures have come up, too.
      if (clock.at(now) < timestamp) clock.resume(now);
      while (clock.at(now) < timestamp || now === shownAt) now = await run.nextPaint(signal);
      end = timestamp + (duration ?? 0);
      // Of one that does not tell how long it is shown, nobody knows that it is over.
      const late = duration === null || duration === 0 ? -1 : clock.at(now) - end;
      if (late > MAX_LATE * clock.rate) clock.hold(now);
      if (late >= 0 && now - shownAt < MAX_STILL_MS) {
        leftOut = timestamp;
        continue;
      }
      if (late < 0) {
        isCounted = true;
        clock.resume(now);
      }
      run.show(handle);
      shownAt = now;
    } finally {
      handle.release();
    }
  }
  clock.resume(now);
  if (leftOut !== null) await showOne(run, leftOut);
  // The last one is shown for as long as it lasts.
  while (clock.at(now) < end) now = await run.nextPaint(signal);
}

/** The last one was over before it was shown, and nobody could know that it is the last. */
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

/** Resolves at the end of what is heard and not seen; no frame is decoded for it. */
export async function runUnseen(
  { clock, from, signal }: Pick<Run, 'clock' | 'from' | 'signal'>,
  to: number,
): Promise<void> {
  if (from !== null) {
    await clock.ready(signal);
    clock.start(from, performance.now());
  }
  while (clock.at(performance.now()) < to) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    signal.throwIfAborted();
  }
}
