/** The cost of a handle alone, against the `clone()` and `close()` that it replaces. */
import type { FrameHandle } from '../../../src/index.ts';
import { VideoFramePool } from '../../../src/index.ts';
import type { Case } from '../page/case.ts';
import { decodedFrame } from '../page/clips.ts';
import { atMost } from '../page/goal.ts';
import { BATCH, keep, microsecondsOf, MORE_ROUNDS } from '../page/operations.ts';
import { inTurns } from '../page/rounds.ts';
import type { Measure } from '../page/row.ts';
import { paired } from '../page/statistics.ts';

export const cases = (): Case[] => [{ name: 'a handle by itself', run: measured }];

/**
 * A second share against a second frame; an adopted frame, with its permit, leak detection and notice, against the
 * same.
 */
async function measured(rounds: number): Promise<Measure[]> {
  const frame = await decodedFrame();
  const handle = new VideoFramePool({ capacity: 4 }).adopt(frame.clone());
  const listening = new VideoFramePool({ capacity: 4 });
  let notices = 0;
  listening.setListener(() => notices++);
  const clones = (): VideoFrame[] => Array.from({ length: BATCH }, () => frame.clone());
  const figures = await inTurns(
    {
      clone: () => microsecondsOf({ prepare: () => frame, run: cloneAndClose }),
      retain: () => microsecondsOf({ prepare: () => handle, run: retainAndRelease }),
      adopt: () => microsecondsOf({ prepare: clones, run: (frames) => adoptAndRelease(listening, frames) }),
    },
    rounds * MORE_ROUNDS,
  );
  if (notices === 0) throw new Error('the listener was never called');
  return [
    {
      name: 'a share: retain() + release() / clone() + close()',
      why: 'a second holder is a count, not another frame',
      unit: 'µs',
      compared: paired(figures.retain, figures.clone),
      goal: atMost(0.15),
    },
    {
      name: 'an adopted frame: adopt() + release() with leak detector and listener / clone() + close()',
      why: 'slot, leak detection and notice together cost about as much as a frame alone',
      unit: 'µs',
      compared: paired(figures.adopt, figures.clone),
      goal: atMost(4),
    },
  ];
}

function cloneAndClose(frame: VideoFrame): void {
  for (let index = 0; index < BATCH; index++) {
    const clone = frame.clone();
    keep(clone);
    clone.close();
  }
}

function retainAndRelease(handle: FrameHandle): void {
  for (let index = 0; index < BATCH; index++) {
    const share = handle.retain();
    keep(share);
    share.release();
  }
}

/** Closing the frame is included, making it is not: a decoder has done that. */
function adoptAndRelease(pool: VideoFramePool, frames: readonly VideoFrame[]): void {
  for (const frame of frames) {
    const handle = pool.adopt(frame);
    keep(handle);
    handle.release();
  }
}
