/** Streams of frames in a hidden page: a pipe with branches, a track, and an aborted pipe. */
import type { FrameHandle } from '../../../src/index.ts';
import { pooledFrames, shareFrames, trackFrames, VideoFramePool } from '../../../src/index.ts';
import { colourFrame } from '../frames.ts';
import { nextTask, run } from './program.ts';

const FRAMES = 300;
const CAPACITY = 2;

const picture = (timestamp: number): VideoFrame => colourFrame([1, 2, 3], { timestamp });

/** Makes a stream whose frames are made when they are read. */
function pictures(count: number): ReadableStream<VideoFrame> {
  let made = 0;
  return new ReadableStream<VideoFrame>(
    {
      async pull(controller) {
        await nextTask();
        if (made < count) controller.enqueue(picture(made++));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Counts handles and releases each. NaN if they do not arrive in the order of their times. */
async function countOf(readable: ReadableStream<FrameHandle>): Promise<number> {
  let count = 0;
  for await (const handle of readable) {
    if (handle.timestamp !== count++) count = NaN;
    handle.release();
  }
  return count;
}

/** Pipes frames into a pool, and reads them in two branches. */
export const pipeFrames = () =>
  run(async () => {
    const pool = new VideoFramePool({ capacity: CAPACITY });
    const readable = pictures(FRAMES).pipeThrough(pooledFrames(pool));
    const branches = shareFrames(readable, ['screen', 'file']);
    const counts = await Promise.all(branches.map(countOf));
    pool.assertNoLeaks();
    return { counts };
  });

/** Aborts a pipe while it runs. Both sides must end with the reason. */
export const abortPipe = () =>
  run(async () => {
    const pool = new VideoFramePool({ capacity: CAPACITY });
    const aborting = new AbortController();
    const { readable, writable } = pooledFrames(pool, { signal: aborting.signal });
    const reason = (error: unknown): unknown => error;
    const piped = pictures(FRAMES).pipeTo(writable).catch(reason);
    const reader = readable.getReader();
    for (let read = 0; read < 3; read++) (await reader.read()).value?.release();
    aborting.abort('enough');
    const ends = await Promise.all([piped, reader.closed.catch(reason)]);
    pool.assertNoLeaks();
    return { ends };
  });

/** Writes frames into a track, and reads each from it. The iteration ends with the track. */
export const readTrack = () =>
  run(async () => {
    const pool = new VideoFramePool({ capacity: CAPACITY });
    const track = new MediaStreamTrackGenerator({ kind: 'video' });
    const writer = track.writable.getWriter();
    const frames = trackFrames(pool, track);
    let count = 0;
    while (count < FRAMES) {
      const next = frames.next();
      await writer.write(picture(count));
      const { value } = (await next) as IteratorResult<FrameHandle, undefined>;
      if (value?.timestamp !== count++) count = NaN;
      value?.release();
    }
    const end = frames.next();
    await writer.close();
    const { done } = await end;
    pool.assertNoLeaks();
    return { count, done };
  });
