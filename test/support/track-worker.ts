/** Worker that reads a stream of frames, and reports the frames that it saw and the frames that were left open. */
import { trackFrames, VideoFramePool } from '../../src/index.ts';
import { frameAccount } from './frame-account.ts';

const account = frameAccount();
const pool = new VideoFramePool({ capacity: 2 });

async function read(stream: ReadableStream<VideoFrame>): Promise<unknown> {
  const widths: number[] = [];
  for await (const handle of trackFrames(pool, stream)) {
    widths.push(handle.frame.displayWidth);
    handle.release();
    if (widths.length === 3) break;
  }
  return { widths, lent: pool.lentCount, open: account.stillOpen() };
}

addEventListener('message', ({ data }: MessageEvent<ReadableStream<VideoFrame>>) => {
  void read(data).then((result) => postMessage(result));
});

/** An object like a track, because real tracks cannot be sent to this worker. */
const track = { kind: 'video', readyState: 'live' };
try {
  trackFrames(pool, track as MediaStreamTrack);
  postMessage('no error');
} catch (error) {
  postMessage(String(error));
}
