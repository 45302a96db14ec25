/** Ways of opening a file, for tests whose claims hold for both. */
import type { OpenVideoOptions, VideoReader } from '../../src/media/index.ts';
import { openVideo } from '../../src/media/index.ts';
import type { DecoderLimits } from '../../src/testing/index.ts';
import { LimitedVideoDecoder } from '../../src/testing/index.ts';
import { frozenAfter } from './decoders.ts';

/** Decoder of a worker of the tests, which reads this from its name. */
export interface WorkerDecoder {
  readonly limits?: DecoderLimits | undefined;
  /** After so many frames it gives no more. */
  readonly freezeAfter?: number | undefined;
  /** The name of the channel on which it counts what goes in and out. */
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
export const WAYS: readonly [WayOfOpening, WayOfOpening] = [
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
