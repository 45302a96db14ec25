/** The two ways of opening a file, for tests whose claims hold for both. */
import type { OpenVideoOptions, VideoReader } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import type { DecoderLimits } from '../../src/testing/index.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import { frozenAfter } from './decoders.ts';

/** Which decoder a worker of the tests uses. It is told by its name. */
export interface WorkerDecoder {
  readonly limits?: DecoderLimits;
  /** After so many frames it gives no more. */
  readonly freezeAfter?: number;
  /** The name of the channel on which it tells what goes in and out. */
  readonly countsTo?: string;
  /** A lock that it holds for as long as it lives. */
  readonly holdsLock?: string;
}

/** Makes a worker that serves readers. */
export const readerWorker = (decoder: WorkerDecoder = {}): Worker =>
  new Worker(new URL('./reader-worker.ts', import.meta.url), {
    type: 'module',
    name: JSON.stringify(decoder),
  });

type Source = Parameters<typeof openVideo>[0];

/** How a test opens a file. */
export interface WayOfOpening {
  readonly way: string;
  open(
    source: Source,
    options?: Omit<OpenVideoOptions, 'decoder' | 'worker'> & Pick<WorkerDecoder, 'limits' | 'freezeAfter'>,
  ): Promise<VideoReader>;
}

/** In this thread, and in a worker. */
export const WAYS: readonly WayOfOpening[] = [
  {
    way: 'in this thread',
    open: (source, { limits, freezeAfter, ...options } = {}) => {
      if (freezeAfter !== undefined)
        return openVideo(source, { ...options, decoder: frozenAfter(freezeAfter) });
      return openVideo(
        source,
        limits === undefined ? options : { ...options, decoder: LimitedVideoDecoder.with(limits) },
      );
    },
  },
  {
    way: 'in a worker',
    open: (source, { limits = {}, freezeAfter, ...options } = {}) =>
      openVideo(source, {
        ...options,
        worker: () => readerWorker(freezeAfter === undefined ? { limits } : { freezeAfter }),
      }),
  },
];
