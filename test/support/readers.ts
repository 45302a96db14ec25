/**
 * Two ways to open a file, in this thread and in a worker, for tests that cover both, and clips that are opened together with a
 * pool.
 */
import { afterEach } from 'vitest';
import type { PoolOptions } from '../../src/index.ts';
import { VideoFramePool } from '../../src/index.ts';
import type { OpenVideoOptions, VideoReader } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import type { DecoderLimits } from '../../src/testing/index.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import { frozenAfter } from './decoders.ts';
import { clipBlob } from './packets.ts';

/** Configuration of the decoder of a test worker, which the worker reads from its name. */
export interface WorkerDecoder {
  readonly limits?: DecoderLimits | undefined;
  /** Number of frames after which the decoder gives no more. */
  readonly freezeAfter?: number | undefined;
  /** The name of the channel to which the decoder posts its input and output counts. */
  readonly countsTo?: string;
  /** Name of a lock that the worker holds for its whole life. */
  readonly holdsLock?: string;
}

/** Makes a worker that serves readers. */
export const readerWorker = (decoder: WorkerDecoder = {}): Worker =>
  new Worker(new URL('./reader-worker.ts', import.meta.url), {
    type: 'module',
    name: JSON.stringify(decoder),
  });

type Source = Parameters<typeof openVideo>[0];
type Options = Omit<OpenVideoOptions, 'decoder' | 'worker'> & Pick<WorkerDecoder, 'limits' | 'freezeAfter'>;
type Open = (source: Source, options?: Options) => Promise<VideoReader>;

/** The two ways: in this thread, and in a worker. */
export const WAYS: readonly [way: { way: string; open: Open }, other: { way: string; open: Open }] = [
  {
    way: 'in this thread',
    open: (source, { limits, freezeAfter, ...options } = {}) =>
      openVideo(source, {
        ...options,
        decoder:
          freezeAfter === undefined ? limits && LimitedVideoDecoder.with(limits) : frozenAfter(freezeAfter),
      }),
  },
  {
    way: 'in a worker',
    open: (source, { limits, freezeAfter, ...options } = {}) =>
      openVideo(source, { ...options, worker: () => readerWorker({ limits, freezeAfter }) }),
  },
];

/** Opens clips, each with its own pool. After each test, no slot of these pools may be out. Then their readers are closed. */
export function clipOpener() {
  const opened: { pool: VideoFramePool; reader: VideoReader }[] = [];
  afterEach(async () => {
    for (const { pool, reader } of opened.splice(0)) {
      try {
        pool.assertNoLeaks();
      } finally {
        await reader.close();
      }
    }
  });
  return async (
    open: (file: Blob, options?: Options) => Promise<VideoReader>,
    file: string,
    poolOptions: PoolOptions,
    options?: Options,
  ) => {
    const pool = new VideoFramePool(poolOptions);
    const reader = await open(await clipBlob(file), options);
    opened.push({ pool, reader });
    return { pool, reader };
  };
}
