/** Decoding of clips in a hidden page, in each form and at small capacities. */
import type { FrameHandle } from '../../../src/index.ts';
import { decodeFrames, FrameDecoder, VideoFramePool } from '../../../src/index.ts';
import type { OpenVideoOptions } from '../../../src/media/index.ts';
import { openVideo } from '../../../src/media/index.ts';
import { clip, timestampsOf } from '../../media/clips.ts';
import { clipBlob, streamOf, trackOf } from '../packets.ts';
import { run } from './program.ts';

const FILES = ['vp8.webm', 'vp9.webm', 'h264_baseline.mp4', 'h264_bframes.mp4', 'av1.mp4'];
const CAPACITIES = [1, 2, 4];

/** Decodes a clip into a pool, and returns the times of its frames. Each frame is released when the next one is requested. */
type Form = (pool: VideoFramePool, file: string) => Promise<number[]>;

async function timesOf(frames: AsyncIterable<FrameHandle>): Promise<number[]> {
  const times: number[] = [];
  for await (const handle of frames) {
    times.push(handle.timestamp);
    handle.release();
  }
  return times;
}

const read =
  (options: OpenVideoOptions): Form =>
  async (pool, file) => {
    const reader = await openVideo(await clipBlob(file), options);
    const times = await timesOf(reader.frames({ pool }));
    await reader.close();
    return times;
  };

async function decode(pool: VideoFramePool, file: string): Promise<number[]> {
  const { config, chunks } = await trackOf(file);
  return timesOf(decodeFrames(pool, streamOf(chunks), config));
}

async function push(pool: VideoFramePool, file: string): Promise<number[]> {
  const { config, chunks } = await trackOf(file);
  const times: number[] = [];
  const decoder = new FrameDecoder({
    pool,
    config,
    output(handle) {
      times.push(handle.timestamp);
      handle.release();
    },
    error: reportError,
  });
  for (const chunk of chunks) await decoder.decode(chunk);
  await decoder.flush();
  decoder.close();
  return times;
}

const worker = (): Worker => new Worker(new URL('./reader-worker.ts', import.meta.url), { type: 'module' });

const FORMS: Readonly<Record<string, Form>> = {
  reader: read({}),
  'reader in a worker': read({ worker }),
  'decodeFrames()': decode,
  FrameDecoder: push,
};

/** Decodes every clip in one form. `incomplete` lists the clips with missing or reordered frames. */
export const decodeClips = (name: string) =>
  run(async () => {
    const form = FORMS[name];
    if (form === undefined) throw new RangeError(`unknown form "${name}"`);
    const complete: string[] = [];
    const incomplete: string[] = [];
    for (const file of FILES) {
      for (const capacity of CAPACITIES) {
        const pool = new VideoFramePool({ capacity });
        const times = await form(pool, file);
        pool.assertNoLeaks();
        const isWhole = times.join() === timestampsOf(clip(file)).join();
        (isWhole ? complete : incomplete).push(`${file} at ${capacity}`);
      }
    }
    return { complete: complete.length, incomplete };
  });
