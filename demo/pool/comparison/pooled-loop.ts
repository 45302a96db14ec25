/** Correct decode loop with a pool: fewer slots than the decoder has surfaces, and thumbnails that are copies. */
import type { CanvasStorage, FrameHandle } from '../../../src/index.ts';
import { canvasStorage, decodeFrames, VideoFramePool } from '../../../src/index.ts';
import type { LoopOptions } from './loop-options.ts';
import { SURFACES, THUMBNAIL, THUMBNAILS } from './loop-options.ts';

/** Plays the clip with a pool. */
export async function playPooled({ clip, decoder, side, pace, signal }: LoopOptions): Promise<void> {
  const pool = new VideoFramePool({ capacity: SURFACES - 1, name: 'with a pool' });
  const copies = new VideoFramePool({
    capacity: THUMBNAILS,
    storage: canvasStorage(THUMBNAIL),
    name: 'thumbnails',
  });
  const kept: FrameHandle<CanvasStorage>[] = [];
  try {
    for await (const handle of decodeFrames(pool, clip.chunks(), clip.config, { decoder, signal })) {
      try {
        if (kept.length === THUMBNAILS) kept.shift()?.release();
        kept.push(await handle.copyTo(copies, { signal }));
        await pace(handle.timestamp, signal);
        side.show(
          handle.frame,
          kept.map(({ canvas }) => canvas),
        );
      } finally {
        handle.release();
      }
    }
  } finally {
    for (const copy of kept) copy.release();
    copies.close();
    pool.close();
  }
}
