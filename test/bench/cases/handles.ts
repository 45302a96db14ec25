/** What a handle costs by itself, against the `clone()` and `close()` that it stands for. */
import type { FrameHandle } from '../../../src/index.ts';
import { VideoFramePool } from '../../../src/index.ts';
import { trackOf } from '../../support/packets.ts';
import type { Case } from '../page/case.ts';
import { BATCH, keep, microsecondsOf, MORE_ROUNDS } from '../page/operations.ts';
import { inTurns } from '../page/rounds.ts';
import { rowOf } from '../page/row.ts';
import { paired } from '../page/statistics.ts';

/** A second share against a second frame; a frame handed over, with its permit, net and notice, against the same. */
export const handleCases: Case[] = [
  {
    name: 'a handle by itself',
    async run(rounds) {
      const frame = await decodedFrame();
      const pool = new VideoFramePool({ capacity: 4 });
      const handle = pool.adopt(frame.clone());
      const listening = new VideoFramePool({ capacity: 4 });
      let told = 0;
      listening.setListener(() => told++);
      const figures = await inTurns(
        {
          clone: () => microsecondsOf({ prepare: () => frame, run: cloneAndClose }),
          retain: () => microsecondsOf({ prepare: () => handle, run: retainAndRelease }),
          adopt: () =>
            microsecondsOf({
              prepare: () => Array.from({ length: BATCH }, () => frame.clone()),
              run: (frames) => adoptAndRelease(listening, frames),
            }),
        },
        rounds * MORE_ROUNDS,
      );
      if (told === 0) throw new Error('the listener was never told');
      const retained = paired(figures.retain, figures.clone);
      const adopted = paired(figures.adopt, figures.clone);
      return [
        rowOf('a handle by itself: retain() + release() / clone() + close()', 'µs', retained, 'at most', 1),
        rowOf(
          'a handle by itself: adopt() + release() with a listener / clone() + close()',
          'µs',
          adopted,
          'at most',
          4,
        ),
      ];
    },
  },
];

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

/** Closing is part of it, making the frame is not: a decoder has done that. */
function adoptAndRelease(pool: VideoFramePool, frames: readonly VideoFrame[]): void {
  for (const frame of frames) {
    const handle = pool.adopt(frame);
    keep(handle);
    handle.release();
  }
}

/** A frame as a decoder makes it. */
export async function decodedFrame(): Promise<VideoFrame> {
  const { config, chunks } = await trackOf('vp8.webm', 1);
  return new Promise((resolve, reject) => {
    const decoder = new VideoDecoder({ output: resolve, error: reject });
    decoder.configure(config);
    for (const chunk of chunks) decoder.decode(chunk);
    decoder.flush().then(() => decoder.close(), reject);
  });
}
